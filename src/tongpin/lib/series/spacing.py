"""From dated values to an evenly spaced series: doubled days, gaps, weekly data."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from tongpin.lib.series.types import Finding, SeriesError, Severity

MAX_DAYS = 3_660
RECENT_DAYS = 731
MIN_VALUES = 4
SHORT_VALUES = 42
COMPLETE = 0.9
"""Share of a day's usual values from which it counts as whole (a clock put forward takes one hour of 24)."""

NAMED = 60
"""Days and rows named in a finding; ``count`` has them all."""

Dated = tuple[int, date, float]
"""(row number, day, value); the value is NaN where the input says missing."""


def doubled(rows: Sequence[Dated]) -> dict[date, list[Dated]]:
    """Days with more than one value."""
    by_day: dict[date, list[Dated]] = defaultdict(list)
    for row in rows:
        if not math.isnan(row[2]):
            by_day[row[1]].append(row)
    return {day: found for day, found in by_day.items() if len(found) > 1}


def recent(rows: Sequence[Dated]) -> list[Dated]:
    """Those of the last two years, counted from the last day: every holiday is in them twice."""
    last = max(day for _, day, _ in rows)
    return [row for row in rows if (last - row[1]).days < RECENT_DAYS]


def incomplete(rows: Sequence[Dated]) -> tuple[int, list[date]]:
    """Of rows with a time of day: how many a day usually has, and the days with clearly fewer of them.

    None where days have no usual number (a row for each order, say): then nobody can tell.
    """
    counts = Counter(day for _, day, value in rows if not math.isnan(value))
    usual = sorted(counts.values())[len(counts) // 2]
    steady = 2 * sum(count == usual for count in counts.values()) >= len(counts)
    if usual < 2 or not steady:
        return usual, []
    return usual, sorted(day for day, count in counts.items() if count < COMPLETE * usual)


def combine(rows: Sequence[Dated], how: str) -> dict[date, float]:
    """One value a day: ``sum``, ``mean`` or ``last`` (in input order). A day with only missing values is
    NaN.
    """
    by_day: dict[date, list[float]] = defaultdict(list)
    for _, day, value in rows:
        if not math.isnan(value):
            by_day[day].append(value)
        else:
            by_day.setdefault(day, [])
    out: dict[date, float] = {}
    for day, values in sorted(by_day.items()):
        if not values:
            out[day] = math.nan
        elif how == "sum":
            out[day] = math.fsum(values)
        else:
            out[day] = math.fsum(values) / len(values) if how == "mean" else values[-1]
    return out


def step_of(values: dict[date, float], findings: list[Finding]) -> int:
    """1 or 7 days; raises ``SeriesError`` for monthly data. Adds to ``findings`` that values are weekly, or
    irregular (which is read as daily with days missing).
    """
    days = sorted(day for day, value in values.items() if not math.isnan(value))
    if len(days) < MIN_VALUES:
        raise SeriesError("too_short", {"have": len(days), "need": MIN_VALUES}, "more_history")
    gaps = Counter((b - a).days for a, b in pairwise(days))
    total = sum(gaps.values())
    middle = sorted(gaps.elements())[total // 2]
    if middle >= 27:
        raise SeriesError("monthly", {"gap": middle}, "daily_values")
    weekly = sum(n for gap, n in gaps.items() if gap % 7 == 0)
    if weekly == total or (weekly >= 0.8 * total and gaps[7] >= 0.6 * total):
        findings.append(Finding("weekly", Severity.WARNING, {"weeks": len(days)}))
        return 7
    if middle > 3:
        findings.append(Finding("irregular", Severity.WARNING, {"gap": middle}))
    return 1


def on_grid(values: dict[date, float], step: int) -> tuple[dict[date, float], list[date]]:
    """Values whose day lies on the weekly grid of the most common weekday, and the days that do not."""
    if step == 1:
        return values, []
    weekday = Counter(day.weekday() for day in values).most_common(1)[0][0]
    return {d: v for d, v in values.items() if d.weekday() == weekday}, [
        d for d in values if d.weekday() != weekday
    ]


def gaps(values: dict[date, float], step: int) -> list[Finding]:
    """Missing days, named; weekends apart when only weekends miss."""
    have = {day for day, value in values.items() if not math.isnan(value)}
    first, last = min(have), max(have)
    steps = (last - first).days // step + 1
    missing = [d for i in range(steps) if (d := first + timedelta(days=i * step)) not in have]
    if not missing:
        return []
    named: list[str] = [d.isoformat() for d in missing[:NAMED]]
    if step == 1 and all(d.weekday() >= 5 for d in missing) and len(missing) >= 0.9 * _weekends(first, steps):
        return [Finding("weekdays_only", params={"days": named}, count=len(missing))]
    return [
        Finding(
            "missing_days",
            Severity.WARNING,
            {"days": named, "share": round(len(missing) / steps, 4), "step": step},
            count=len(missing),
        )
    ]


def _weekends(first: date, steps: int) -> int:
    return sum((first + timedelta(days=i)).weekday() >= 5 for i in range(steps))
