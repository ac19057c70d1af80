"""What a workspace asks of everyone who enters it."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import Conflict, Denied, Invalid, NotFound
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy import entry
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Via
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.workspaces import events

_FIELDS = ("second_factor_required", "allowed_networks", "session_hours", "idle_minutes")


class EditSecurity(BaseModel):
    """Only what is given is changed. ``allowed_networks`` are addresses or networks (CIDR), none lets everyone in;
    of ``session_hours`` and ``idle_minutes`` 0 is no limit.
    """

    model_config = ConfigDict(extra="forbid")

    second_factor_required: bool | None = None
    allowed_networks: list[str] | None = Field(default=None, max_length=100)
    session_hours: int | None = Field(default=None, ge=0, le=24 * 14)
    idle_minutes: Literal[0] | Annotated[int, Field(ge=5, le=24 * 60)] | None = None


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
    """Two-step sign-in, networks and session length for everyone who enters the workspace."""
    if actor.workspace is None or row.pk != actor.workspace.pk:
        raise NotFound  # the role that was checked is the one in the actor's own workspace
    if actor.scopes is not None:
        raise Denied
    if data.second_factor_required:
        _require_own_second_factor(actor)
    wanted = {name: value for name in _FIELDS if (value := getattr(data, name)) is not None}
    if data.allowed_networks is not None:
        wanted["allowed_networks"] = networks = written_out(data.allowed_networks)
        _require_own_address(actor, networks)
    changed = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    if changed:
        for name, value in changed.items():
            setattr(row, name, value)
        row.save(update_fields=list(changed))
        emit(events.SecurityEdited(**changed), row)
    return row


def written_out(texts: list[str]) -> list[str]:
    """Networks in their one form, each once, sorted as they were given. Raises Invalid for what is none."""
    found: dict[str, None] = {}
    for text in texts:
        try:
            found[str(ipaddress.ip_network(text.strip(), strict=False))] = None
        except ValueError:
            raise Invalid(
                _("“%(text)s” is not an address or network.") % {"text": text},
                field="allowed_networks",
                hint=_("Write one such as 203.0.113.7, 10.1.0.0/16 or 2001:db8::/32."),
                fields={"allowed_networks": [_("“%(text)s” is not an address or network.") % {"text": text}]},
            ) from None
    return list(found)


def _require_own_address(actor: Actor, networks: list[str]) -> None:
    """The command line is no address: from there an owner mends a list that shut everyone out."""
    if actor.via in (Via.WEB, Via.API) and not entry.lets_in(networks, actor.ip):
        raise Conflict(
            _("Your own address, %(address)s, is not among them: you would lock yourself out.")
            % {"address": actor.ip or "?"},
            code="own_address_missing",
            hint=_("Add it, or a network it lies in."),
            field="allowed_networks",
        )


def _require_own_second_factor(actor: Actor) -> None:
    if actor.user is not None and not entry.with_second_factor([actor.user.pk]):
        raise Conflict(
            _("Set up your own second step first: without one you could not enter the workspace any more."),
            code="own_second_factor_missing",
            hint=_("It is on your Security page."),
        )
