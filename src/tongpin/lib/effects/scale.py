"""The scale a model works on, and the way back to changes people read.

On the model's scale an effect is one number ``d``. Every conversion below is monotone in ``d``, so the
interval and the probabilities are the same whichever way they are read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

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


def forward(scale: Scale, values: Floats) -> Floats:
    """Values onto the model's scale; NaN stays NaN."""
    if scale is Scale.LOG:
        return np.log(values)
    if scale is Scale.LOGIT:
        return np.log(values) - np.log1p(-values)
    return values.copy()


def backward(scale: Scale, values: Floats) -> Floats:
    """The inverse of ``forward``."""
    if scale is Scale.LOG:
        return np.exp(np.minimum(values, 700.0))
    if scale is Scale.LOGIT:
        return 1.0 / (1.0 + np.exp(-np.clip(values, -700.0, 700.0)))
    return values.copy()


def _logit(p: float) -> float:
    return math.log(p) - math.log1p(-p)


def _expit(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-700.0, min(700.0, x))))


@dataclass(frozen=True)
class Reading:
    """Reads an effect ``d`` of the model's scale as a change of the metric.

    ``actual`` is the mean of the used days after the launch; ``d`` the point estimate fixes the base of the
    relative change on the linear scale (``base``, None when it is too near zero to divide by).
    """

    scale: Scale
    actual: float
    base: float | None

    def absolute(self, d: float) -> float:
        """Change per day in the metric's unit."""
        if self.scale is Scale.LOG:
            return self.actual * -math.expm1(-max(-700.0, d))
        if self.scale is Scale.LOGIT:
            return self.actual - _expit(_logit(self.actual) - d)
        return d

    def relative(self, d: float) -> float | None:
        """Change as a share of what would have been."""
        if self.scale is Scale.LOG:
            return math.expm1(min(700.0, d))
        if self.scale is Scale.LOGIT:
            return self.actual / max(_expit(_logit(self.actual) - d), 1e-300) - 1.0
        return None if self.base is None else d / self.base

    def threshold(self, size: Size, direction: Direction) -> float:
        """The ``d`` at which the change equals ``size``, as a positive number in the good direction.

        Infinity when no ``d`` reaches it (a rise to more than everything). Raises ``SpecError`` for a
        relative size where the base is too near zero.
        """
        sign = 1.0 if direction is Direction.UP else -1.0
        change = sign * size.value
        if size.unit is SizeUnit.RELATIVE:
            return sign * self._of_relative(change)
        if size.unit is SizeUnit.POINTS:
            change /= 100.0
        return sign * self._of_absolute(change)

    def _of_relative(self, change: float) -> float:
        if self.scale is Scale.LOG:
            return math.log1p(change)
        if self.scale is Scale.LOGIT:
            return _logit(self.actual) - self._logit_or_inf(self.actual / (1.0 + change))
        if self.base is None:
            return math.nan
        return change * self.base

    def _of_absolute(self, change: float) -> float:
        before = self.actual - change
        if self.scale is Scale.LOG:
            return math.inf if before <= 0 else math.log(self.actual) - math.log(before)
        if self.scale is Scale.LOGIT:
            return _logit(self.actual) - self._logit_or_inf(before)
        return change

    @staticmethod
    def _logit_or_inf(p: float) -> float:
        if p <= 0:
            return -math.inf
        return math.inf if p >= 1 else _logit(p)


def reading(scale: Scale, actual: float, d: float, usual: float, spread: float) -> Reading:
    """A ``Reading`` for one window; ``usual`` and ``spread`` are mean and s.d. of the past on the model's
    scale.

    On the linear scale a relative change needs a base well away from zero, of the sign the metric usually
    has.
    """
    base: float | None = None
    if scale is Scale.LINEAR:
        before = actual - d
        if abs(before) > 0.25 * spread and before * usual > 0:
            base = abs(before)
    return Reading(scale, actual, base)


def check_size(size: Size | None, unit: Unit, field_name: str) -> None:
    """Raises ``SpecError`` when percentage points are asked of a series that is not a share."""
    if size is not None and size.unit is SizeUnit.POINTS and unit is not Unit.SHARE:
        raise SpecError("points_need_share", {}, field_name)
