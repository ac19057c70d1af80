"""A working calendar: which days and hours count, and how to count in them. Pure: it knows no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from tongpin.lib.workdays.hours import OFFICE_HOURS, Span, Week
from tongpin.lib.workdays.official import (
    BY_YEARLY_NOTICE,
    DAY,
    ENGLISH,
    Certainty,
    holiday_names,
    official_year,
)


class Kind(StrEnum):
    """Why a day is worked or not. The workspace's own word goes before the government's, that before the week's."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"
    OWN_OFF = "own_off"
    OWN_WORK = "own_work"


WORKED = frozenset({Kind.WORKDAY, Kind.MAKEUP, Kind.OWN_WORK})


@dataclass(frozen=True, slots=True)
class OwnDay:
    """A day the workspace itself made a workday or a day off, and what it calls it."""

    working: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day as the calendar sees it. ``name`` is that of the holiday or the own day; "" for an ordinary day."""

    date: date
    kind: Kind
    name: str = ""

    @property
    def is_working(self) -> bool:
        return self.kind in WORKED


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive days of one kind and name, both ends in it."""

    first: date
    last: date
    kind: Kind
    name: str

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class WorkingCalendar:
    """Days and hours worked in ``zone`` (IANA). ``country`` is whose holidays count (ISO code), "" for nobody's.

    ``hours`` must name at least one span, or no day would ever come. A day worked out of turn (a make-up Saturday)
    has its own weekday's hours or, where that has none, those of the week's first working day.
    """

    zone: str = "UTC"
    country: str = ""
    hours: Week = OFFICE_HOURS
    own: Mapping[date, OwnDay] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.hours) != 7 or not any(self.hours):
            raise ValueError("a week has seven days, one of them worked")

    # -- days ------------------------------------------------------------------------------------------------------

    def day(self, day: date, language: str = ENGLISH) -> Day:
        """What the day is; holidays are named in ``language`` (``zh_CN``, ``en_US`` …) where it is known."""
        given = self.own.get(day)
        if given is not None:
            return Day(day, Kind.OWN_WORK if given.working else Kind.OWN_OFF, given.name)
        return self.official(day, language)

    def official(self, day: date, language: str = ENGLISH) -> Day:
        """What the day is without the workspace's own word on it."""
        rests = not self.hours[day.weekday()]
        if self.country:
            if day in official_year(self.country, day.year).makeup:
                return Day(day, Kind.MAKEUP if rests else Kind.WORKDAY)
            name = holiday_names(self.country, day.year, language).get(day)
            if name is not None:
                return Day(day, Kind.HOLIDAY, name)
        return Day(day, Kind.WEEKEND if rests else Kind.WORKDAY)

    def certainty(self, year: int) -> Certainty:
        """How far the country's days off in that year are known; without a country there is nothing to know."""
        return official_year(self.country, year).certainty if self.country else Certainty.PUBLISHED

    def is_working_day(self, day: date) -> bool:
        """Whether the day is worked."""
        return self.day(day).is_working

    def add_working_days(self, start: date, count: int) -> date:
        """The working day ``count`` working days after ``start`` (before it if negative), ``start`` not counted.

        With 0: ``start`` itself if it is worked, else the next working day.
        """
        if count == 0:
            return start if self.is_working_day(start) else self.add_working_days(start, 1)
        step, left, day = DAY if count > 0 else -DAY, abs(count), start
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days come after ``start`` up to and with ``end``; negative if ``end`` is before it."""
        if end < start:
            return -self.working_days_between(end, start)
        return sum(self.is_working_day(start + n * DAY) for n in range(1, (end - start).days + 1))

    def out_of_turn(self, first: date, last: date, language: str = ENGLISH) -> list[Stretch]:
        """The holidays, make-up days and own days from ``first`` to ``last``, in order, runs of one name joined.

        Where the government gives one holiday for several occasions, it is one stretch with their names:
        国庆节、中秋节 of eight days.
        """
        found: list[Stretch] = []
        for n in range((last - first).days + 1):
            day = self.day(first + n * DAY, language)
            if day.kind in (Kind.WORKDAY, Kind.WEEKEND):
                continue
            before = found[-1] if found else None
            if before and before.last + DAY == day.date and before.kind == day.kind:
                name = self._joined(before, day, language)
                if name:
                    found[-1] = Stretch(before.first, day.date, day.kind, name)
                    continue
            found.append(Stretch(day.date, day.date, day.kind, day.name))
        return found

    def _joined(self, before: Stretch, day: Day, language: str) -> str:
        """What the stretch is called with the day added to it; "" if the two are different things."""
        comma = "、" if language.startswith("zh") else ", "
        said = before.name.split(comma)
        if day.name == before.name or (day.kind == Kind.HOLIDAY and day.name in said):
            return before.name
        one = day.kind == Kind.HOLIDAY and self.country in BY_YEARLY_NOTICE
        return comma.join([*said, day.name]) if one else ""

    # -- hours -----------------------------------------------------------------------------------------------------

    def hours_of(self, day: date) -> tuple[Span, ...]:
        """The spans worked on that day, in order; none on a day off."""
        if not self.is_working_day(day):
            return ()
        return self.hours[day.weekday()] or next(spans for spans in self.hours if spans)

    def next_working_moment(self, at: datetime) -> datetime:
        """``at`` (aware) itself if it falls into working hours, else when they next begin; in the calendar's zone."""
        day = at.astimezone(ZoneInfo(self.zone)).date()
        while True:
            for begin, end in self._worked(day):
                if at < end:
                    return max(at, begin).astimezone(ZoneInfo(self.zone))
            day += DAY

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two aware moments; negative if ``end`` is before ``start``."""
        if end < start:
            return -self.working_time_between(end, start)
        zone, total = ZoneInfo(self.zone), timedelta()
        day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        while day <= last:
            for begin, stop in self._worked(day):
                total += max(timedelta(), min(end, stop) - max(start, begin))
            day += DAY
        return total

    def _worked(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The spans of a day as moments in UTC, so that a night in which clocks change has its real length."""
        zone = ZoneInfo(self.zone)
        midnight = datetime.combine(day, time())
        for span in self.hours_of(day):
            begin, end = (
                (midnight + timedelta(minutes=at)).replace(tzinfo=zone).astimezone(UTC) for at in span
            )
            if begin < end:
                yield begin, end
