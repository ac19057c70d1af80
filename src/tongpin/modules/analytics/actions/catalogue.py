"""What people say of events and their properties: what they mean, who answers for them, what should arrive."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, StringConstraints

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.analytics import catalogue_events as events
from tongpin.modules.analytics.models import EventName, EventProperty
from tongpin.modules.analytics.models.catalogue import LONGEST_NAME
from tongpin.modules.analytics.permissions import PLAN

MOST_PLANNED = 2_000

Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class PlanEvent(BaseModel):
    """An event that should arrive. ``name`` is exact: capitals and blanks count (SPEC I3)."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    description: Text = ""


class EditEvent(BaseModel):
    """Only what is given is changed. ``owner`` is the public id of a member, None for nobody."""

    model_config = ConfigDict(extra="forbid")

    description: Text | None = None
    owner: uuid.UUID | None = None
    expected: bool | None = None
    key_event: bool | None = None


class PlanProperty(BaseModel):
    """A property an event should have."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    description: Text = ""


class EditProperty(BaseModel):
    """Only what is given is changed. No values are kept of a ``personal`` property."""

    model_config = ConfigDict(extra="forbid")

    description: Text | None = None
    personal: bool | None = None
    expected: bool | None = None


def _no_nul(name: str) -> str:
    if "\0" in name:
        raise Invalid(_("This name has a sign that no name may have."), field="name")
    return name


@action("analytics.event.plan", permission=PLAN.name)
def plan_event(actor: Actor, data: PlanEvent) -> EventName:
    """Say that an event should arrive; it turns green when it does. One that is there is expected from now on."""
    name = _no_nul(data.name)
    row = EventName.objects.filter(workspace=actor.workspace, name=name).first()
    if row is None:
        if EventName.objects.filter(workspace=actor.workspace, expected=True).count() >= MOST_PLANNED:
            raise Conflict(
                _("A plan can have %(n)d events.") % {"n": MOST_PLANNED}, code="too_many_events",
                hint=_("Take events out of the plan that are not wanted any more."),
            )  # fmt: skip
        row = EventName(workspace=actor.workspace, name=name)
    elif row.expected:
        raise Invalid(_("The plan has an event of this name."), field="name")
    row.expected = True
    row.description = data.description or row.description
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # it has just arrived
        raise Invalid(_("An event of this name has just arrived: try again."), field="name") from error
    emit(events.EventPlanned(name=row.name), row)
    return row


def _before(before: dict[str, Any], row: EventName) -> dict[str, Any]:
    names = ("description", "expected", "key_event")
    found: dict[str, Any] = {name: before[name] for name in names if before[name] != getattr(row, name)}
    if before["owner_id"] != row.owner_id:
        owner = Membership.objects.filter(pk=before["owner_id"]).first() if before["owner_id"] else None
        found["owner"] = str(owner.public_id) if owner else None
    return found


@action(
    "analytics.event.edit", permission=PLAN.name, target=EventName, inverse="analytics.event.edit",
    inverse_data=_before,
)  # fmt: skip
def edit_event(actor: Actor, row: EventName, data: EditEvent) -> EventName:
    """Describe an event, say who answers for it, whether it should arrive, whether it is a key event."""
    given: dict[str, Any] = data.model_dump(exclude_unset=True)
    if "owner" in given:
        wanted = given.pop("owner")
        given["owner_id"] = None
        if wanted is not None:
            owner = Membership.objects.visible_to(actor).active().filter(public_id=wanted).first()
            if owner is None:
                raise Invalid(_("There is no such member."), field="owner")
            given["owner_id"] = owner.pk
    changed = sorted(
        name
        for name, value in given.items()
        if (value is not None or name == "owner_id") and getattr(row, name) != value
    )
    if not changed:
        return row
    for name in changed:
        setattr(row, name, given[name])
    row.save(update_fields=changed)
    emit(events.EventDescribed(name=row.name, fields=[name.removesuffix("_id") for name in changed]), row)
    return row


@action("analytics.event.hide", permission=PLAN.name, target=EventName, inverse="analytics.event.show")
def hide_event(actor: Actor, row: EventName, data: Empty) -> EventName:
    """Leave an event out of lists and pickers. It is still taken and kept."""
    if row.hidden_at is None:
        row.hidden_at = clock.now()
        row.save(update_fields=["hidden_at"])
        emit(events.EventHidden(name=row.name), row)
    return row


@action("analytics.event.show", permission=PLAN.name, target=EventName, inverse="analytics.event.hide")
def show_event(actor: Actor, row: EventName, data: Empty) -> EventName:
    """List an event again."""
    if row.hidden_at is not None:
        row.hidden_at = None
        row.save(update_fields=["hidden_at"])
        emit(events.EventShown(name=row.name), row)
    return row


@action("analytics.event.plan_property", permission=PLAN.name, target=EventName)
def plan_property(actor: Actor, row: EventName, data: PlanProperty) -> EventProperty:
    """Say that an event should have a property."""
    name = _no_nul(data.name)
    found = EventProperty.objects.filter(event=row, name=name).first()
    if found is not None and found.expected:
        raise Invalid(_("The plan has a property of this name."), field="name")
    if found is None:
        if EventProperty.objects.filter(event=row, expected=True).count() >= MOST_PLANNED:
            raise Conflict(
                _("A plan can have %(n)d properties.") % {"n": MOST_PLANNED}, code="too_many_properties"
            )
        found = EventProperty(workspace=row.workspace, event=row, name=name)
    found.expected = True
    found.description = data.description or found.description
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError as error:
        raise Invalid(_("A property of this name has just arrived: try again."), field="name") from error
    emit(events.PropertyDescribed(event=row.name, name=found.name, fields=["expected"]), row)
    return found


def _property_before(before: dict[str, Any], row: EventProperty) -> dict[str, Any]:
    return {name: before[name] for name in EditProperty.model_fields if before[name] != getattr(row, name)}


@action(
    "analytics.property.edit", permission=PLAN.name, target=EventProperty, inverse="analytics.property.edit",
    inverse_data=_property_before,
)  # fmt: skip
def edit_property(actor: Actor, row: EventProperty, data: EditProperty) -> EventProperty:
    """Describe a property, say whether it should be there, whether it is personal: then its samples are forgotten."""
    given = {name: value for name, value in data.model_dump(exclude_unset=True).items() if value is not None}
    changed = sorted(name for name, value in given.items() if getattr(row, name) != value)
    if not changed:
        return row
    for name in changed:
        setattr(row, name, given[name])
    if row.personal:
        row.samples = []
    row.save(update_fields=[*changed, "samples"])
    emit(events.PropertyDescribed(event=row.event.name, name=row.name, fields=changed), row.event)
    return row
