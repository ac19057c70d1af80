"""A workspace's working calendar, and a year of it as a page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import get_language

from tongpin.kernel.i18n.countries import country_of_zone
from tongpin.kernel.tenancy.models import Workspace
from tongpin.lib.workdays import Certainty, Day, OwnDay, Stretch, WorkingCalendar
from tongpin.modules.workspaces.models import MarkedDay, WorkCalendar, office_hours

#: Languages of the product as the source of holidays names them.
_SPOKEN = {"zh-hans": "zh_CN", "en": "en_US"}
FIRST_YEAR, LAST_YEAR = 2001, 2099


def settings_of(workspace: Workspace) -> WorkCalendar:
    """The workspace's settings; where it has none yet, unsaved ones as its time zone suggests."""
    found: WorkCalendar | None = WorkCalendar.objects.filter(workspace=workspace).first()
    return found or WorkCalendar(
        workspace=workspace, country=country_of_zone(workspace.time_zone), hours=office_hours()
    )


def country_of(workspace: Workspace) -> str:
    """Whose public holidays the workspace keeps (ISO code), "" for nobody's. One query."""
    return settings_of(workspace).country


def calendar_of(workspace: Workspace, kept: WorkCalendar | None = None) -> WorkingCalendar:
    """The days and hours the workspace works, in its own time zone (never a member's).

    Two queries, one less where its settings (``kept``) have been read already.
    """
    kept = kept or settings_of(workspace)
    marked = MarkedDay.objects.filter(workspace=workspace).values_list("day", "working", "name")
    return WorkingCalendar(
        zone=workspace.time_zone,
        country=kept.country,
        hours=kept.week,
        own={day: OwnDay(working, name) for day, working, name in marked},
    )


@dataclass(frozen=True, slots=True)
class Month:
    """``weeks`` are rows of seven days beginning on the workspace's first weekday; None is another month's day."""

    first: date
    weeks: list[list[Day | None]]
    working_days: int


@dataclass(frozen=True, slots=True)
class Year:
    """A year of a calendar, holidays named in the reader's language. ``weekdays`` are the columns: a day of each."""

    number: int
    months: list[Month]
    weekdays: list[date]
    out_of_turn: list[Stretch]
    certainty: Certainty
    working_days: int


def spoken() -> str:
    """The reader's language as holidays are named in it."""
    return _SPOKEN.get(get_language() or "en", "en_US")


def year_of(calendar: WorkingCalendar, number: int, week_start: int) -> Year:
    """The year ``number``; ``week_start`` is the weekday (Monday 0) its weeks begin on."""
    months = [_month(calendar, date(number, month, 1), week_start) for month in range(1, 13)]
    monday = date(2024, 1, 1)
    return Year(
        number,
        months,
        [monday + timedelta(days=week_start + n) for n in range(7)],
        calendar.out_of_turn(date(number, 1, 1), date(number, 12, 31), spoken()),
        calendar.certainty(number),
        sum(month.working_days for month in months),
    )


def _month(calendar: WorkingCalendar, first: date, week_start: int) -> Month:
    days = [calendar.day(day, spoken()) for day in _days_of(first)]
    row: list[Day | None] = [None] * ((first.weekday() - week_start) % 7)
    cells = [*row, *days]
    cells += [None] * (-len(cells) % 7)
    weeks = [cells[n : n + 7] for n in range(0, len(cells), 7)]
    return Month(first, weeks, sum(day.is_working for day in days))


def _days_of(first: date) -> Iterator[date]:
    day = first
    while day.month == first.month:
        yield day
        day += timedelta(days=1)
