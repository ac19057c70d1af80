"""What may be asked of a look back, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tongpin.lib.effects import (
    Direction,
    Result,
    Size,
    SizeUnit,
    SpecError,
    plan,
)
from tongpin.lib.effects.tests.test_evaluation import START, ask, codes, metric, spec, warned


def test_plan_says_what_a_window_can_show() -> None:
    series = metric(days=100)
    quiet = plan(series, spec(99, as_of=None))
    assert quiet is not None
    assert quiet.confirms_expected
    loud = plan(metric(days=100, noise=0.3), spec(99, as_of=None))
    assert loud is not None
    assert not loud.confirms_expected
    assert loud.absolute > quiet.absolute
    assert plan(metric(days=12), spec(11, as_of=None)) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"launch": START}, "launch_outside_series"),
        ({"launch": date(2030, 1, 1)}, "launch_outside_series"),
        ({"country": "XX"}, "unknown_country"),
    ],
)
def test_impossible_questions_are_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(SpecError) as raised:
        ask(metric(), replace(spec(), **change))  # type: ignore[arg-type]
    assert raised.value.code == code


def test_a_worth_above_the_expectation_is_refused_in_any_units() -> None:
    units, share = Size(50, SizeUnit.ABSOLUTE), Size(0.05)  # of a metric around 1000
    for expected, worth in ((share, replace(units, value=60)), (units, Size(0.06))):
        for door in (ask, plan):
            with pytest.raises(SpecError) as raised:
                door(metric(), spec(expected=expected, worth=worth))
            assert (raised.value.code, raised.value.field_name) == ("worth_above_expected", "worth")
    assert plan(metric(), spec(expected=Size(0.05), worth=Size(40, SizeUnit.ABSOLUTE))) is not None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"window_days": 0}, "window_out_of_range"),
        ({"worth": Size(0.5)}, "worth_above_expected"),
        ({"expected": Size(-1)}, "size_not_positive"),
        ({"expected": Size(1.5), "direction": Direction.DOWN}, "decrease_over_100"),
    ],
)
def test_impossible_specifications_are_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(SpecError) as raised:
        spec(**change)
    assert raised.value.code == code


def test_before_the_window_is_over_there_is_no_result() -> None:
    effect = ask(metric(days=106, lift=0.3), spec(as_of=START + timedelta(days=106)))
    assert effect.result is Result.CANT_TELL
    assert codes(effect)[0] == "window_not_over"
    assert effect.reasons[0].params["days_left"] == 8
    assert effect.reasons[0].params["ready_on"] == (START + timedelta(days=114)).isoformat()
    assert not effect.window_over
    assert effect.next_steps[0].code == "wait_for_window"


def test_data_that_stop_inside_the_window_are_said_to() -> None:
    effect = ask(metric(days=106, lift=0.3), spec())
    assert codes(effect)[0] == "data_end_early"
    assert effect.diagnostics.missing_post == 0, "days after the last value are not missing"
    assert "missing_days" not in warned(effect)
