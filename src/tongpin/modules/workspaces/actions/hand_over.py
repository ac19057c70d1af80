"""When somebody leaves: what they answer for goes to others, and their access ends, in one step that can be undone."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import ownership
from tongpin.kernel.actions.door import Outcome, run_named
from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces import people_events
from tongpin.modules.workspaces.actions.member import deactivate_member, require_power_over


class HandOver(BaseModel):
    """``successors``: a key of ``kernel.ownership`` to the member who gets all of that kind; the others stay."""

    model_config = ConfigDict(extra="forbid")

    successors: dict[str, uuid.UUID] = Field(default={}, max_length=50)
    deactivate: bool = True


class Step(BaseModel):
    model_config = ConfigDict(extra="forbid")

    action: str
    target: uuid.UUID
    data: dict[str, Any] = {}
    version: int | None = None


class TakeBack(BaseModel):
    """The inverse of each part, the last one first."""

    model_config = ConfigDict(extra="forbid")

    steps: list[Step] = Field(max_length=1000)


@action(
    "workspaces.member.hand_over",
    permission="workspaces.member.edit",
    target=Membership,
    inverse="workspaces.member.take_back",
    inverse_data=lambda before, row: {"steps": row.steps_back},
)
def hand_over(actor: Actor, row: Membership, data: HandOver) -> Membership:
    """Give what a member answers for to others and, unless told otherwise, end the member's access."""
    require_power_over(actor, row.role)
    kinds = ownership.kinds()
    steps: list[dict[str, Any]] = []
    things = 0
    for key, public_id in data.successors.items():
        if key not in kinds:
            raise Invalid(
                _("There is nothing of this kind to hand over."), field="successors", code="no_kind"
            )
        successor = _successor(actor, row, public_id)
        for thing in kinds[key].rows(actor, row):
            _note(steps, kinds[key].give(actor, thing, successor))
            things += 1
    if things:
        emit(people_events.MemberHandedOver(things=things), row)
    if data.deactivate:
        _note(steps, deactivate_member.run(actor, {}, target=row))
    row.steps_back = steps  # type: ignore[attr-defined]
    return row


def _successor(actor: Actor, row: Membership, public_id: uuid.UUID) -> Membership:
    found = Membership.objects.visible_to(actor).active().exclude(pk=row.pk)
    successor: Membership | None = found.select_related("user").filter(public_id=public_id).first()
    if successor is None:
        raise Invalid(_("This is not another member of the workspace."), field="successors", code="no_member")
    return successor


def _note(steps: list[dict[str, Any]], outcome: Outcome[Any]) -> None:
    undo = outcome.undo
    if undo is not None and outcome.events:
        step = {"action": undo.action, "target": str(undo.target), "data": undo.data, "version": undo.version}
        steps.insert(0, step)


@action("workspaces.member.take_back", permission="workspaces.member.edit", target=Membership, api=False)
def take_back(actor: Actor, row: Membership, data: TakeBack) -> Membership:
    """Undo a handing over as a whole: the access and every single thing. What others changed since is a Conflict."""
    known = {"workspaces.member.reactivate", *(kind.undone_by for kind in ownership.kinds().values())}
    for step in data.steps:
        if step.action not in known:
            raise Invalid(_("There is nothing of this kind to hand over."), field="steps", code="no_kind")
        run_named(step.action, actor, step.data, target=step.target, version=step.version)
    return row
