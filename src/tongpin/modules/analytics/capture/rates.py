"""How many events a minute a source lets in, in this process.

Each web process counts for itself: with N of them a source may reach N times its limit. The limit keeps a mistake in
an app from filling the disk; it is no price list.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.wire.call import Refused


class Rates:
    """A bucket a source: a minute's worth at most, filled evenly. A batch larger than what is left is let in whole
    while anything is left, and is paid back by waiting: so a batch larger than the limit gets through too."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: dict[int, tuple[float, float]] = {}  # source: events left, when that was

    def take(self, source: int, limit: int, count: int) -> None:
        """Let ``count`` events in. ``limit`` a minute; 0 for none. Raises Refused with the seconds to wait."""
        if not limit:
            return
        now = self._clock()
        left, at = self._left.get(source, (float(limit), now))
        left = min(float(limit), left + (now - at) * limit / 60)
        if left < 1:
            wait = max(1, math.ceil((1 - left) * 60 / limit))
            raise Refused(
                Refusal.RATE,
                429,
                f"This source takes {limit} events a minute.",
                retry_after=min(wait, 300),
            )
        self._left[source] = (left - count, now)
