"""Chinese holidays, 调休 and Spring Festival: as a calendar, and inside a look back."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest

from tongpin.lib.effects import Effect, LookBackSpec, Result, Size, evaluate
from tongpin.lib.effects.calendars import kinds_of, stretches
from tongpin.lib.series import Series
from tongpin.lib.workdays import UnknownCountry


def kind(day: date, country: str | None = "CN") -> str:
    return kinds_of([day], country)[0]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 2, 17), "spring_festival"),
        (date(2026, 2, 23), "spring_festival"),
        (date(2026, 2, 12), "spring_before"),
        (date(2026, 2, 25), "spring_after"),
        (date(2026, 2, 14), "makeup_workday"),
        (date(2026, 10, 1), "long_off"),
        (date(2026, 10, 4), "long_weekend"),
        (date(2026, 10, 8), ""),
        (date(2026, 10, 10), "makeup_workday"),
        (date(2026, 4, 6), "short_off"),
        (date(2026, 6, 18), "shopping_618"),
        (date(2026, 11, 11), "shopping_double11"),
        (date(2026, 3, 18), ""),
    ],
)
def test_days_of_the_chinese_year(day: date, expected: str) -> None:
    assert kind(day) == expected


def test_other_countries_and_none() -> None:
    assert kind(date(2025, 12, 27), "US") == "year_end"
    assert kind(date(2026, 1, 1), "DE") == "year_end"
    assert kind(date(2025, 5, 1), "DE") == "short_off"
    assert kind(date(2025, 10, 1), "US") == ""
    assert kind(date(2026, 10, 1), None) == ""
    with pytest.raises(UnknownCountry):
        kind(date(2026, 10, 1), "XX")


def test_stretches_are_runs_of_one_kind() -> None:
    days = [date(2026, 10, 1) + timedelta(days=i) for i in range(10)]
    assert [(s.kind, s.start.day, s.end.day) for s in stretches(days, kinds_of(days, "CN"))] == [
        ("long_off", 1, 2),
        ("long_weekend", 3, 4),
        ("long_off", 5, 7),
        ("makeup_workday", 10, 10),
    ]


def office_metric(start: date, days: int, launch: int, lift: float = 0.0) -> Series:
    """A metric of working people: half on free days, full on make-up workdays."""
    rng = np.random.default_rng(11)
    values = []
    for i in range(days):
        day = start + timedelta(days=i)
        name = kind(day)
        free = name in ("long_off", "long_weekend", "short_off", "spring_festival")
        free = free or (day.weekday() >= 5 and name != "makeup_workday")
        level = 500 if free else 1000
        values.append(level * math.exp(rng.normal(0, 0.02)) * (1 + lift if i >= launch else 1))
    return Series(start, tuple(values))


def look(series: Series, launch: date, country: str | None = "CN", days: int = 14) -> Effect:
    asked = LookBackSpec(launch, days, Size(0.10), country=country, as_of=date(2027, 6, 1))
    return evaluate(series, asked, second_opinion=False)


def test_a_long_holiday_the_past_never_saw_forbids_a_result() -> None:
    series = office_metric(date(2026, 6, 22), 120, 95, lift=0.2)
    effect = look(series, date(2026, 9, 25), days=21)
    assert effect.result is Result.CANT_TELL
    note = effect.reasons[0]
    assert note.code == "holiday_in_window"
    assert (note.params["start"], note.params["end"]) == ("2026-10-01", "2026-10-07")
    assert effect.next_steps[0].code == "window_beyond_holiday"
    assert all(not d.used for d in effect.days if date(2026, 10, 1) <= d.day <= date(2026, 10, 7))


def test_a_long_holiday_the_past_has_seen_is_modelled() -> None:
    """一五 teaches what 国庆 does: same kind of days, a year with both."""
    start = date(2025, 9, 1)
    series = office_metric(start, 420, 389)
    effect = look(series, date(2026, 9, 25), days=21)
    assert [h.treatment for h in effect.diagnostics.holidays if h.kind == "long_off"] == ["modelled"]
    assert effect.result is Result.MISSED
    assert effect.relative is not None
    assert abs(effect.relative.value) < 0.05
    # Without the calendar the same window looks like a fall.
    blind = look(series, date(2026, 9, 25), country=None, days=21)
    assert blind.relative is not None
    assert blind.relative.value < -0.10


def test_a_short_holiday_the_past_never_saw_is_left_out() -> None:
    series = office_metric(date(2026, 7, 1), 100, 80)
    effect = look(series, date(2026, 9, 19), days=7)
    dropped = [(h.kind, h.start) for h in effect.diagnostics.holidays if h.treatment == "dropped"]
    assert ("makeup_workday", date(2026, 9, 20)) in dropped
    assert effect.diagnostics.n_post == 5
    assert "holidays_dropped" in [w.code for w in effect.warnings]


def test_spring_festival_needs_a_spring_festival_in_the_past() -> None:
    series = office_metric(date(2025, 9, 1), 200, 165)
    effect = look(series, date(2026, 2, 12))
    assert effect.reasons[0].code == "holiday_in_window"
    assert effect.reasons[0].params["kind"] == "spring_festival"
