"""What higher modules, the API and the command line may call."""

from __future__ import annotations

from tongpin.kernel.tenancy import entry
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Via
from tongpin.modules.workspaces.actions.account import create_account
from tongpin.modules.workspaces.actions.audit import note_refusal
from tongpin.modules.workspaces.actions.token import touch
from tongpin.modules.workspaces.enums import ProjectRole
from tongpin.modules.workspaces.in_project import frame, in_project
from tongpin.modules.workspaces.models import ApiToken, Project, digest
from tongpin.modules.workspaces.queries.activity import Described, describe, say
from tongpin.modules.workspaces.queries.calendar import calendar_of, country_of
from tongpin.modules.workspaces.queries.member import members as find_members
from tongpin.modules.workspaces.queries.member import shows_address
from tongpin.modules.workspaces.queries.project import may_work_in, role_in
from tongpin.modules.workspaces.queries.project import visible as projects_seen_by
from tongpin.modules.workspaces.queries.token import own as tokens_of

__all__ = [
    "Described",
    "Project",
    "ProjectRole",
    "authenticate",
    "calendar_of",
    "country_of",
    "create_account",
    "describe",
    "find_members",
    "frame",
    "in_project",
    "may_work_in",
    "note_refusal",
    "projects_seen_by",
    "role_in",
    "say",
    "shows_address",
    "tokens_of",
]


def authenticate(secret: str, *, ip: str | None = None) -> Actor | None:
    """The member an API token acts as, with its scopes; None for one that does not (or no longer) work.

    Also notes that the token was used, at most once a minute. Raises Denied where the workspace's security settings
    keep the member out: a token is no way round them.
    """
    row = (
        ApiToken.objects.working()
        .select_related("user", "workspace", "membership")
        .filter(secret_hash=digest(secret))
        .first()
    )
    if row is None:
        return None
    entry.require(row.workspace, row.user, ip=ip)
    touch(row, ip)
    return Actor(
        user=row.user,
        workspace=row.workspace,
        membership=row.membership,
        via=Via.API,
        scopes=frozenset(row.scopes),
        ip=ip,
    )
