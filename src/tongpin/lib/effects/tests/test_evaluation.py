"""Look backs from the door people use: a series, a day, an expectation."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from tongpin.lib.effects import (
    Direction,
    Effect,
    Evidence,
    LookBackSpec,
    Method,
    OtherLaunch,
    Result,
    Scale,
    Size,
    SizeUnit,
    SpecError,
    evaluate,
)
from tongpin.lib.series import Series, Unit

START = date(2025, 3, 3)
SEASON = [0.06, 0.05, 0.03, 0.02, -0.01, -0.09, -0.06]


def metric(
    days: int = 114,
    launch: int = 100,
    lift: float = 0.0,
    noise: float = 0.02,
    level: float = 1000,
    seed: int = 7,
) -> Series:
    rng = np.random.default_rng(seed)
    y = [SEASON[i % 7] + rng.normal(0, noise) + (math.log1p(lift) if i >= launch else 0) for i in range(days)]
    return Series(START, tuple(level * math.exp(v) for v in y))


def spec(launch: int = 100, **change: object) -> LookBackSpec:
    base = LookBackSpec(
        START + timedelta(days=launch), 14, Size(0.05), Size(0.02), country=None, as_of=date(2026, 12, 1)
    )
    return replace(base, **change)  # type: ignore[arg-type]


def ask(series: Series, asked: LookBackSpec) -> Effect:
    return evaluate(series, asked, second_opinion=False)


def codes(effect: Effect) -> list[str]:
    return [note.code for note in effect.reasons]


def warned(effect: Effect) -> list[str]:
    return [note.code for note in effect.warnings]


def test_a_lift_above_the_expectation_is_met() -> None:
    effect = evaluate(metric(lift=0.10), spec())
    assert effect.result is Result.MET
    assert (effect.method, effect.evidence, effect.scale) == (Method.STATE_SPACE, Evidence.C, Scale.LOG)
    assert effect.relative is not None
    assert effect.relative.value == pytest.approx(0.10, abs=0.02)
    assert effect.relative.low < 0.10 < effect.relative.high  # type: ignore[operator]
    assert effect.p_positive > 0.99  # type: ignore[operator]
    assert effect.attainment == pytest.approx(effect.relative.value / 0.05)
    assert effect.next_steps == ()
    assert effect.second_opinion is not None
    assert effect.second_opinion.same_direction
    assert effect.window_over


def test_the_absolute_effect_fits_the_relative_one() -> None:
    effect = ask(metric(lift=0.10), spec())
    assert effect.relative is not None
    assert effect.absolute is not None
    assert effect.cumulative is not None
    assert effect.actual_mean == pytest.approx(effect.expected_mean * (1 + effect.relative.value))  # type: ignore[operator]
    assert effect.absolute.value == pytest.approx(effect.actual_mean - effect.expected_mean)  # type: ignore[operator]
    assert effect.cumulative.value == pytest.approx(14 * effect.absolute.value)


def test_a_lift_below_the_expectation_is_partly() -> None:
    effect = ask(metric(lift=0.04, noise=0.01), spec(expected=Size(0.08)))
    assert effect.result is Result.PARTLY
    assert 0 < effect.attainment < 1  # type: ignore[operator]


def test_no_lift_with_a_narrow_interval_is_missed() -> None:
    effect = ask(metric(noise=0.01), spec(expected=Size(0.10)))
    assert effect.result is Result.MISSED
    assert codes(effect) == ["expected_ruled_out"]


def test_a_fall_is_negative_and_the_mirror_is_met() -> None:
    fall = metric(lift=-0.12)
    assert ask(fall, spec()).result is Result.NEGATIVE
    mirrored = ask(fall, spec(direction=Direction.DOWN))
    assert mirrored.result is Result.MET
    assert mirrored.relative is not None
    assert mirrored.relative.value < 0
    assert mirrored.p_positive > 0.99  # type: ignore[operator]
    assert mirrored.attainment > 1  # type: ignore[operator]
    assert ask(metric(lift=0.12), spec(direction=Direction.DOWN)).result is Result.NEGATIVE


def test_too_small_to_matter() -> None:
    effect = ask(metric(lift=0.012, noise=0.004), spec(worth=Size(0.03)))
    assert effect.result is Result.MISSED_TOO_SMALL


def test_a_wide_interval_cant_tell_and_gives_three_next_steps() -> None:
    effect = ask(metric(lift=0.03, noise=0.15), spec())
    assert effect.result is Result.CANT_TELL
    assert codes(effect) == ["interval_too_wide"]
    assert len(effect.next_steps) == 3
    assert effect.next_steps[0].code in ("longer_window", "longer_window_not_enough")
    assert [n.code for n in effect.next_steps[1:]] == ["nearer_metric", "give_to_a_part_first"]
    assert "window_cannot_confirm" in warned(effect)
    assert effect.relative is not None, "the observed change is still shown"


def test_a_window_that_did_show_an_effect_is_not_called_too_short() -> None:
    effect = ask(metric(lift=0.4, noise=0.15), spec())
    assert effect.detectable is not None
    assert effect.detectable.confirms_expected is False
    assert effect.result is Result.MET
    assert "window_cannot_confirm" not in warned(effect)


def test_without_an_expectation_a_long_history_is_not_called_short() -> None:
    effect = ask(metric(lift=0.0, noise=0.15), spec(expected=None))
    assert effect.result is Result.CANT_TELL
    assert [n.code for n in effect.next_steps] == [
        "write_an_expectation",
        "nearer_metric",
        "give_to_a_part_first",
    ]


def test_shares_are_read_in_points() -> None:
    rng = np.random.default_rng(1)
    values = [0.30 + rng.normal(0, 0.008) + (0.06 if i >= 100 else 0) for i in range(114)]
    effect = ask(
        Series(START, tuple(values), unit=Unit.SHARE), spec(expected=Size(4, SizeUnit.POINTS), worth=None)
    )
    assert effect.scale is Scale.LOGIT
    assert effect.result is Result.MET
    assert effect.absolute is not None
    assert effect.absolute.value == pytest.approx(0.06, abs=0.01)
    assert effect.attainment == pytest.approx(effect.absolute.value / 0.04)
    with pytest.raises(SpecError, match="points_need_share"):
        ask(metric(), spec(expected=Size(4, SizeUnit.POINTS), worth=None))


def test_absolute_sizes_and_series_with_negative_values() -> None:
    rng = np.random.default_rng(4)
    values = tuple(rng.normal(0, 5) + (12 if i >= 100 else 0) for i in range(114))
    effect = ask(Series(START, values), spec(expected=Size(8, SizeUnit.ABSOLUTE), worth=None))
    assert effect.scale is Scale.LINEAR
    assert effect.result is Result.MET
    assert effect.absolute.value == pytest.approx(12, abs=4)  # type: ignore[union-attr]
    # A share of a base around zero means nothing: no relative effect, and no word on a relative bet.
    relative = ask(Series(START, values), spec())
    assert relative.relative is None
    assert relative.result is Result.CANT_TELL
    assert "no_base_for_relative" in codes(relative)


def test_the_running_day_is_not_judged() -> None:
    series = metric(lift=0.1)
    broken = replace(series, values=(*series.values[:-1], 3.0))
    effect = ask(broken, spec(as_of=series.end))
    assert "running_day_dropped" in warned(effect)
    assert effect.diagnostics.n_post == 13
    assert effect.days[-1].actual is None


def test_overlap_makes_own_history_untellable() -> None:
    other = OtherLaunch(START + timedelta(days=105), "v3.4")
    effect = ask(metric(lift=0.3), spec(other_launches=(other,)))
    assert effect.result is Result.CANT_TELL
    assert effect.reasons[0].params["label"] == "v3.4"
    before = OtherLaunch(START + timedelta(days=60))
    assert ask(metric(lift=0.3), spec(other_launches=(before,))).result is Result.MET


def test_a_guardrail_caps_at_partly() -> None:
    assert ask(metric(lift=0.1), spec(guardrail_breached=True)).result is Result.PARTLY


def test_missing_days_stay_missing() -> None:
    series = metric(lift=0.1)
    holes = {20, 21, 55, 103, 108}
    gapped = replace(series, values=tuple(math.nan if i in holes else v for i, v in enumerate(series.values)))
    effect = ask(gapped, spec())
    assert effect.diagnostics.missing_pre == 3
    assert effect.diagnostics.missing_post == 2
    assert effect.diagnostics.n_post == 12
    assert effect.result is Result.MET
    assert "missing_days" in warned(effect)


def test_a_window_that_is_mostly_missing_is_a_data_gap() -> None:
    series = metric(lift=0.1)
    gapped = replace(
        series, values=tuple(math.nan if 101 <= i < 112 else v for i, v in enumerate(series.values))
    )
    assert codes(ask(gapped, spec()))[0] == "data_gap"


def test_partial_days_of_a_roll_out_belong_to_neither_side() -> None:
    series = metric(days=120, lift=0.1)
    odd = replace(series, values=tuple(v * 3 if i in (100, 101) else v for i, v in enumerate(series.values)))
    effect = ask(odd, spec(partial_days=2))
    assert effect.diagnostics.n_pre == 100
    assert effect.relative.value == pytest.approx(0.1, abs=0.03)  # type: ignore[union-attr]
    partial = [d for d in effect.days if d.why == "partial"]
    assert [d.day for d in partial] == [START + timedelta(days=i) for i in (100, 101)]
    assert not any(d.used or d.in_window for d in partial)


def test_short_history_is_labelled_and_widened() -> None:
    long, short = ask(metric(), spec()), ask(metric(days=49, launch=35), spec(35))
    assert not long.diagnostics.short_history
    assert short.diagnostics.short_history
    assert short.diagnostics.df == 2
    assert "short_history" in warned(short)
    assert short.relative.high > 2 * long.relative.high  # type: ignore[union-attr,operator]


@pytest.mark.parametrize("past", [7, 10, 20])
def test_below_three_weeks_only_before_and_after(past: int) -> None:
    effect = ask(metric(days=past + 14, launch=past, lift=0.5), spec(past))
    assert (effect.method, effect.evidence) == (Method.BEFORE_AFTER, Evidence.D)
    assert effect.result is Result.CANT_TELL
    assert codes(effect)[-1] == "before_after_only"
    assert effect.relative is not None
    assert effect.relative.value == pytest.approx(0.5, abs=0.2)
    assert effect.relative.low is None
    assert effect.p_positive is None
    assert len(effect.next_steps) == 3


def test_before_and_after_compares_weekday_with_weekday() -> None:
    values = tuple(100.0 if (START + timedelta(days=i)).weekday() < 5 else 10.0 for i in range(17))
    # Three weekend-free days after, against a past with a weekend in it.
    effect = ask(Series(START, values), spec(14, window_days=3))
    assert effect.absolute is not None
    assert effect.absolute.value == 0


def test_a_constant_series_does_not_pretend_to_know() -> None:
    effect = ask(Series(START, (5.0,) * 114), spec())
    assert effect.evidence is Evidence.D
    assert codes(effect) == ["no_variation", "before_after_only"]
    assert effect.result is Result.CANT_TELL


def test_novelty_is_noticed() -> None:
    series = metric(lift=0.0, noise=0.01)
    fading = tuple(v * (1.3 if 100 <= i < 107 else 1.0) for i, v in enumerate(series.values))
    effect = ask(replace(series, values=fading), spec())
    assert effect.halves_differ
    assert "effect_fades" in warned(effect)
    assert effect.first_half.value > 0.2 > 0.1 > effect.last_half.value  # type: ignore[union-attr]
    first, last = effect.first_half_absolute, effect.last_half_absolute
    assert first is not None
    assert last is not None
    assert effect.absolute is not None
    assert first.value > effect.absolute.value > last.value
    assert not ask(metric(lift=0.1, noise=0.01), spec()).halves_differ


def test_harm_that_fades_is_not_called_growth() -> None:
    series = metric(lift=0.0, noise=0.01)

    def course(first: float, last: float) -> list[str]:
        values = [
            v * (first if 100 <= i < 107 else last if i >= 107 else 1.0) for i, v in enumerate(series.values)
        ]
        return [
            code for code in warned(ask(replace(series, values=tuple(values)), spec())) if "effect" in code
        ]

    assert course(0.6, 0.85) == ["effect_fades"]
    assert course(0.85, 0.6) == ["effect_grows"]
    assert course(1.3, 0.8) == ["effect_turned"]


def test_a_shift_shortly_before_the_launch_is_a_reason_for_doubt() -> None:
    series = metric(noise=0.01)
    for since, code in ((92, "level_shift_near"), (50, "level_shift")):
        shifted = tuple(v * (1.5 if i >= since else 1.0) for i, v in enumerate(series.values))
        notes = {note.code: note.params for note in ask(replace(series, values=shifted), spec()).warnings}
        assert notes[code]["ago"] == 100 - since


def test_a_past_repeated_to_the_last_digit_has_no_noise_to_judge_by() -> None:
    week = (100.0, 120.0, 130.0, 140.0, 150.0, 60.0, 50.0)
    for values in (
        tuple(week[i % 7] * (1.05 if i >= 100 else 1) for i in range(114)),
        tuple(1000 * (1 + 1e-9 * v) for v in np.random.default_rng(1).normal(size=114)),
        (5.0,) * 100 + (6.0,) * 14,
    ):
        effect = ask(Series(START, values), spec())
        assert (effect.evidence, codes(effect)) == (Evidence.D, ["no_variation", "before_after_only"])
    short = ask(Series(START, (5.0,) * 30 + (6.0,) * 14), spec(30))
    assert codes(short)[0] == "no_variation", "thirty days would be enough if they moved"
    few = ask(metric(days=30, launch=16), spec(16))
    assert few.reasons[0].params == {"have": 16, "need": 21, "safe": 42, "step": 1}


@pytest.mark.parametrize("factor", [1e-140, 1e-12, 1.0, 1e120])
def test_the_answer_does_not_depend_on_the_unit_of_the_metric(factor: float) -> None:
    dice = np.random.default_rng(4)
    counts = [0.0, *dice.poisson(3, 99).astype(float), *dice.poisson(9, 14).astype(float)]
    effect = ask(Series(START, tuple(v * factor for v in counts)), spec())
    plain = ask(Series(START, tuple(counts)), spec())
    assert (effect.scale, effect.result, codes(effect)) == (Scale.LINEAR, plain.result, codes(plain))
    assert effect.p_positive == pytest.approx(plain.p_positive, abs=1e-4)
    assert effect.absolute.high == pytest.approx(plain.absolute.high * factor, rel=1e-3)  # type: ignore[union-attr,operator]
    assert effect.days[-1].high == pytest.approx(plain.days[-1].high * factor, rel=1e-3)  # type: ignore[operator]


def test_a_shift_in_the_past_is_pointed_at() -> None:
    series = metric(noise=0.01)
    shifted = tuple(v * (1.5 if i >= 50 else 1.0) for i, v in enumerate(series.values))
    effect = ask(replace(series, values=shifted), spec())
    assert effect.diagnostics.level_shift_day == START + timedelta(days=50)
    assert "level_shift" in warned(effect)


def test_the_picture_and_the_weeks_tell_the_same_story() -> None:
    effect = ask(metric(lift=0.1), spec())
    assert [b.day - a.day for a, b in pairwise(effect.days)] == [timedelta(days=1)] * (len(effect.days) - 1)
    window = [d for d in effect.days if d.in_window]
    assert len(window) == 14
    assert all(d.low < d.expected < d.high for d in window)  # type: ignore[operator]
    weeks = [w for w in effect.weeks if w.in_window]
    assert [w.week for w in weeks] == [0, 1]
    assert weeks[0].start == START + timedelta(days=100)
    for week in weeks:
        assert week.low < week.expected < week.high < week.actual  # type: ignore[operator]


def test_weekly_data_work_without_a_season() -> None:
    rng = np.random.default_rng(9)
    values = tuple(500 * math.exp(rng.normal(0, 0.02)) * (1.2 if i >= 40 else 1) for i in range(46))
    series = Series(START, values, step_days=7)
    effect = ask(series, LookBackSpec(series.day(40) - timedelta(days=2), 42, Size(0.1)))
    assert effect.result is Result.MET
    assert effect.diagnostics.n_post == 6
    # The week the launch fell into belongs to neither side.
    assert effect.diagnostics.n_pre == 39
    assert "weekly_data" in warned(effect)
    window = next(note.params for note in effect.warnings if note.code == "weekly_window")
    assert window == {
        "weeks": 6,
        "start": series.day(40).isoformat(),
        "end": (series.day(46) - timedelta(days=1)).isoformat(),
    }
    few = ask(replace(series, values=values[:10]), LookBackSpec(series.day(4), 14))
    assert few.reasons[0].params["step"] == 7 or few.reasons[1].params["step"] == 7


def test_shops_closed_on_weekends_are_modelled() -> None:
    series = metric(lift=0.1)
    shut = tuple(
        math.nan if (START + timedelta(days=i)).weekday() >= 5 else v for i, v in enumerate(series.values)
    )
    effect = ask(replace(series, values=shut), spec())
    assert effect.evidence is Evidence.C
    assert effect.result is Result.MET
    assert effect.diagnostics.missing_pre == 0


def test_progress_and_determinism() -> None:
    seen: list[tuple[float, str]] = []
    first = evaluate(metric(), spec(), progress=lambda share, step: seen.append((share, step)))
    assert seen[0] == (0.0, "prepare")
    assert seen[-1] == (1.0, "done")
    assert [s for s, _ in seen] == sorted(s for s, _ in seen)
    assert evaluate(metric(), spec()) == first
