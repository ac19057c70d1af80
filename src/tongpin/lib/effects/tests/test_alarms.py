"""Unusual days: how often nothing is called one, and how many real ones are found (measuring.md §6)."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from tongpin.lib.effects.alarms import LIMIT, Judged, Least, judge
from tongpin.lib.effects.calendars import kinds_of
from tongpin.lib.effects.simulation import START, draw
from tongpin.lib.series.types import Unit

DAY = timedelta(days=1)
#: Kinds without real anomalies of their own; “outliers” has one in twenty days that is one.
CALM = ("iid", "AR .7", "random walk", "trend + AR", "earlier shift")


def judged(values, since, kinds=None, least=None, unit=Unit.NUMBER, first=START):
    kinds = kinds or [""] * len(values)
    return judge(first, values, kinds, least or Least(), first + since * DAY, unit)


def series(kind, run, days=120):
    return list(draw(kind, run, days, 0).values)


def false_alarms(kind, runs, days=28):
    """Rings in ``days`` days after four months without an anomaly, for 100 days."""
    rang = sum(each.unusual for run in range(runs) for each in judged(series(kind, run, 120 + days), 120))
    return 100 * rang / (runs * days)


def found(kind, runs, spike=0.25):
    """Share of single days, up or down by ``spike``, that ring."""
    rang = 0
    for run in range(runs):
        values = series(kind, run, 121)
        values[-1] *= 1 + spike if run % 2 else 1 - spike
        rang += judged(values, 120)[0].unusual
    return rang / runs


def test_false_alarms_and_spikes_over_all_calm_kinds():
    """measuring.md: .04 to .9 false alarms in 100 days by kind, 72 to 99 % of 25 % spikes. Of so few runs the mean over
    the kinds is held to at most 1.0 and at least 65 % (two standard errors of 40 spikes are 14 points)."""
    assert np.mean([false_alarms(kind, 4) for kind in CALM]) <= 1.0
    assert np.mean([found(kind, 8) for kind in CALM]) >= 0.65


def test_a_small_change_is_no_news_however_sure():
    values = [1000.0 + n % 7 for n in range(120)] + [1050.0]
    assert judged(values, 120, least=Least(0, 0.01))[0].unusual
    assert not judged(values, 120, least=Least(0, 0.10))[0].unusual
    assert not judged(values, 120, least=Least(60, 0.01))[0].unusual


def test_a_level_that_stays_rings_at_first_and_is_then_the_new_normal():
    rng = np.random.default_rng(3)
    values = list(1000 * np.exp(rng.normal(0, 0.03, 160)) * np.where(np.arange(160) >= 120, 1.5, 1.0))
    rang = [each.unusual for each in judged(values, 115)]
    assert not any(rang[:5])
    assert rang[5]
    assert not any(rang[-14:])


def test_one_odd_day_does_not_make_the_next_ones_odd():
    values = series("iid", 5, 140)
    values[120] *= 3
    rang = [each.unusual for each in judged(values, 120)]
    assert rang[0]
    assert sum(rang[1:]) == 0


def test_what_was_said_then_does_not_depend_on_later_days():
    values = series("random walk", 2, 160)
    whole = judged(values, 100)
    for at in (100, 113, 131, 159):
        assert judged(values[: at + 1], at) == [whole[at - 100]]


def test_a_spring_festival_does_not_ring_and_leaves_the_level_alone():
    first = date(2025, 9, 1)
    days = [first + n * DAY for n in range(200)]
    kinds = kinds_of(days, "CN")
    rng = np.random.default_rng(1)
    festival = {"spring_festival": 0.3, "spring_before": 0.7, "spring_after": 0.8}
    values = [1000 * float(np.exp(rng.normal(0, 0.04))) * festival.get(kind, 1.0) for kind in kinds]
    told = judge(first, values, kinds, Least(), date(2026, 2, 1))
    assert "spring_festival" in kinds
    assert not any(each.unusual for each in told)
    assert {each.why for each in told if kinds[(each.day - first).days]} == {"holiday"}
    quiet = judge(first, values, [""] * 200, Least(), date(2026, 2, 1))
    assert any(each.unusual for each in quiet), "without the calendar it rings"


@pytest.mark.parametrize(
    ("count", "why"), [(10, "short"), (20, "short"), (22, ""), (41, ""), (42, ""), (60, "")]
)
def test_little_history(count, why):
    values = [100.0 + (n % 7) * 10 + (n % 3) for n in range(count)] + [1000.0]
    (last,) = judged(values, count)
    assert (last.why, last.unusual) == (why, not why)


def test_missing_days_are_missing_and_not_zero():
    values = series("iid", 1, 130)
    values[60:70] = [None] * 10
    values[125] = None
    told = judged(values, 120)
    assert told[5] == Judged(START + 125 * DAY, None, why="missing")
    assert not any(each.unusual for each in told)


def test_shares_zeroes_and_a_constant():
    rng = np.random.default_rng(2)
    shares = list(np.clip(0.98 + rng.normal(0, 0.004, 121), 0, 0.999))
    (last,) = judged(shares, 120, unit=Unit.SHARE)
    assert last.high is not None
    assert last.high < 1
    zeroes = [float(v) for v in rng.poisson(3, 121)]
    assert judged(zeroes, 120)[0].why == ""
    assert judged([*zeroes[:-1], 40.0], 120)[0].unusual
    constant = judged([5.0] * 121, 120)[0]
    assert not constant.unusual
    assert constant.expected == pytest.approx(5)


def test_the_band_is_what_decides():
    values = series("iid", 7, 121)
    (calm,) = judged(values, 120, least=Least(0, 0))
    assert calm.low is not None
    assert calm.high is not None
    for value, rings in ((calm.high * 0.999, False), (calm.high * 1.001, True), (calm.low * 0.999, True)):
        assert judged([*values[:-1], value], 120, least=Least(0, 0))[0].unusual == rings
    assert LIMIT == 3.5
