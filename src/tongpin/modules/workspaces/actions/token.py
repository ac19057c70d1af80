"""Personal API tokens."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import authz, clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Denied, Invalid
from tongpin.kernel.events.recording import emit, recording
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import User
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.fields import Name
from tongpin.modules.workspaces.models import ApiToken, digest

#: ``last_used_at`` is written at most this often, so that a busy program does not write a row per call.
TOUCHED_EVERY = timedelta(minutes=1)


class CreateToken(BaseModel):
    """``days`` None makes a token without end."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    scopes: list[str] = Field(min_length=1, max_length=60)
    days: int | None = Field(default=90, ge=1, le=730)


@action(
    "workspaces.token.create",
    permission="workspaces.token.create",
    inverse="workspaces.token.revoke",
    api=False,
)
def create_token(actor: Actor, data: CreateToken) -> ApiToken:
    """Make a token that acts as oneself in this workspace. It is shown this once (``secret``)."""
    if actor.scopes is not None:
        raise Denied(_("A token cannot make tokens."), code="token_makes_no_tokens")
    if actor.user is None or actor.membership is None or actor.workspace is None:
        raise Denied
    unknown = sorted(set(data.scopes) - set(authz.scopes()))
    if unknown:
        raise Invalid(_("Unknown scope: %(scopes)s") % {"scopes": ", ".join(unknown)}, field="scopes")
    secret = ApiToken.new_secret()
    row = ApiToken(
        workspace=actor.workspace,
        user=actor.user,
        membership=actor.membership,
        name=data.name,
        prefix=secret[:10],
        secret_hash=digest(secret),
        scopes=sorted(set(data.scopes)),
        expires_at=clock.now() + timedelta(days=data.days) if data.days else None,
    )
    row.save()
    row.secret = secret
    emit(events.TokenCreated(name=row.name, scopes=row.scopes), row)
    return row


@action("workspaces.token.revoke", permission="workspaces.token.revoke", target=ApiToken)
def revoke_token(actor: Actor, row: ApiToken, data: Empty) -> ApiToken:
    """Stop a token for good."""
    if row.revoked_at is None:
        _stop(row)
    return row


def _stop(row: ApiToken) -> None:
    row.revoked_at = clock.now()
    row.save(update_fields=["revoked_at"])
    emit(events.TokenRevoked(name=row.name), row)


def revoke_all(user: User, *, ip: str | None = None) -> None:
    """Stop every token of an account that may have been in other hands, in all its workspaces."""
    rows = ApiToken.objects.filter(user=user, revoked_at=None).select_related("workspace")
    with (
        transaction.atomic(),
        recording(Actor.of(user, ip=ip), "workspaces.account.revoke_tokens"),
    ):
        for row in rows.select_for_update(of=("self",)):
            _stop(row)


def touch(row: ApiToken) -> None:
    """Note that the token was just used."""
    now = clock.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - TOUCHED_EVERY)
    if row.last_used_at is None or row.last_used_at < now - TOUCHED_EVERY:
        ApiToken.objects.filter(stale, pk=row.pk).update(last_used_at=now)
