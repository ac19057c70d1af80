"""What a country says about its days: public holidays, and weekend days worked in their place (调休补班).

The data are those of the ``holidays`` package; nothing is fetched. How far it knows a year is said honestly
(``Certainty``): China settles a year's bridging and make-up days only in the November before.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

DAY = timedelta(days=1)
ENGLISH = "en_US"
#: Countries whose government settles each year's days off by a notice of its own.
BY_YEARLY_NOTICE = frozenset({"CN"})
_REMARK = re.compile(r"\s*[（(](?:observed|estimated|observed, estimated|补假|推定|补假，推定)[)）]")
_MOVED = re.compile(r"Day off \(|休息日（")


class UnknownCountry(ValueError):
    """No holidays are known for this country code."""


class Certainty(StrEnum):
    """How far one year's days off are known."""

    PUBLISHED = "published"
    #: Some dates follow the moon and are computed: they may still move by a day.
    ESTIMATED = "estimated"
    #: Only the holidays the law names; the year's notice, with bridging and make-up days, is not known.
    STATUTORY = "statutory"
    #: Nothing is known of this year.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OfficialYear:
    """One country's year. ``public`` maps days to the holiday's name as the package gives it; ``makeup`` are weekend
    days that are worked; ``weekend`` holds weekday numbers, Monday is 0.
    """

    public: dict[date, str]
    makeup: frozenset[date]
    weekend: frozenset[int]
    certainty: Certainty


@lru_cache(maxsize=256)
def official_year(country: str, year: int, language: str = ENGLISH) -> OfficialYear:
    """A country's year (ISO code), names in ``language`` where the package speaks it, else in English.

    Raises UnknownCountry.
    """
    spoken = language if language in _languages(country) else ENGLISH
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        found = _ask(country, [year], spoken)
    public = {day: str(name) for day, name in found.items() if day.year == year}
    makeup = frozenset(day for day in found.weekend_workdays if day.year == year)
    if not public:
        certainty = Certainty.UNKNOWN
    elif country in BY_YEARLY_NOTICE and year not in found.special_public_holidays:
        certainty = Certainty.STATUTORY
    elif spoken != ENGLISH:
        certainty = official_year(country, year).certainty
    else:
        unsure = bool(remarks) or any("(estimated)" in name for name in public.values())
        certainty = Certainty.ESTIMATED if unsure else Certainty.PUBLISHED
    return OfficialYear(public, makeup, frozenset(found.weekend), certainty)


@lru_cache(maxsize=64)
def _languages(country: str) -> frozenset[str]:
    return frozenset(_ask(country, [], ENGLISH).supported_languages)


def _ask(country: str, years: list[int], language: str) -> Any:
    # It takes a while to load: processes that never ask need not pay for it.
    import holidays  # noqa: PLC0415

    try:
        return holidays.country_holidays(country, years=years, language=language, observed=True)
    except (NotImplementedError, KeyError) as error:
        raise UnknownCountry(country) from error


@lru_cache(maxsize=256)
def holiday_names(country: str, year: int, language: str = ENGLISH) -> dict[date, str]:
    """The days off of a year and what they are called in one or two words.

    Where the government moves days, a weekend inside a holiday and a day given in exchange belong to the holiday
    they stand in, as people there say it. Raises UnknownCountry.
    """
    official = official_year(country, year, language)
    names = {day: _REMARK.sub("", name) for day, name in official.public.items()}
    if country not in BY_YEARLY_NOTICE:
        return names

    def off(day: date) -> bool:
        return day in names or (day.weekday() in official.weekend and day not in official.makeup)

    whole: dict[date, str] = {}
    for run in runs_off(sorted(names), off):
        own = [names[day] for day in run if day in names and not _MOVED.match(names[day])]
        # What begins with a Sunday before New Year's Eve is the Spring Festival, which most of its days are.
        name = max(own, key=own.count) if own else names[next(day for day in run if day in names)]
        for day in run:
            name = names[day] if day in names and not _MOVED.match(names[day]) else name
            if day.year == year:
                whole[day] = name
    return whole


def runs_off(public: list[date], off: Callable[[date], bool]) -> list[list[date]]:
    """Runs of consecutive days off around public holidays (sorted), each once."""
    runs: list[list[date]] = []
    last = date.min
    for day in public:
        if day <= last:
            continue
        first = day
        while off(first - DAY):
            first -= DAY
        last = day
        while off(last + DAY):
            last += DAY
        runs.append([first + n * DAY for n in range((last - first).days + 1)])
    return runs
