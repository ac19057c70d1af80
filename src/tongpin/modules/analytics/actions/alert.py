"""Alerts: made, changed, paused, muted, deleted, brought back."""

from __future__ import annotations

import math
import uuid
from datetime import timedelta
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Denied, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.analytics import alert_events as events
from tongpin.modules.analytics import alert_series
from tongpin.modules.analytics.enums import AlertRule
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.models import Alert, DeletedAlert, Insight
from tongpin.modules.analytics.models.insight import LONGEST_NAME
from tongpin.modules.analytics.permissions import CREATE_ALERT, EDIT_ALERT

MOST = 500
LONGEST_MUTE = 90


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(_("not a number"))
    return value


Number = Annotated[float, AfterValidator(_finite)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)]


class CreateAlert(BaseModel):
    """``series`` is the name of a series of a trend, `formula`, `sessions`, `persons` or `conversion`. ``value``: the
    threshold; for `change` a share of 1 (0.3 is 30 %); none for `unusual`, which has the least changes instead."""

    model_config = ConfigDict(extra="forbid")

    insight: uuid.UUID
    name: Name
    series: str = Field(max_length=80)
    rule: AlertRule = AlertRule.UNUSUAL
    value: Number | None = None
    least_absolute: Annotated[Number, Field(ge=0)] = 0.0
    least_relative: Annotated[Number, Field(ge=0, le=100)] = 0.1


class EditAlert(BaseModel):
    """Only what is given is changed. ``owner`` is the public id of a member."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    series: Annotated[str, Field(max_length=80)] | None = None
    rule: AlertRule | None = None
    value: Number | None = None
    least_absolute: Annotated[Number, Field(ge=0)] | None = None
    least_relative: Annotated[Number, Field(ge=0, le=100)] | None = None
    owner: uuid.UUID | None = None


class MuteAlert(BaseModel):
    """``days``: nobody is told of so many days from today on; 0 ends it."""

    model_config = ConfigDict(extra="forbid")

    days: int = Field(ge=0, le=LONGEST_MUTE)


def check(insight: Insight, series: str, rule: str, value: float | None) -> None:
    """Raises Invalid where an insight has no such series, or the rule lacks its value."""
    known = dict(alert_series.choices(running.read(insight.question)))
    if not known:
        raise Invalid(_("This kind of insight has no series by day."), field="series", code="no_series")
    if series not in known:
        raise Invalid(_("The insight does not have this series."), field="series", code="no_series")
    if rule != AlertRule.UNUSUAL and value is None:
        raise Invalid(_("Say at which value it rings."), field="value")
    if rule == AlertRule.CHANGE and value is not None and value <= 0:
        raise Invalid(_("A change is more than nothing."), field="value")


@action("analytics.alert.create", permission=CREATE_ALERT.name, inverse="analytics.alert.delete")
def create_alert(actor: Actor, data: CreateAlert) -> Alert:
    """Watch a series of a saved insight."""
    if actor.membership is None or actor.workspace is None:
        raise Denied(_("An alert is kept by a member, and a token is none."))
    insight = Insight.objects.visible_to(actor).filter(public_id=data.insight).first()
    if insight is None:
        raise Invalid(_("There is no such insight."), field="insight")
    if Alert.objects.filter(workspace=actor.workspace, deleted_at=None).count() >= MOST:
        raise Conflict(
            _("A workspace keeps %(n)d alerts.") % {"n": MOST}, code="too_many_alerts",
            hint=_("Delete alerts nobody acts on any more."),
        )  # fmt: skip
    check(insight, data.series, data.rule, data.value)
    fields = data.model_dump(exclude={"insight"})
    row = Alert.objects.create(workspace=actor.workspace, insight=insight, owner=actor.membership, **fields)
    emit(events.AlertCreated(name=row.name, rule=row.rule), row)
    return row


FIELDS = ("name", "series", "rule", "value", "least_absolute", "least_relative")


def _before(before: dict[str, Any], row: Alert) -> dict[str, Any]:
    found = {name: before[name] for name in FIELDS if before[name] != getattr(row, name)}
    if before["owner_id"] != row.owner_id:
        found["owner"] = str(Membership.objects.get(pk=before["owner_id"]).public_id)
    return found


@action(
    "analytics.alert.edit", permission=EDIT_ALERT.name, target=Alert, inverse="analytics.alert.edit",
    inverse_data=_before,
)  # fmt: skip
def edit_alert(actor: Actor, row: Alert, data: EditAlert) -> Alert:
    """Change its name, what it watches, when it rings or who answers for it. A new rule ends a run that lasts."""
    given = data.model_dump(exclude_none=True)
    if data.owner is not None:
        given["owner"] = Membership.objects.visible_to(actor).active().filter(public_id=data.owner).first()
        if given["owner"] is None:
            raise Invalid(_("Nobody of this workspace."), field="owner")
    changed = [name for name, value in given.items() if getattr(row, name) != value]
    if not changed:
        return row
    for name in changed:
        setattr(row, name, given[name])
    check(row.insight, row.series, row.rule, row.value)
    if {"series", "rule", "value", "least_absolute", "least_relative"} & {*changed}:
        row.ringing_since, row.trouble = None, ""
    row.changed_at = clock.now()
    row.save()
    emit(events.AlertEdited(name=row.name, fields=changed), row)
    return row


@action("analytics.alert.delete", permission=EDIT_ALERT.name, target=Alert, inverse="analytics.alert.restore")
def delete_alert(actor: Actor, row: Alert, data: Empty) -> Alert:
    """Take it out of sight; it judges nothing, and can be brought back."""
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    emit(events.AlertDeleted(name=row.name), row)
    return row


@action(
    "analytics.alert.restore", permission=EDIT_ALERT.name, target=DeletedAlert,
    inverse="analytics.alert.delete",
)  # fmt: skip
def restore_alert(actor: Actor, row: DeletedAlert, data: Empty) -> DeletedAlert:
    """Bring a deleted alert back."""
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    emit(events.AlertRestored(name=row.name), Alert.objects.select_related("workspace").get(pk=row.pk))
    return row


@action("analytics.alert.pause", permission=EDIT_ALERT.name, target=Alert, inverse="analytics.alert.resume")
def pause_alert(actor: Actor, row: Alert, data: Empty) -> Alert:
    """Judge no further days."""
    if row.paused_at is None:
        row.paused_at = clock.now()
        row.save(update_fields=["paused_at"])
        emit(events.AlertPaused(name=row.name), row)
    return row


@action("analytics.alert.resume", permission=EDIT_ALERT.name, target=Alert, inverse="analytics.alert.pause")
def resume_alert(actor: Actor, row: Alert, data: Empty) -> Alert:
    """Judge again, from the last day on; the days of the pause are not judged."""
    if row.paused_at is not None:
        row.paused_at, row.judged_until, row.ringing_since = None, None, None
        row.save(update_fields=["paused_at", "judged_until", "ringing_since"])
        emit(events.AlertResumed(name=row.name), row)
    return row


@action("analytics.alert.mute", permission=EDIT_ALERT.name, target=Alert)
def mute_alert(actor: Actor, row: Alert, data: MuteAlert) -> Alert:
    """Tell nobody for some days; it judges on, and its page says what it found."""
    assert row.workspace is not None
    today = clock.today(row.workspace.time_zone)
    row.muted_until = today + timedelta(days=data.days - 1) if data.days else None
    row.save(update_fields=["muted_until"])
    emit(events.AlertMuted(name=row.name, until=row.muted_until.isoformat() if row.muted_until else ""), row)
    return row
