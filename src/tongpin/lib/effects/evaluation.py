"""One look back from end to end: prepare, fit, calibrate, read, judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tongpin.lib.effects import before_after, gibbs, notes, picture, signals
from tongpin.lib.effects.placebo import Calibration, calibrate, is_short
from tongpin.lib.effects.power import detectable, window_sd
from tongpin.lib.effects.preparation import Frame, prepare
from tongpin.lib.effects.scale import Floats, Reading, reading
from tongpin.lib.effects.state_space import OneStep, Past, Variances, fit_variances, forecast, one_step
from tongpin.lib.effects.types import (
    Detectable,
    Diagnostics,
    Direction,
    Effect,
    Estimate,
    Evidence,
    LookBackSpec,
    Method,
    Note,
    Result,
    SecondOpinion,
    Size,
    SizeUnit,
)
from tongpin.lib.effects.verdict import Evidenced, Spread, attainment, compare, judge
from tongpin.lib.series.types import Series

GIBBS_PAST = 240
"""Steps of past the second opinion reads: more changes nothing but the time it takes."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Fitted:
    """The model on one frame. ``mean``/``cov`` are of (window mean, first half, last half), model scale."""

    past: Past
    variances: Variances
    step: OneStep
    calibration: Calibration
    actual: Floats
    mean: Floats
    cov: Floats

    @property
    def effect(self) -> Floats:
        """Effects on the model's scale."""
        return self.actual - self.mean

    def sd(self, weights: Floats) -> float:
        """Inflated s.d. of a weighted sum of the three effects."""
        return float(np.sqrt(max(float(weights @ self.cov @ weights), 0.0))) * self.calibration.inflation


def evaluate(
    series: Series, spec: LookBackSpec, second_opinion: bool = True, progress: Progress | None = None
) -> Effect:
    """See ``tongpin.lib.effects.evaluate``."""
    tell: Progress = progress or (lambda share, step: None)
    tell(0.0, "prepare")
    frame = prepare(series, spec)
    fitted = None
    if frame.enough_past and bool(frame.used.any()):
        tell(0.1, "fit")
        fitted = fit(frame, tell)
    if fitted is None:
        effect = _descriptive(frame)
    else:
        effect = _modelled(frame, fitted, second_opinion, tell)
    tell(1.0, "done")
    return effect


def fit(frame: Frame, tell: Progress = lambda share, step: None) -> Fitted | None:
    """The model, calibrated; None when the past does not determine it."""
    past, variances = _past(frame)
    regressors = frame.regressors
    rows = frame.window_rows()
    mean = forecast(past, regressors, rows, _weights(rows))
    if mean is None or not bool(np.isfinite(mean.mean).all()):
        return None
    tell(0.4, "calibrate")
    short = is_short(frame.n_past, frame.steps, frame.series.step_days)
    calibration = calibrate(past, frame.y, frame.design, frame.columns, frame.steps, short, frame.sparse)
    step = one_step(np.where(frame.past, frame.y, np.nan), regressors, variances)
    return Fitted(past, variances, step, calibration, _weights(rows) @ frame.y[rows], mean.mean, mean.cov)


def _past(frame: Frame) -> tuple[Past, Variances]:
    begin = int(np.argmax(frame.past))
    stop = int(np.flatnonzero(frame.past)[-1]) + 1
    seen = np.where(frame.past, frame.y, np.nan)
    variances = fit_variances(seen[begin:stop], frame.regressors[begin:stop])
    return Past.make(frame.y, frame.regressors, frame.past, variances), variances


def _weights(rows: Floats | np.ndarray) -> Floats:
    """Mean of the whole window, of its first and of its last half (all equal for a single day)."""
    m = rows.size
    weights = np.full((3, m), 1.0 / m)
    if m > 1:
        half = m // 2
        weights[1] = np.where(np.arange(m) < m - half, 1.0 / (m - half), 0.0)
        weights[2] = np.where(np.arange(m) >= m - half, 1.0 / half, 0.0)
    return weights


def _modelled(frame: Frame, fitted: Fitted, second_opinion: bool, tell: Progress) -> Effect:
    spec, calibration = frame.spec, fitted.calibration
    read = _reading(frame, fitted)
    q = calibration.quantile(0.5 + spec.level / 2)
    whole, first, last = np.eye(3)
    d, sd = float(fitted.effect[0]), fitted.sd(whole)
    sign = 1.0 if spec.direction is Direction.UP else -1.0
    expected = None if spec.expected is None else read.threshold(spec.expected, spec.direction)
    worth = None if spec.worth is None else read.threshold(spec.worth, spec.direction)
    blockers = frame.blockers
    if any(size is not None and np.isnan(size) for size in (expected, worth)):
        blockers = (*blockers, Note("no_base_for_relative"))
        expected, worth = None, None
    good_low, good_high = sorted((sign * (d - q * sd), sign * (d + q * sd)))
    result, reasons = judge(
        Evidenced(
            sign * d,
            good_low,
            good_high,
            expected,
            worth,
            Evidence.C,
            spec.guardrail_breached,
            blockers,
        )
    )
    used = int(frame.used.sum())
    relative = _relative(read, d, (d - q * sd, d + q * sd))
    absolute = _estimate(read.absolute, d, q * sd)
    usual = replace(read, actual=read.before(d))
    can = detectable(frame, fitted.past, usual, sd, calibration)
    contrast = float(fitted.effect[2] - fitted.effect[1])
    differ = used >= 4 and abs(contrast) > q * fitted.sd(last - first)
    tell(0.6, "second_opinion")
    opinion = _second_opinion(frame, read, Spread(d - q * sd, d, d + q * sd)) if second_opinion else None
    diagnostics = _diagnostics(frame, fitted)
    told = notes.warnings(
        frame,
        diagnostics,
        can,
        opinion,
        (float(fitted.effect[1]), float(fitted.effect[2])) if differ else None,
        shown=good_low > 0 or good_high < 0,
    )
    if relative is None and read.side is not None:
        told = (*told, Note("told_in_units"))
    actual = float(frame.raw[frame.used].mean())
    return Effect(
        method=Method.STATE_SPACE,
        evidence=Evidence.C,
        result=result,
        spec=spec,
        scale=frame.scale,
        unit=frame.series.unit.value,
        reasons=reasons,
        next_steps=notes.next_steps(result, frame, can),
        warnings=told,
        relative=relative,
        absolute=absolute,
        cumulative=Estimate(
            absolute.value * used,
            None if absolute.low is None else absolute.low * used,
            None if absolute.high is None else absolute.high * used,
        ),
        actual_mean=actual,
        expected_mean=actual - absolute.value,
        p_positive=calibration.above(-sign * d / sd),
        p_expected=None if expected is None else calibration.above((expected - sign * d) / sd),
        attainment=_attainment(read, d, spec.expected, sign),
        first_half=_half(frame, fitted, read, 1, relative is not None),
        last_half=_half(frame, fitted, read, 2, relative is not None),
        first_half_absolute=_half(frame, fitted, read, 1, False),
        last_half_absolute=_half(frame, fitted, read, 2, False),
        halves_differ=differ,
        detectable=can,
        second_opinion=opinion,
        diagnostics=diagnostics,
        days=picture.days(frame, fitted.step, calibration),
        weeks=picture.weeks(frame, fitted.past, fitted.step, calibration),
        window_over=frame.window_over,
        name=frame.series.name,
    )


def _reading(frame: Frame, fitted: Fitted) -> Reading:
    # The window's mean on the scale, taken back: the mean the model speaks about (geometric for logs).
    actual = float(frame.raw[frame.used].mean())
    past = frame.y[frame.past]
    d = float(fitted.effect[0])
    return reading(frame.scale, actual, d, float(past.mean()), float(past.std()), frame.unit)


def _estimate(read: Callable[[float], float], d: float, half: float) -> Estimate:
    return Estimate(read(d), read(d - half), read(d + half))


def _relative(read: Reading, d: float, ends: tuple[float, float]) -> Estimate | None:
    """In shares of what would have been; None where an end of the interval is no share of anything."""
    value, low, high = (read.relative(at) for at in (d, *ends))
    if value is None or low is None or high is None or not np.isfinite([value, low, high]).all():
        return None
    return Estimate(value, low, high)


def _half(frame: Frame, fitted: Fitted, read: Reading, part: int, relative: bool) -> Estimate | None:
    """The first (1) or last (2) half of the window, read as the whole is: in shares if ``relative``."""
    rows = frame.window_rows()
    own = replace(read, actual=float((_weights(rows) @ frame.raw[rows])[part]))
    d = float(fitted.effect[part])
    half = fitted.calibration.quantile(0.5 + frame.spec.level / 2) * fitted.sd(np.eye(3)[part])
    if not relative:
        return _estimate(own.absolute, d, half)
    value = own.relative(d)
    if value is None or not np.isfinite(value):
        return None
    return _relative(own, d, (d - half, d + half)) or Estimate(value)


def _attainment(read: Reading, d: float, expected: Size | None, sign: float) -> float | None:
    if expected is None:
        return None
    if expected.unit is SizeUnit.RELATIVE:
        relative = read.relative(d)
        return None if relative is None else attainment(sign * relative, expected.value)
    per = 0.01 if expected.unit is SizeUnit.POINTS else 1.0
    return attainment(sign * read.absolute(d), expected.value * per)


def _second_opinion(frame: Frame, read: Reading, ours: Spread) -> SecondOpinion:
    first = int(np.flatnonzero(frame.window)[0])
    begin = max(int(np.argmax(frame.past)), first - GIBBS_PAST)
    y = np.where(frame.past | frame.used, frame.y, np.nan)[begin:]
    season = frame.design.season[begin:]
    nuisance = np.hstack(
        [season, frame.regressors[begin:, season.shape[1] + frame.design.covariates.shape[1] :]]
    )
    nuisance = nuisance[:, np.ptp(nuisance[: first - begin][frame.past[begin:first]], axis=0) > 0]
    posterior = gibbs.sample(y, first - begin, frame.design.covariates[begin:], nuisance)
    low, high = posterior.interval(frame.spec.level)
    d = posterior.point
    sign = 1.0 if frame.spec.direction is Direction.UP else -1.0
    agrees, same_direction = compare(ours, Spread(low, d, high))
    return SecondOpinion(
        relative=_relative(read, d, (low, high)),
        absolute=Estimate(read.absolute(d), read.absolute(low), read.absolute(high)),
        p_positive=float((sign * posterior.mean_effect > 0).mean()),
        agrees=agrees,
        same_direction=same_direction,
        draws=int(posterior.mean_effect.size),
        seed=posterior.seed,
    )


def _diagnostics(frame: Frame, fitted: Fitted) -> Diagnostics:
    shift = signals.level_shift(fitted.past)
    calibration = fitted.calibration
    return replace(
        _counts(frame),
        placebo_count=len(calibration.z),
        placebo_rms_z=calibration.rms,
        placebo_outside=sum(abs(z) > 1.96 for z in calibration.z),
        inflation=calibration.inflation,
        df=calibration.df,
        short_history=calibration.short,
        sparse=frame.sparse,
        residual_autocorrelation=signals.autocorrelation(fitted.step.errors),
        outliers=signals.outliers(fitted.step),
        level_shift_day=None if shift is None else frame.days[shift.row],
        level_shift_z=None if shift is None else shift.z,
        fit=fitted.variances.how,
        sigma_level=frame.unit * float(np.sqrt(fitted.variances.level)),
        sigma_noise=frame.unit * float(np.sqrt(fitted.variances.noise)),
        pre_start=frame.days[int(np.argmax(frame.past))],
    )


def _counts(frame: Frame) -> Diagnostics:
    """The diagnostics every method has."""
    rows = np.arange(len(frame.days))
    # What comes after the last value has not happened yet, or was not exported: nothing is missing there.
    end = int(np.flatnonzero(~np.isnan(frame.raw)).max(initial=0))
    missing = np.isnan(frame.raw) & ~frame.never & (rows < end)
    last = int(np.flatnonzero(frame.past)[-1]) if frame.n_past else 0
    return Diagnostics(
        n_pre=frame.n_past,
        n_post=int(frame.used.sum()),
        missing_pre=int((missing & (rows < last)).sum()),
        missing_post=int((missing & frame.window).sum()),
        step_days=frame.series.step_days,
        holidays=frame.holidays,
    )


def _descriptive(frame: Frame) -> Effect:
    """Evidence D, or nothing to describe at all."""
    spec = frame.spec
    found = before_after.change(frame)
    reasons = list(frame.blockers)
    if found is None:
        reasons.append(Note("no_days_after" if frame.n_past else "no_days_before"))
    elif frame.n_past < frame.least_past:
        reasons.append(notes.too_little(frame))
    elif not frame.varies:
        reasons.append(Note("no_variation"))
    if found is not None:
        reasons.append(Note("before_after_only"))
    sign = 1.0 if spec.direction is Direction.UP else -1.0
    reached = None
    if found is not None and spec.expected is not None:
        relative = found.relative
        if spec.expected.unit is not SizeUnit.RELATIVE:
            per = 0.01 if spec.expected.unit is SizeUnit.POINTS else 1.0
            reached = attainment(sign * found.absolute.value, spec.expected.value * per)
        elif relative is not None:
            reached = attainment(sign * relative.value, spec.expected.value)
    return Effect(
        method=Method.BEFORE_AFTER,
        evidence=Evidence.D,
        result=Result.CANT_TELL,
        spec=spec,
        scale=frame.scale,
        unit=frame.series.unit.value,
        reasons=tuple(reasons),
        next_steps=notes.next_steps(Result.CANT_TELL, frame, None),
        warnings=frame.warnings,
        relative=None if found is None else found.relative,
        absolute=None if found is None else found.absolute,
        cumulative=None if found is None else Estimate(found.absolute.value * found.n_after),
        actual_mean=None if found is None else found.after,
        expected_mean=None if found is None else found.before,
        p_positive=None,
        p_expected=None,
        attainment=reached,
        first_half=None,
        last_half=None,
        halves_differ=None,
        detectable=None,
        second_opinion=None,
        diagnostics=_counts(frame),
        days=picture.days(frame, None, None),
        weeks=picture.weeks(frame, None, None, None),
        window_over=frame.window_over,
        name=frame.series.name,
    )


def plan(series: Series, spec: LookBackSpec) -> Detectable | None:
    """See ``tongpin.lib.effects.plan``."""
    frame = prepare(series, spec)
    if not frame.enough_past:
        return None
    past, _ = _past(frame)
    steps = max(1, int(frame.window.sum()))
    found = window_sd(frame, past, steps)
    if found is None:
        return None
    return detectable(frame, past, frame.usual, found[0], found[1])
