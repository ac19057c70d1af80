"""Is a day unusual? One step ahead of the model of a metric's own past, day by day (measuring.md §6).

The variances are found anew each week from what came before it, the filter goes on every day. What has been judged is
winsorised before it moves the level, so that one odd day does not make the next ones look odd. Nothing of a day's
judgement depends on later days: a preview over the past says exactly what would have been said then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from tongpin.lib.effects.scale import backward, choose_scale, forward, unit_of
from tongpin.lib.effects.state_space import Design, Floats, Variances, fit_variances
from tongpin.lib.effects.types import Scale
from tongpin.lib.series.types import Unit

LIMIT = 3.5
"""Standard deviations of the innovation beyond which a day is unusual."""
WINSOR = 5.0
"""Median absolute deviations beyond which an innovation moves the model no further."""
FULL_HISTORY = 42
"""Observed days from which on the model judges; before, the median and MAD of the same weekday."""
LEAST_HISTORY = 21
"""Observed days before which nothing is judged."""
LONGEST = 400
"""Days of history that are looked at; a year and what its holidays need."""
DIFFUSE = 1e4
NORMAL = 1.4826  # MAD to standard deviation
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Judged:
    """One day. ``value`` None: nothing measured. ``expected``, ``low``, ``high`` in the metric's unit; None where the
    day was not judged, for the reason ``why``: missing, short (history), holiday. ``unusual``: beyond the band of
    ``LIMIT``, and by at least the least changes asked for.
    """

    day: date
    value: float | None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    unusual: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Least:
    """Changes smaller than these are no news, however sure: in the metric's unit, and as a share of the expected."""

    absolute: float = 0.0
    relative: float = 0.1


def judge(
    first: date,
    values: Sequence[float | None],
    kinds: Sequence[str],
    least: Least,
    since: date,
    unit: Unit = Unit.NUMBER,
) -> list[Judged]:
    """Each day from ``since`` to the last of ``values``, which begin on ``first``; the running day is not among them.

    ``kinds`` has what kind of special day each is, "" for ordinary ones (``calendars.kinds_of``). Special days are
    never called unusual: what a holiday does to a metric is no news. ``unit`` Unit.SHARE for values between 0 and 1.
    """
    drop = max(0, (since - first).days - LONGEST)
    days = [first + n * _DAY for n in range(len(values))][drop:]
    y = np.array([np.nan if v is None else v for v in values[drop:]], dtype=np.float64)
    special = list(kinds[drop:])
    found: list[Judged] = []
    at = max(0, (since - days[0]).days) if days else 0
    while at < len(days):
        # From the day asked for to the end of its week, with variances from before that week.
        monday = at - days[at].weekday()
        end = min(len(days), monday + 7)
        found += _week(days, y, special, least, unit, (at, end, max(monday, 0)))
        at = end
    return found


def _week(
    days: list[date], y: Floats, kinds: list[str], least: Least, unit: Unit, span: tuple[int, int, int]
) -> list[Judged]:
    """The rows from ``span[0]`` to before ``span[1]``; the variances from the rows before ``span[2]``."""
    begin, end, known = span
    seen = int((~np.isnan(y[:begin])).sum())
    if seen < LEAST_HISTORY:
        return [_unjudged(days[n], y[n], "short") for n in range(begin, end)]
    if int((~np.isnan(y[:known])).sum()) < FULL_HISTORY:
        return [_simple(days, y, kinds, least, n) for n in range(begin, end)]
    past = y[:known]
    scale = choose_scale(Scale.AUTO, past, unit)
    counted = unit_of(scale, past)
    z = forward(scale, _held(scale, y[:end], past), counted)
    design = Design.make(end, weekly=True, kinds=kinds[:end])
    matrix = design.matrix(set(range(len(design.kinds))))
    fitted = _smoothed(z[:known])
    learned = np.flatnonzero(np.abs(matrix[:known]).sum(axis=0) > 0)
    variances = fit_variances(fitted, matrix[:known][:, learned])
    mean, sd = _filtered(z, matrix, variances, float(np.nanstd(fitted)) or 1.0)
    low, high = (backward(scale, mean + sign * LIMIT * sd, counted) for sign in (-1, 1))
    expected = backward(scale, mean, counted)
    return [
        _unjudged(days[n], y[n], "missing" if np.isnan(y[n]) else "holiday")
        if np.isnan(y[n]) or kinds[n]
        else _said(days[n], float(y[n]), (expected[n], low[n], high[n]), least)
        for n in range(begin, end)
    ]


def _held(scale: Scale, values: Floats, past: Floats) -> Floats:
    """The values where the scale can hold them: a first zero is not minus infinity, but far below all there was."""
    if scale is Scale.LOG:
        return np.maximum(values, 1e-3 * float(np.nanmedian(past)))
    return np.clip(values, 1e-4, 1 - 1e-4) if scale is Scale.LOGIT else values


def _unjudged(day: date, value: float, why: str) -> Judged:
    return Judged(day, None if np.isnan(value) else float(value), why=why)


def _said(day: date, value: float, band: tuple[float, float, float], least: Least) -> Judged:
    expected, low, high = (float(each) for each in band)
    change = float(abs(value - expected))
    large = change >= least.absolute and change >= least.relative * abs(expected)
    return Judged(day, float(value), expected, low, high, unusual=bool(large) and not low <= value <= high)


def _simple(days: list[date], y: Floats, kinds: list[str], least: Least, n: int) -> Judged:
    """The median of the same weekday, and the spread of all days around theirs."""
    if np.isnan(y[n]) or kinds[n]:
        return _unjudged(days[n], y[n], "missing" if np.isnan(y[n]) else "holiday")
    weekday = np.array([day.weekday() for day in days[:n]])
    usual = np.array([not kind for kind in kinds[:n]]) & ~np.isnan(y[:n])
    medians = np.array(
        [
            np.median(y[:n][usual & (weekday == w)]) if (usual & (weekday == w)).any() else np.nan
            for w in range(7)
        ]
    )
    expected = medians[days[n].weekday()]
    if np.isnan(expected):
        return _unjudged(days[n], y[n], "short")
    spread = NORMAL * float(np.nanmedian(np.abs(y[:n][usual] - medians[weekday[usual]])))
    band = (expected, expected - LIMIT * spread, expected + LIMIT * spread)
    return _said(days[n], float(y[n]), band, least)


def _smoothed(z: Floats) -> Floats:
    """The past with its outliers drawn in, so that they do not count as noise: winsorised around a running median."""
    weekday = np.arange(z.size) % 7
    season = np.zeros(7)
    for w in range(7):
        own = z[weekday == w]
        season[w] = np.nanmedian(own) if (~np.isnan(own)).any() else 0.0
    rest = z - season[weekday]
    middle = np.array([_median(rest[max(0, n - 7) : n + 8]) for n in range(z.size)])
    off = rest - middle
    bound = WINSOR * float(np.nanmedian(np.abs(off)))
    drawn: Floats = season[weekday] + middle + np.clip(off, -bound, bound) if bound > 0 else z
    return drawn


def _median(values: Floats) -> float:
    return float(np.nanmedian(values)) if (~np.isnan(values)).any() else 0.0


def _filtered(z: Floats, matrix: Floats, variances: Variances, spread: float) -> tuple[Floats, Floats]:
    """Expectation and standard deviation of each row from the rows before it; large where nothing is known yet.

    ``spread``: how far the values usually lie apart."""
    width = matrix.shape[1] + 1
    state = np.zeros(width)
    state[0] = float(np.nanmedian(z[:14])) if (~np.isnan(z[:14])).any() else 0.0
    cov = np.eye(width) * DIFFUSE * spread**2
    noise = max(variances.noise, 1e-10 * variances.level, 1e-12 * spread**2)
    mean, sd = np.empty(z.size), np.empty(z.size)
    sizes: list[float] = []
    row = np.ones(width)
    for n in range(z.size):
        row[1:] = matrix[n]
        gain = cov @ row
        variance = float(row @ gain) + noise
        mean[n], sd[n] = float(row @ state), np.sqrt(variance)
        if not np.isnan(z[n]):
            error = z[n] - mean[n]
            if variance < DIFFUSE * spread**2 / 100:
                size = abs(error) / sd[n]
                if len(sizes) >= LEAST_HISTORY:
                    bound = WINSOR * max(float(np.median(sizes)), 0.3) * sd[n]
                    error = float(np.clip(error, -bound, bound))
                sizes.append(size)
            state = state + gain * (error / variance)
            cov = cov - np.outer(gain, gain) / variance
        cov[0, 0] += variances.level
    return mean, sd
