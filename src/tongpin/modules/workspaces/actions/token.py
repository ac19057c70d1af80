"""Personal API tokens, and what all tokens have in common."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import authz, clock
from tongpin.kernel.actions import rate
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Denied, Invalid
from tongpin.kernel.events.recording import emit, recording
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Via
from tongpin.kernel.tenancy.models import User
from tongpin.modules.workspaces import token_events as events
from tongpin.modules.workspaces.fields import Name
from tongpin.modules.workspaces.models import ApiToken

#: ``last_used_at`` is written at most this often, so that a busy program does not write a row per call.
TOUCHED_EVERY = timedelta(minutes=1)
MOVES_AN_HOUR = 10


class CreateToken(BaseModel):
    """``days`` None makes a token without end."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    scopes: list[str] = Field(min_length=1, max_length=60)
    days: int | None = Field(default=90, ge=1, le=730)


def known_scopes(scopes: list[str], known: list[str]) -> list[str]:
    """The scopes, each once. Raises Invalid for one that is not among the known."""
    unknown = sorted(set(scopes) - set(known))
    if unknown:
        raise Invalid(_("Unknown scope: %(scopes)s") % {"scopes": ", ".join(unknown)}, field="scopes")
    return sorted(set(scopes))


def end_after(days: int | None) -> datetime | None:
    """When a token that works for so many days from now ends; None for one without end."""
    return clock.now() + timedelta(days=days) if days else None


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
    row = ApiToken(
        workspace=actor.workspace,
        user=actor.user,
        membership=actor.membership,
        name=data.name,
        scopes=known_scopes(data.scopes, authz.scopes()),
        expires_at=end_after(data.days),
    )
    row.renew()
    row.save()
    emit(events.TokenCreated(name=row.name, scopes=row.scopes), row)
    return row


@action("workspaces.token.revoke", permission="workspaces.token.revoke", target=ApiToken)
def revoke_token(actor: Actor, row: ApiToken, data: Empty) -> ApiToken:
    """Stop a token for good."""
    if row.revoked_at is None:
        stop(row)
    return row


def stop(row: ApiToken) -> None:
    """Let it in no more, by no secret."""
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
            stop(row)


def touch(row: ApiToken, ip: str | None) -> None:
    """Note that the token was just used; the first use of a day and of another address is an event as well."""
    now, last = clock.now(), row.last_used_at
    if last is not None and last >= now - TOUCHED_EVERY and row.last_ip == ip:
        return
    unchanged = ApiToken.objects.filter(pk=row.pk, last_used_at=last, last_ip=row.last_ip)
    with transaction.atomic():
        # Of two calls at once one notes it.
        if not unchanged.update(last_used_at=now, last_ip=ip):
            return
        new_day = last is None or last.date() != now.date()
        # Programs behind changing addresses would fill the log: so many changes an hour are told.
        if new_day or (row.last_ip != ip and rate.count(f"token:{row.pk}", 3600)[0] <= MOVES_AN_HOUR):
            actor = Actor.for_member(row.membership, Via.API, ip=ip)
            with recording(actor, "workspaces.token.use"):
                emit(events.TokenUsed(name=row.name), row)
