"""What a window can show at all: the smallest detectable effect, and how many weeks an expected one needs."""

from __future__ import annotations

import math

import numpy as np

from tongpin.lib.effects.placebo import Calibration, calibrate, is_short
from tongpin.lib.effects.preparation import Frame
from tongpin.lib.effects.scale import Reading
from tongpin.lib.effects.state_space import Past, forecast
from tongpin.lib.effects.types import Detectable, Direction

POWER = 0.8
WEEKS = (1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 26)


def smallest(sd: float, calibration: Calibration, level: float) -> float:
    """The effect on the model's scale that a window with this (inflated) s.d. shows with power ``POWER``."""
    return (calibration.quantile(0.5 + level / 2) + calibration.quantile(POWER)) * sd


def window_sd(frame: Frame, past: Past, steps: int) -> tuple[float, Calibration] | None:
    """The inflated s.d. of the mean over ``steps`` ordinary future steps, with its calibration."""
    last = int(past.rows[-1])
    season = frame.design.season
    rows = np.arange(last + 1, last + 1 + steps)
    total = int(rows[-1]) + 1
    if frame.series.step_days == 1:
        rows = rows[np.isin(rows % 7, past.rows % 7)]
    if not rows.size:
        return None
    regressors = np.zeros((total, past.x.shape[1] - 1))
    width = season.shape[1]
    covariates = frame.design.covariates
    if covariates.shape[1]:
        regressors[:, : covariates.shape[1]] = covariates[past.rows].mean(axis=0)
    if width:
        # The season repeats: any seven consecutive rows hold the whole of it.
        regressors[:, covariates.shape[1] : covariates.shape[1] + width] = season[np.arange(total) % 7]
    guess = forecast(past, regressors, rows, np.full((1, rows.size), 1.0 / rows.size))
    if guess is None or guess.cov[0, 0] <= 0:
        return None
    short = is_short(frame.n_past, steps, frame.series.step_days)
    calibration = calibrate(past, frame.y, frame.design, frame.columns, steps, short, frame.sparse)
    return float(np.sqrt(guess.cov[0, 0])) * calibration.inflation, calibration


def detectable(frame: Frame, past: Past, usual: Reading, sd: float, calibration: Calibration) -> Detectable:
    """For the window as asked (``sd`` inflated), and the weeks that the expected size would need.

    ``usual`` reads a window in which nothing was launched.
    """
    spec = frame.spec
    sign = 1.0 if spec.direction is Direction.UP else -1.0
    d = smallest(sd, calibration, spec.level)
    with_it = usual.after(sign * d)
    relative = with_it.relative(sign * d)
    share = None if relative is None or not math.isfinite(relative) else abs(relative)
    absolute = abs(with_it.absolute(sign * d))
    wanted = math.nan if spec.expected is None else usual.needed(spec.expected, spec.direction)
    if math.isnan(wanted):
        return Detectable(share, absolute, POWER)
    weeks, tried = weeks_needed(frame, past, wanted)
    return Detectable(share, absolute, POWER, d <= wanted, weeks, tried)


def weeks_needed(frame: Frame, past: Past, wanted: float) -> tuple[int | None, int]:
    """(weeks, the longest tried): the shortest window that shows ``wanted`` (model scale) with power
    ``POWER``.

    Windows the history is too short for are not tried: they would be widened, not narrowed. Only windows
    longer than the one asked for count, unless that one suffices.
    """
    step = frame.series.step_days
    tried = 0
    if not 0 < wanted < math.inf:
        return None, tried
    asked = math.ceil(frame.spec.window_days / 7)
    for weeks in sorted({*WEEKS, asked}):
        steps = weeks * 7 // step
        if weeks < asked or steps < 1:
            continue
        if is_short(frame.n_past, steps, step):
            break
        tried = weeks
        found = window_sd(frame, past, steps)
        if found is not None and smallest(found[0], found[1], frame.spec.level) <= wanted:
            return weeks, tried
    return None, tried
