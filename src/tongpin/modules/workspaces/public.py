"""What higher modules, the API and the command line may call."""

from __future__ import annotations

from django.db.models import QuerySet

from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Via
from tongpin.modules.workspaces.actions.account import create_account
from tongpin.modules.workspaces.actions.token import touch
from tongpin.modules.workspaces.models import ApiToken, digest
from tongpin.modules.workspaces.queries.activity import Described, describe

__all__ = ["Described", "authenticate", "create_account", "describe", "tokens_of"]


def authenticate(secret: str, *, ip: str | None = None) -> Actor | None:
    """The member an API token acts as, with its scopes; None for one that does not (or no longer) work.

    Also notes that the token was used, at most once a minute.
    """
    row = (
        ApiToken.objects.working()
        .select_related("user", "workspace", "membership")
        .filter(secret_hash=digest(secret))
        .first()
    )
    if row is None:
        return None
    touch(row)
    return Actor(
        user=row.user,
        workspace=row.workspace,
        membership=row.membership,
        via=Via.API,
        scopes=frozenset(row.scopes),
        ip=ip,
    )


def tokens_of(actor: Actor) -> QuerySet[ApiToken]:
    """The actor's own tokens that have not been revoked, newest first."""
    rows: QuerySet[ApiToken] = ApiToken.objects.visible_to(actor)
    return rows.filter(user=actor.user, revoked_at=None).order_by("-pk")
