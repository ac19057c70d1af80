"""The day-by-day and week-by-week picture of a result, in the metric's unit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tongpin.lib.effects.placebo import Calibration
from tongpin.lib.effects.preparation import Frame
from tongpin.lib.effects.state_space import OneStep, Past, forecast
from tongpin.lib.effects.types import DayPoint, WeekPoint

DAYS_SHOWN = 400
WEEKS_SHOWN = 26


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def days(frame: Frame, step: OneStep | None, calibration: Calibration | None) -> tuple[DayPoint, ...]:
    """The last ``DAYS_SHOWN`` steps to the window's end. Without a model: the actual values only."""
    n = len(frame.days)
    nothing = np.full(n, np.nan)
    mean, low, high = nothing, nothing, nothing
    if step is not None and calibration is not None:
        half = calibration.quantile(0.5 + frame.spec.level / 2) * calibration.inflation * step.sd
        mean, low, high = (frame.back(step.mean + shift) for shift in (0.0, -half, half))
    return tuple(
        DayPoint(
            day=frame.days[i],
            actual=_number(frame.raw[i]),
            expected=_number(mean[i]),
            low=_number(low[i]),
            high=_number(high[i]),
            in_window=bool(frame.window[i]),
            used=bool(frame.past[i] or frame.used[i]),
            why=frame.why[i],
        )
        for i in range(max(0, n - DAYS_SHOWN), n)
    )


def weeks(
    frame: Frame, past: Past | None, step: OneStep | None, calibration: Calibration | None
) -> tuple[WeekPoint, ...]:
    """Means of seven days counted from the window's first day; inside the window with the joint interval."""
    size = max(1, 7 // frame.series.step_days)
    n, first = len(frame.days), int(np.flatnonzero(frame.window)[0])
    found = []
    for week in range(-min(WEEKS_SHOWN, first // size), -(-(n - first) // size)):
        rows = np.arange(first + week * size, min(first + (week + 1) * size, n))
        rows = rows[frame.used[rows] if week >= 0 else frame.past[rows]]
        actual = float(frame.raw[rows].mean()) if rows.size else np.nan
        mean, low, high = np.nan, np.nan, np.nan
        if rows.size and step is not None and past is not None and calibration is not None:
            if week >= 0:
                mean, low, high = _joint(frame, past, calibration, rows)
            else:
                mean = float(np.mean(frame.back(step.mean[rows])))
        found.append(
            WeekPoint(
                week=week,
                start=frame.days[first + week * size],
                n=int(rows.size),
                actual=_number(actual),
                expected=_number(mean),
                low=_number(low),
                high=_number(high),
                in_window=week >= 0,
            )
        )
    return tuple(found)


def _joint(
    frame: Frame, past: Past, calibration: Calibration, rows: NDArray[np.int64]
) -> tuple[float, float, float]:
    guess = forecast(past, frame.regressors, rows, np.full((1, rows.size), 1.0 / rows.size))
    if guess is None:
        return np.nan, np.nan, np.nan
    half = calibration.quantile(0.5 + frame.spec.level / 2) * calibration.inflation
    half *= float(np.sqrt(max(guess.cov[0, 0], 0.0)))
    low, mean, high = frame.back(guess.mean[0] + np.array([-half, 0.0, half]))
    return float(mean), float(low), float(high)
