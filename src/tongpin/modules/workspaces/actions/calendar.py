"""The working calendar: whose holidays, which hours, and days of the workspace's own."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import Invalid, NotFound
from tongpin.kernel.events.recording import emit
from tongpin.kernel.i18n.countries import Country
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.workdays.hours import HoursError, parse_day, show_day
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.enums import Mark
from tongpin.modules.workspaces.models import MarkedDay, WorkCalendar
from tongpin.modules.workspaces.queries.calendar import FIRST_YEAR, LAST_YEAR, settings_of


def hours_words(error: HoursError) -> str:
    """What is wrong with hours as typed."""
    return {
        "unreadable": _("Write hours such as 9:00–12:00, 13:00–18:00."),
        "order": _("Each stretch ends after it begins, at 24:00 at the latest."),
        "overlap": _("Two stretches overlap."),
    }[error.code]


def _readable(text: str) -> str:
    try:
        return show_day(parse_day(text))
    except HoursError as error:
        raise ValueError(hours_words(error)) from None


Hours = Annotated[str, Field(max_length=120), AfterValidator(_readable)]


class EditCalendar(BaseModel):
    """Only what is given is changed. ``hours`` are seven texts, Monday first; an empty one is a day of rest."""

    model_config = ConfigDict(extra="forbid")

    country: Country | None = None
    hours: list[Hours] | None = Field(default=None, min_length=7, max_length=7)


class MarkDay(BaseModel):
    model_config = ConfigDict(extra="forbid")

    day: date
    mark: Mark
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""


class MarkDays(BaseModel):
    model_config = ConfigDict(extra="forbid")

    days: list[MarkDay] = Field(max_length=366)


def _locked(actor: Actor) -> WorkCalendar:
    """The workspace's calendar, made if need be, locked: two who change it wait for each other."""
    if actor.workspace is None:
        raise NotFound
    start = settings_of(actor.workspace)
    row: WorkCalendar
    row, _made = WorkCalendar.objects.select_for_update().get_or_create(
        workspace=actor.workspace, defaults={"country": start.country, "hours": start.hours}
    )
    return row


def _before(before: dict[str, Any], row: WorkCalendar) -> dict[str, Any]:
    return row.before or {}


@action(
    "workspaces.calendar.edit",
    permission="workspaces.calendar.edit",
    inverse="workspaces.calendar.edit",
    inverse_data=_before,
)
def edit_calendar(actor: Actor, data: EditCalendar) -> WorkCalendar:
    """Choose whose public holidays count and the hours worked on each weekday."""
    row = _locked(actor)
    before: dict[str, Any] = {}
    if data.country is not None and data.country != row.country:
        before["country"], row.country = row.country, data.country.value
    if data.hours is not None:
        hours = [[list(span) for span in parse_day(text)] for text in data.hours]
        if not any(hours):
            raise Invalid(_("At least one weekday has working hours."), field="hours")
        if hours != row.hours:
            before["hours"] = [show_day(spans) for spans in row.week]
            row.hours = hours
    row.before = before
    if before:
        row.save(update_fields=list(before))
        emit(events.CalendarEdited(country=row.country, fields=sorted(before)), row)
    return row


@action(
    "workspaces.calendar.mark_days",
    permission="workspaces.calendar.edit",
    inverse="workspaces.calendar.mark_days",
    inverse_data=_before,
)
def mark_days(actor: Actor, data: MarkDays) -> WorkCalendar:
    """Make days the workspace's own days off or workdays, or leave them to the official calendar again."""
    calendar = _locked(actor)
    wanted = {item.day: item for item in data.days}
    if len(wanted) < len(data.days):
        raise Invalid(_("Each day may be given once."), field="days")
    if any(not FIRST_YEAR <= day.year <= LAST_YEAR for day in wanted):
        raise Invalid(
            _("Choose days between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR},
            field="days",
        )
    rows = MarkedDay.objects.filter(workspace=calendar.workspace_id, day__in=wanted)
    present = {row.day: row for row in rows}
    before, changed = [], []
    for day, item in sorted(wanted.items()):
        row = present.get(day)
        was = (_mark_of(row), row.name if row else "")
        if was == (item.mark, item.name if item.mark != Mark.NONE else ""):
            continue
        before.append({"day": day.isoformat(), "mark": was[0].value, "name": was[1]})
        changed.append(item)
        if row is not None:
            row.delete()
        if item.mark != Mark.NONE:
            MarkedDay.objects.create(
                workspace=calendar.workspace, day=day, working=item.mark == Mark.WORK, name=item.name
            )
    calendar.before = {"days": before}
    if changed:
        same = {(item.mark, item.name) for item in changed}
        mark, name = (changed[0].mark.value, changed[0].name) if len(same) == 1 else ("mixed", "")
        emit(
            events.CalendarDaysMarked(mark, name, [item.day.isoformat() for item in changed]),
            calendar,
        )
    return calendar


def _mark_of(row: MarkedDay | None) -> Mark:
    if row is None:
        return Mark.NONE
    return Mark.WORK if row.working else Mark.OFF
