"""The scale a model works on, and the way back to changes people read.

On the model's scale an effect is one number ``d``. Every conversion below is monotone in ``d``, so the
interval and the probabilities are the same whichever way they are read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tongpin.lib.effects.types import Direction, Scale, Size, SizeUnit, SpecError
from tongpin.lib.series.types import Unit

Floats = NDArray[np.float64]


def choose_scale(asked: Scale, values: Floats, unit: Unit) -> Scale:
    """The scale for ``values`` (NaN = missing); raises ``SpecError`` when the asked one cannot hold them."""
    seen = values[~np.isnan(values)]
    positive = bool(seen.size) and bool((seen > 0).all())
    inside = positive and bool((seen < 1).all())
    if asked is Scale.LOG and not positive:
        raise SpecError("scale_needs_positive", {}, "scale")
    if asked is Scale.LOGIT and not inside:
        raise SpecError("scale_needs_share", {}, "scale")
    if asked is not Scale.AUTO:
        return asked
    if unit is Unit.SHARE:
        return Scale.LOGIT if inside else Scale.LINEAR
    # A series that grazes zero has logs dominated by its emptiest days.
    if positive and float(seen.min()) > 0.01 * float(np.median(seen)):
        return Scale.LOG
    return Scale.LINEAR


def unit_of(scale: Scale, values: Floats) -> float:
    """What the linear scale counts in: a usual value of the past, so that no metric is too small or large to fit."""
    sizes = np.abs(values[~np.isnan(values) & (values != 0)])
    return float(np.median(sizes)) if scale is Scale.LINEAR and sizes.size else 1.0


def forward(scale: Scale, values: Floats, unit: float) -> Floats:
    """Values onto the model's scale, the linear one in ``unit``; NaN stays NaN."""
    if scale is Scale.LOG:
        return np.log(values)
    if scale is Scale.LOGIT:
        return np.log(values) - np.log1p(-values)
    return values / unit


def backward(scale: Scale, values: Floats, unit: float) -> Floats:
    """The inverse of ``forward``."""
    if scale is Scale.LOG:
        return np.exp(np.minimum(values, 700.0))
    if scale is Scale.LOGIT:
        return 1.0 / (1.0 + np.exp(-np.clip(values, -700.0, 700.0)))
    return values * unit


def _logit(p: float) -> float:
    return math.log(p) - math.log1p(-p)


def _expit(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-700.0, min(700.0, x))))


@dataclass(frozen=True)
class Reading:
    """Reads an effect ``d`` of the model's scale as a change of the metric.

    ``actual`` is the mean of the used days after the launch; without ``d`` it would have been
    ``before(d)``. ``side`` is the sign the metric usually has, None when it is too near zero to speak of
    shares of it; ``unit`` what the linear scale counts in.
    """

    scale: Scale
    actual: float
    side: float | None
    unit: float = 1.0

    def before(self, d: float) -> float:
        """What would have been without an effect ``d``."""
        if self.scale is Scale.LOG:
            return self.actual * math.exp(min(700.0, max(-700.0, -d)))
        if self.scale is Scale.LOGIT:
            return _expit(_logit(self.actual) - d)
        return self.actual - d * self.unit

    def after(self, d: float) -> Reading:
        """The reading of a window in which ``d`` came on top of what is ``actual`` here."""
        return replace(self, actual=self.before(-d))

    def absolute(self, d: float) -> float:
        """Change per day in the metric's unit."""
        return d * self.unit if self.scale is Scale.LINEAR else self.actual - self.before(d)

    def relative(self, d: float) -> float | None:
        """Change as a share of what would have been; infinite where nothing, or less, would have been."""
        if self.side is None:
            return None
        if self.scale is Scale.LOG:
            return math.expm1(min(700.0, d))
        base = self.before(d)
        return self.absolute(d) / abs(base) if base * self.side > 0 else self.side * math.inf

    def threshold(self, size: Size, direction: Direction) -> float:
        """The ``d`` at which the change equals ``size``, as a positive number in the good direction.

        Infinity when no ``d`` reaches it (a rise to more than everything), NaN for a relative size where
        the metric is too near zero.
        """
        change = _change(size, direction)
        if size.unit is not SizeUnit.RELATIVE:
            return _sign(direction) * self._apart(self.actual - change, self.actual)
        if self.side is None:
            return math.nan
        left = 1.0 + change * self.side
        return _sign(direction) * self._apart(self.actual / left, self.actual) if left > 0 else math.inf

    def needed(self, size: Size, direction: Direction) -> float:
        """The same for a change yet to come, on top of ``actual``."""
        change = _change(size, direction)
        if size.unit is SizeUnit.RELATIVE:
            change *= math.nan if self.side is None else abs(self.actual)
        return _sign(direction) * self._apart(self.actual, self.actual + change)

    def _apart(self, before: float, after: float) -> float:
        """From ``before`` to ``after`` on the model's scale; infinite beyond what the scale can hold."""
        if self.scale is Scale.LINEAR:
            return (after - before) / self.unit
        top = 1.0 if self.scale is Scale.LOGIT else math.inf
        if before <= 0 or after >= top:
            return math.inf
        if before >= top or after <= 0:
            return -math.inf
        turn = math.log if self.scale is Scale.LOG else _logit
        return turn(after) - turn(before)


def _sign(direction: Direction) -> float:
    return 1.0 if direction is Direction.UP else -1.0


def _change(size: Size, direction: Direction) -> float:
    """The size with its direction's sign; points as differences of shares."""
    return _sign(direction) * size.value * (0.01 if size.unit is SizeUnit.POINTS else 1.0)


def reading(scale: Scale, actual: float, d: float, usual: float, spread: float, unit: float = 1.0) -> Reading:
    """A ``Reading`` for one window; ``usual`` and ``spread`` are mean and s.d. of the past on the model's
    scale, which counts in ``unit`` if it is linear.

    On the linear scale a relative change needs values well away from zero, on the side where the metric
    usually is.
    """
    if scale is not Scale.LINEAR:
        return Reading(scale, actual, 1.0)
    before, side = actual / unit - d, math.copysign(1.0, usual)
    clear = side * before > 0.25 * spread and side * actual > 0
    return Reading(scale, actual, side if clear else None, unit)


def check_size(size: Size | None, unit: Unit, field_name: str) -> None:
    """Raises ``SpecError`` when percentage points are asked of a series that is not a share."""
    if size is not None and size.unit is SizeUnit.POINTS and unit is not Unit.SHARE:
        raise SpecError("points_need_share", {}, field_name)
