"""Evidence D: the plain change between the days before and after. Descriptive, never an effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tongpin.lib.effects.preparation import Frame
from tongpin.lib.effects.types import Estimate


@dataclass(frozen=True)
class Change:
    """Means on both sides, in the metric's unit; ``n_before`` and ``n_after`` are the days they come from."""

    before: float
    after: float
    n_before: int
    n_after: int

    @property
    def absolute(self) -> Estimate:
        """The observed change, without an interval: none would be an interval of cause."""
        return Estimate(self.after - self.before)

    @property
    def relative(self) -> Estimate | None:
        """As a share of before; None when before is zero."""
        if abs(self.before) < 1e-12:
            return None
        return Estimate((self.after - self.before) / abs(self.before))


def change(frame: Frame) -> Change | None:
    """Days of the window against as many before it, weekday by weekday where the past has each one.

    None when one side is empty. On daily data the mean before is taken over the weekdays in the
    proportion they have after, so that a window with two Sundays is compared with two Sundays.
    """
    after = frame.window_rows()
    if not after.size:
        after = np.flatnonzero(frame.window & ~np.isnan(frame.raw))
    before = np.flatnonzero(frame.past)
    if not after.size or not before.size:
        return None
    if frame.series.step_days == 1:
        weekday = np.array([day.weekday() for day in frame.days])
        # Enough weeks before to hold every weekday as often as the window does.
        reach = before[before >= before[-1] + 1 - max(7, -(-int(frame.window.sum()) // 7) * 7)]
        means = {d: float(frame.raw[reach[weekday[reach] == d]].mean()) for d in set(weekday[reach].tolist())}
        if all(int(d) in means for d in weekday[after]):
            base = float(np.mean([means[int(d)] for d in weekday[after]]))
            return Change(base, float(frame.raw[after].mean()), int(reach.size), int(after.size))
        before = reach
    else:
        before = before[-int(frame.window.sum()) :]
    return Change(
        float(frame.raw[before].mean()), float(frame.raw[after].mean()), int(before.size), int(after.size)
    )
