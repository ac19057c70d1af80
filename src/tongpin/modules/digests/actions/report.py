"""What a person does with a report: make one, change it, pause it, leave it, delete it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import time
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Denied, Invalid, NotFound
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Language
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.analytics.public import Dashboard
from tongpin.modules.digests import events
from tongpin.modules.digests.enums import Every, ReportWhy
from tongpin.modules.digests.models import DeletedReport, Report, Robot
from tongpin.modules.digests.permissions import CREATE_REPORT, EDIT_REPORT, LEAVE_REPORT, STOP_REPORT
from tongpin.modules.digests.queries.report import lost_right, may_read, next_time

MOST_REPORTS, MOST_READERS, MOST_ROBOTS = 20, 200, 20
"""Reports of one dashboard, and whom one goes to."""

Readers = Annotated[list[uuid.UUID], Field(max_length=MOST_READERS)]
Robots = Annotated[list[uuid.UUID], Field(max_length=MOST_ROBOTS)]
Weekday = Annotated[int, Field(ge=0, le=6)]
Day = Annotated[int, Field(ge=1, le=31)]


class CreateReport(BaseModel):
    """``dashboard``, ``readers`` (members) and ``robots`` are public ids. ``at`` is the workspace's local time;
    ``weekday`` (Monday is 0) counts for weekly, ``day`` for monthly reports."""

    model_config = ConfigDict(extra="forbid")

    dashboard: uuid.UUID
    every: Every
    at: time
    weekday: Weekday = 0
    day: Day = 1
    readers: Readers = Field(default_factory=list)
    robots: Robots = Field(default_factory=list)
    language: Language | None = None


class EditReport(BaseModel):
    """Only what is given is changed. ``owner`` is the public id of a member, for whom it acts from then on."""

    model_config = ConfigDict(extra="forbid")

    every: Every | None = None
    at: time | None = None
    weekday: Weekday | None = None
    day: Day | None = None
    readers: Readers | None = None
    robots: Robots | None = None
    language: Language | None = None
    owner: uuid.UUID | None = None


class StopReport(BaseModel):
    model_config = ConfigDict(extra="forbid")

    why: ReportWhy


def _readers(actor: Actor, wanted: Sequence[uuid.UUID]) -> list[Membership]:
    found = Membership.objects.visible_to(actor).active().filter(public_id__in=wanted)
    members = list(found.select_related("user", "workspace"))
    if len(members) < len(set(wanted)):
        raise Invalid(_("Nobody of this workspace."), field="readers")
    barred = [member.user.get_short_name() for member in members if not may_read(member)]
    if barred:
        raise Invalid(
            _("They may not see dashboards: %(names)s.") % {"names": ", ".join(barred)}, field="readers"
        )
    return members


def _robots(actor: Actor, wanted: Sequence[uuid.UUID], kept: Sequence[Robot] = ()) -> list[Robot]:
    """The robots named: those of projects the actor leads, and those that were there already."""
    allowed = {row.public_id: row for row in Robot.objects.visible_to(actor).filter(public_id__in=wanted)}
    allowed |= {row.public_id: row for row in kept if row.public_id in wanted}
    if len(allowed) < len(set(wanted)):
        raise Invalid(_("There is no such robot, or you may not use it."), field="robots")
    return list(allowed.values())


def _somebody(readers: Sequence[Any], robots: Sequence[Any]) -> None:
    if not readers and not robots:
        raise Invalid(_("Choose at least one member or one group."), field="readers")


@action("digests.report.create", permission=CREATE_REPORT.name, inverse="digests.report.delete")
def create_report(actor: Actor, data: CreateReport) -> Report:
    """Have a dashboard sent by the clock. It reads with the rights of whoever makes it."""
    dashboard = (
        Dashboard.objects.visible_to(actor)
        .select_related("workspace")
        .filter(public_id=data.dashboard)
        .first()
    )
    if dashboard is None:
        raise NotFound
    if actor.membership is None:
        raise Denied
    if Report.objects.filter(dashboard=dashboard, deleted_at=None).count() >= MOST_REPORTS:
        raise Conflict(
            _("A dashboard can have %(n)d reports.") % {"n": MOST_REPORTS}, code="too_many_reports",
            hint=_("Delete one that nobody reads any more."),
        )  # fmt: skip
    _somebody(data.readers, data.robots)
    readers, robots = _readers(actor, data.readers), _robots(actor, data.robots)
    row = Report(
        workspace=dashboard.workspace, dashboard=dashboard, owner=actor.membership, every=data.every, at=data.at,
        weekday=data.weekday, day=data.day, language=data.language or dashboard.workspace.language,
    )  # fmt: skip
    row.next_at = next_time(row, clock.now())
    row.save()
    row.readers.set(readers)
    row.robots.set(robots)
    emit(events.ReportCreated(name=dashboard.name, every=row.every), row)
    return row


def _before(before: dict[str, Any], row: Report) -> dict[str, Any]:
    names = ("every", "weekday", "day", "language")
    found: dict[str, Any] = {name: before[name] for name in names if before[name] != getattr(row, name)}
    if before["at"] != row.at:
        found["at"] = before["at"].isoformat()
    if before["owner_id"] != row.owner_id:
        found["owner"] = str(Membership.objects.get(pk=before["owner_id"]).public_id)
    return found | getattr(row, "places_before", {})


@action(
    "digests.report.edit", permission=EDIT_REPORT.name, target=Report, inverse="digests.report.edit",
    inverse_data=_before,
)  # fmt: skip
def edit_report(actor: Actor, row: Report, data: EditReport) -> Report:
    """Change when it is sent, to whom, in which language, or whom it acts for."""
    given = data.model_dump(exclude_none=True, include={"every", "at", "weekday", "day", "language"})
    if data.owner is not None:
        given["owner"] = Membership.objects.visible_to(actor).active().filter(public_id=data.owner).first()
        if given["owner"] is None:
            raise Invalid(_("Nobody of this workspace."), field="owner")
    changed = [name for name, value in given.items() if getattr(row, name) != value]
    kept_readers, kept_robots = list(row.readers.all()), list(row.robots.all())
    readers = kept_readers if data.readers is None else _readers(actor, data.readers)
    robots = kept_robots if data.robots is None else _robots(actor, data.robots, kept_robots)
    _somebody(readers, robots)
    row.places_before = {}  # type: ignore[attr-defined]
    for name, kept, now in (("readers", kept_readers, readers), ("robots", kept_robots, robots)):
        if {each.pk for each in kept} != {each.pk for each in now}:
            getattr(row, name).set(now)
            row.places_before[name] = [str(each.public_id) for each in kept]  # type: ignore[attr-defined]
            changed.append(name)
    if not changed:
        return row
    for name in given:
        setattr(row, name, given[name])
    if row.paused_at is None:
        row.next_at = next_time(row, clock.now())
    row.save()
    emit(events.ReportEdited(name=row.dashboard.name, fields=changed), row)
    return row


@action("digests.report.pause", permission=EDIT_REPORT.name, target=Report, inverse="digests.report.resume")
def pause_report(actor: Actor, row: Report, data: Empty) -> Report:
    """Send nothing until somebody resumes it."""
    if row.paused_at is None:
        _pause(row, ReportWhy.PERSON)
        emit(events.ReportPaused(name=row.dashboard.name), row)
    return row


def _pause(row: Report, why: ReportWhy) -> None:
    row.paused_at, row.paused_why, row.next_at = clock.now(), why, None
    row.save(update_fields=["paused_at", "paused_why", "next_at"])


@action("digests.report.resume", permission=EDIT_REPORT.name, target=Report, inverse="digests.report.pause")
def resume_report(actor: Actor, row: Report, data: Empty) -> Report:
    """Send again, from the next time it is due."""
    if row.paused_at is None:
        return row
    if lost_right(row) is not None:
        raise Conflict(
            _("The member this report acts for may not see dashboards any more."), code="owner_without_right",
            hint=_("Have it act for somebody else first."),
        )  # fmt: skip
    row.paused_at, row.paused_why, row.next_at = None, "", next_time(row, clock.now())
    row.save(update_fields=["paused_at", "paused_why", "next_at"])
    emit(events.ReportResumed(name=row.dashboard.name), row)
    return row


@action("digests.report.leave", permission=LEAVE_REPORT.name, target=Report)
def leave_report(actor: Actor, row: Report, data: Empty) -> Report:
    """Get no more mails of it. Whoever keeps the report can put one in again."""
    assert actor.membership is not None  # the permission asked
    row.readers.remove(actor.membership)
    emit(events.ReportLeft(name=row.dashboard.name), row)
    return row


@action("digests.report.delete", permission=EDIT_REPORT.name, target=Report, inverse="digests.report.restore")
def delete_report(actor: Actor, row: Report, data: Empty) -> Report:
    """Take a report away."""
    row.deleted_at, row.next_at = clock.now(), None
    row.save(update_fields=["deleted_at", "next_at"])
    emit(events.ReportDeleted(name=row.dashboard.name), row)
    return row


@action(
    "digests.report.restore",
    permission=EDIT_REPORT.name,
    target=DeletedReport,
    inverse="digests.report.delete",
)
def restore_report(actor: Actor, row: DeletedReport, data: Empty) -> Report:
    """Bring a deleted report back as it was; what was due meanwhile is not sent."""
    row.deleted_at = None
    if row.paused_at is None:
        row.next_at = next_time(row, clock.now())
    row.save(update_fields=["deleted_at", "next_at"])
    report: Report = Report.objects.select_related("workspace", "dashboard").get(pk=row.pk)
    emit(events.ReportRestored(name=report.dashboard.name), report)
    return report


@action("digests.report.stop", permission=STOP_REPORT.name, target=Report, api=False)
def stop_report(actor: Actor, row: Report, data: StopReport) -> Report:
    """Pause a report for a reason that a person has to mend."""
    if row.paused_at is None:
        _pause(row, data.why)
        emit(events.ReportStopped(name=row.dashboard.name, why=data.why.value), row)
    return row
