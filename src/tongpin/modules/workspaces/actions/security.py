"""What a workspace asks of everyone who enters it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict

from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import Conflict, Denied, NotFound
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy import entry
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.workspaces import events

_FIELDS = ("second_factor_required",)


class EditSecurity(BaseModel):
    """Only what is given is changed."""

    model_config = ConfigDict(extra="forbid")

    second_factor_required: bool | None = None


def _before(before: dict[str, Any], row: Workspace) -> dict[str, Any]:
    return {name: before[name] for name in _FIELDS if before[name] != getattr(row, name)}


@action(
    "workspaces.security.edit",
    permission="workspaces.security.edit",
    target=Workspace,
    inverse="workspaces.security.edit",
    inverse_data=_before,
    api=False,
)
def edit_security(actor: Actor, row: Workspace, data: EditSecurity) -> Workspace:
    """Require two-step sign-in of everyone who enters the workspace, or no longer."""
    if actor.workspace is None or row.pk != actor.workspace.pk:
        raise NotFound  # the role that was checked is the one in the actor's own workspace
    if actor.scopes is not None:
        raise Denied
    if data.second_factor_required:
        _require_own_second_factor(actor)
    wanted = {name: value for name in _FIELDS if (value := getattr(data, name)) is not None}
    changed = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    if changed:
        for name, value in changed.items():
            setattr(row, name, value)
        row.save(update_fields=list(changed))
        emit(events.SecurityEdited(**changed), row)
    return row


def _require_own_second_factor(actor: Actor) -> None:
    if actor.user is not None and not entry.with_second_factor([actor.user.pk]):
        raise Conflict(
            _("Set up your own second step first: without one you could not enter the workspace any more."),
            code="own_second_factor_missing",
            hint=_("It is on your Security page."),
        )
