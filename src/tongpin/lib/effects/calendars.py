"""Days that are not like their weekday: holidays, make-up workdays 调休补班, Spring Festival, shopping days.

A kind is a regressor. Kinds are shared between years and, where behaviour is alike, between holidays,
because a coefficient can only be learned from days that already happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from tongpin.lib.workdays.official import official_year, runs_off

LONG_RUN = 5
"""Days off in a row from which a holiday counts as long (国庆, 五一)."""

LONG_KINDS = frozenset({"long_off", "long_weekend", "spring_festival", "year_end"})
"""Kinds that forbid a result when the past cannot inform them and they fall into the window."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stretch:
    """Consecutive days of one kind."""

    kind: str
    start: date
    end: date


@lru_cache(maxsize=64)
def _year(country: str, year: int) -> dict[date, str]:
    """Kinds of the special days of one year (a day has one kind, the more specific wins)."""
    # The neighbouring years are needed for runs across the turn of the year.
    years = [official_year(country, near) for near in (year - 1, year, year + 1)]
    names = {day: name for near in years for day, name in near.public.items()}
    work_on_weekend = {day for near in years for day in near.makeup}
    weekend, public = years[1].weekend, names.keys()

    def off(day: date) -> bool:
        return day in public or (day.weekday() in weekend and day not in work_on_weekend)

    kinds: dict[date, str] = {}
    if country == "CN":
        for day in _days(date(year, 6, 16), date(year, 6, 18)):
            kinds[day] = "shopping_618"
        for day in _days(date(year, 11, 10), date(year, 11, 11)):
            kinds[day] = "shopping_double11"
    for run in runs_off(sorted(public), off):
        said = " ".join(names.get(day, "") for day in run)
        if "Chinese New Year" in said or "Spring Festival" in said or "Lunar New Year" in said:
            for day in _days(run[0] - 7 * _DAY, run[0] - _DAY):
                kinds[day] = "spring_before"
            for day in _days(run[-1] + _DAY, run[-1] + 7 * _DAY):
                kinds[day] = "spring_after"
            kinds |= dict.fromkeys(run, "spring_festival")
        elif len(run) >= LONG_RUN:
            for day in run:
                kinds[day] = "long_weekend" if day.weekday() in weekend else "long_off"
        else:
            for day in run:
                if day.weekday() not in weekend:
                    kinds.setdefault(day, "short_off")
    if date(year, 12, 25) in public:
        for day in _days(date(year - 1, 12, 24), date(year, 1, 1)):
            kinds[day] = "year_end"
        for day in _days(date(year, 12, 24), date(year + 1, 1, 1)):
            kinds[day] = "year_end"
    # A weekend worked stands out even in the weeks around Spring Festival.
    kinds |= dict.fromkeys(work_on_weekend, "makeup_workday")
    return {day: kind for day, kind in kinds.items() if day.year == year}


def _days(first: date, last: date) -> list[date]:
    return [first + i * _DAY for i in range((last - first).days + 1)]


def kinds_of(days: Iterable[date], country: str | None) -> list[str]:
    """The kind of each day, ``""`` for an ordinary one. Raises ``UnknownCountry``."""
    if country is None:
        return ["" for _ in days]
    return [_year(country, day.year).get(day, "") for day in days]


def stretches(days: list[date], kinds: list[str]) -> list[Stretch]:
    """Consecutive days of the same kind, in order."""
    found: list[Stretch] = []
    for day, kind in zip(days, kinds, strict=True):
        if not kind:
            continue
        if found and found[-1].kind == kind and found[-1].end + _DAY == day:
            found[-1] = Stretch(kind, found[-1].start, day)
        else:
            found.append(Stretch(kind, day, day))
    return found
