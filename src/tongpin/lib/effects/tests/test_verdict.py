"""Every line of measuring.md §1, in the good direction; the mirror is tested through evaluate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tongpin.lib.effects import Evidence, Note, Result
from tongpin.lib.effects.verdict import Evidenced, Spread, attainment, compare, judge

CASE = Evidenced(0.0, None, None, expected=0.05, worth=0.02, evidence=Evidence.C)


def word(low: float, estimate: float, high: float, **change: object) -> tuple[Result, str]:
    result, reasons = judge(replace(CASE, low=low, estimate=estimate, high=high, **change))  # type: ignore[arg-type]
    return result, reasons[0].code


@pytest.mark.parametrize(
    ("low", "estimate", "high", "result", "reason"),
    [
        (0.01, 0.06, 0.11, Result.MET, "above_zero_and_expected"),
        (0.001, 0.05, 0.1, Result.MET, "above_zero_and_expected"),
        (0.001, 0.05 * (1 - 1e-14), 0.1, Result.MET, "above_zero_and_expected"),
        (0.01, 0.03, 0.05, Result.PARTLY, "above_zero_below_expected"),
        (0.005, 0.015, 0.02, Result.PARTLY, "above_zero_below_expected"),
        (0.005, 0.012, 0.019, Result.MISSED_TOO_SMALL, "below_worth"),
        (-0.02, 0.01, 0.04, Result.MISSED, "expected_ruled_out"),
        (0.0, 0.01, 0.04, Result.MISSED, "expected_ruled_out"),
        (-0.02, 0.02, 0.06, Result.CANT_TELL, "interval_too_wide"),
        (-0.02, 0.02, 0.05, Result.CANT_TELL, "interval_too_wide"),
        (-0.09, -0.05, -0.01, Result.NEGATIVE, "interval_below_zero"),
        (-0.02, -0.01, 0.0, Result.MISSED, "expected_ruled_out"),
    ],
)
def test_the_word_follows_the_interval(
    low: float, estimate: float, high: float, result: Result, reason: str
) -> None:
    assert word(low, estimate, high) == (result, reason)


def test_met_does_not_ask_the_lower_end_to_reach_the_expectation() -> None:
    assert word(0.001, 0.051, 0.101)[0] is Result.MET


def test_without_an_expectation_worth_is_the_bar_and_without_both_zero_is() -> None:
    assert word(0.01, 0.03, 0.05, expected=None)[0] is Result.MET
    assert word(0.001, 0.015, 0.03, expected=None)[0] is Result.PARTLY
    assert word(-0.02, 0.0, 0.01, expected=None)[0] is Result.MISSED
    assert word(0.001, 0.015, 0.03, expected=None, worth=None)[0] is Result.MET
    result, reasons = judge(replace(CASE, low=-1.0, high=1.0, expected=None, worth=None))
    assert result is Result.CANT_TELL
    assert Note("no_expectation") in reasons


def test_without_a_worth_nothing_is_too_small() -> None:
    assert word(0.005, 0.012, 0.019, worth=None)[0] is Result.PARTLY


def test_d_always_reads_cant_tell() -> None:
    assert word(0.04, 0.06, 0.08, evidence=Evidence.D) == (Result.CANT_TELL, "before_after_only")
    assert judge(replace(CASE, estimate=0.5))[0] is Result.CANT_TELL


def test_a_blocker_beats_every_number() -> None:
    blocked = replace(CASE, low=0.04, estimate=0.06, high=0.08, blockers=(Note("overlap"),))
    assert judge(blocked) == (Result.CANT_TELL, (Note("overlap"),))


def test_a_breached_guardrail_caps_at_partly_and_is_shown() -> None:
    met = replace(CASE, low=0.04, estimate=0.06, high=0.08, guardrail_breached=True)
    result, reasons = judge(met)
    assert result is Result.PARTLY
    assert Note("guardrail_breached") in reasons
    negative = replace(CASE, low=-0.08, estimate=-0.06, high=-0.04, guardrail_breached=True)
    assert judge(negative)[0] is Result.NEGATIVE


def test_attainment() -> None:
    assert attainment(0.087, 0.06) == pytest.approx(1.45)
    assert attainment(-0.03, 0.06) == pytest.approx(-0.5)
    assert attainment(0.03, None) is None


@pytest.mark.parametrize(
    ("other", "agrees", "same_direction"),
    [
        ((0.02, 0.06, 0.10), True, True),
        ((0.048, 0.0485, 0.049), True, True),  # a hair beside it
        ((0.30, 0.40, 0.50), False, True),  # both above zero, and far apart
        ((0.005, 0.011, 0.04), False, True),  # ours lies outside of its interval
        ((-0.01, 0.05, 0.11), False, False),  # near, but one says that there may be nothing
        ((-0.10, -0.05, -0.01), False, False),
    ],
)
def test_two_readings_agree_only_when_near(
    other: tuple[float, float, float], agrees: bool, same_direction: bool
) -> None:
    assert compare(Spread(0.01, 0.05, 0.09), Spread(*other)) == (agrees, same_direction)


def test_two_readings_around_zero_agree_that_nothing_is_sure() -> None:
    ours = Spread(-0.02, 0.01, 0.04)
    assert compare(ours, Spread(-0.05, -0.01, 0.03)) == (True, True)
    assert compare(ours, Spread(-0.3, -0.15, 0.02)) == (False, False)
