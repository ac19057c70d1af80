"""Tokens that belong to the workspace: made, given a new secret and revoked by its owners and admins."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import authz, clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Denied, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, User, Workspace
from tongpin.lib.ids import new_id
from tongpin.modules.workspaces import token_events as events
from tongpin.modules.workspaces.actions.token import end_after, known_scopes, stop
from tongpin.modules.workspaces.fields import Name
from tongpin.modules.workspaces.models import WorkspaceToken


class CreateWorkspaceToken(BaseModel):
    """``role`` is what it sees and may do at most, within its scopes; ``days`` None makes a token without end."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    role: Literal["member", "admin"] = "member"
    scopes: list[str] = Field(min_length=1, max_length=60)
    days: int | None = Field(default=90, ge=1, le=730)


class RotateWorkspaceToken(BaseModel):
    """For how many hours the old secret goes on working, and for how many days the new one does."""

    model_config = ConfigDict(extra="forbid")

    grace_hours: Literal[0, 24] = 0
    days: int | None = Field(default=90, ge=1, le=730)


@action(
    "workspaces.workspace_token.create",
    permission="workspaces.workspace_token.create",
    inverse="workspaces.workspace_token.revoke",
    api=False,
)
def create_workspace_token(actor: Actor, data: CreateWorkspaceToken) -> WorkspaceToken:
    """Make a token that acts under its own name and outlasts its maker. It is shown this once (``secret``)."""
    _require_person(actor)
    assert actor.workspace is not None
    # Of two of one name at once, one is told so.
    workspace = Workspace.objects.select_for_update(no_key=True).get(pk=actor.workspace.pk)
    if WorkspaceToken.objects.visible_to(actor).filter(name=data.name, revoked_at=None).exists():
        raise Invalid(
            _("There is a workspace token of this name. Choose another."), field="name", code="name_taken"
        )
    user = User.objects.create_user(
        f"{new_id().hex}@token.invalid", name=data.name, is_token=True,
        language=workspace.language, time_zone=workspace.time_zone,
    )  # fmt: skip
    row = WorkspaceToken(
        workspace=workspace,
        user=user,
        membership=Membership.objects.create(workspace=workspace, user=user, role=data.role, is_token=True),
        name=data.name,
        scopes=known_scopes(data.scopes, authz.scopes_of_workspace_tokens()),
        expires_at=end_after(data.days),
        made_by=actor.membership,
    )
    row.renew()
    row.save()
    emit(events.TokenIssued(name=row.name, role=data.role, scopes=row.scopes, until=row.expires_at), row)
    return row


@action(
    "workspaces.workspace_token.rotate",
    permission="workspaces.workspace_token.edit",
    target=WorkspaceToken,
    api=False,
)
def rotate_workspace_token(actor: Actor, row: WorkspaceToken, data: RotateWorkspaceToken) -> WorkspaceToken:
    """Give a token a new secret, shown this once, and a new end. The old secret stops now, or a day later."""
    _require_person(actor)
    if row.revoked_at is not None:
        raise Conflict(
            _("This token is revoked."), code="token_revoked", hint=_("Make a new one in its place.")
        )
    grace = clock.now() + timedelta(hours=data.grace_hours)
    row.old_hash = row.secret_hash if data.grace_hours else ""
    row.old_until = min(grace, row.expires_at or grace) if data.grace_hours else None
    row.expires_at = end_after(data.days)
    row.renew()
    row.save(update_fields=["old_hash", "old_until", "expires_at", "prefix", "secret_hash"])
    emit(events.TokenRotated(name=row.name, grace_hours=data.grace_hours, until=row.expires_at), row)
    return row


@action(
    "workspaces.workspace_token.revoke",
    permission="workspaces.workspace_token.edit",
    target=WorkspaceToken,
    api=False,
)
def revoke_workspace_token(actor: Actor, row: WorkspaceToken, data: Empty) -> WorkspaceToken:
    """Stop a token for good, whichever of its secrets is used. What it did stays, under its name."""
    if row.revoked_at is None:
        stop(row)
    return row


def _require_person(actor: Actor) -> None:
    """Denied to a person's own token too: no secret makes another."""
    if actor.scopes is not None:
        raise Denied(_("A token cannot make tokens."), code="token_makes_no_tokens")
    if actor.membership is None:
        raise Denied
