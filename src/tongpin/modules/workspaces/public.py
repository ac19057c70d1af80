"""What higher modules, the API and the command line may call."""

from __future__ import annotations

from collections.abc import Iterable

from tongpin.kernel.realtime.bearers import Bearer
from tongpin.kernel.tenancy import entry
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Via
from tongpin.lib import access_key
from tongpin.modules.workspaces.actions.account import create_account
from tongpin.modules.workspaces.actions.audit import note_refusal
from tongpin.modules.workspaces.actions.token import touch
from tongpin.modules.workspaces.enums import ProjectRole
from tongpin.modules.workspaces.in_project import frame, in_project
from tongpin.modules.workspaces.models import ApiToken, Project, WorkspaceToken, digest
from tongpin.modules.workspaces.queries.activity import Described, cards_for, describe, say
from tongpin.modules.workspaces.queries.calendar import calendar_of, country_of, spoken
from tongpin.modules.workspaces.queries.member import members as find_members
from tongpin.modules.workspaces.queries.member import shows_address
from tongpin.modules.workspaces.queries.project import leads_of, may_work_in, role_in
from tongpin.modules.workspaces.queries.project import visible as projects_seen_by
from tongpin.modules.workspaces.queries.token import own as tokens_of
from tongpin.modules.workspaces.zones import zone_choices

__all__ = [
    "Described",
    "Project",
    "ProjectRole",
    "authenticate",
    "calendar_of",
    "cards_for",
    "country_of",
    "create_account",
    "describe",
    "find_members",
    "frame",
    "in_project",
    "leads_of",
    "may_work_in",
    "note_refusal",
    "open_stream",
    "projects_seen_by",
    "role_in",
    "say",
    "shows_address",
    "spoken",
    "tokens_of",
    "working_keys",
    "zone_choices",
]


def authenticate(secret: str, *, ip: str | None = None) -> Actor | None:
    """Who an API token acts as, with its scopes; None for one that does not (or no longer) work.

    Also notes that the token was used, at most once a minute. Raises Denied where the workspace's security settings
    keep the member out: a token is no way round them.
    """
    if secret.startswith(WorkspaceToken.PREFIX) and not access_key.is_proper(secret):
        return None
    row = (
        ApiToken.objects.opened_by([digest(secret)]).select_related("user", "workspace", "membership").first()
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
        token=row.public_id,
    )


def open_stream(secret: str, ip: str | None) -> Bearer | None:
    """``authenticate`` for ``/rt/events``. The stream is followed by the secret's digest."""
    actor = authenticate(secret, ip=ip)
    return Bearer(digest(secret), actor) if actor is not None else None


def working_keys(keys: Iterable[str]) -> set[str]:
    """Those of these digests that still open a stream."""
    held = set(keys)
    rows = ApiToken.objects.opened_by(held)
    return held & {key for pair in rows.values_list("secret_hash", "old_hash") for key in pair}
