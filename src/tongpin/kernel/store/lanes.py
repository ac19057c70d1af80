"""Places for statements that run at the same time, and a fair share of them for everybody who asks."""

from __future__ import annotations

import threading
from collections import Counter


class Lane:
    """So many ``places``, of which one asker holds at most ``share``: somebody with many questions waits for their own,
    and one place is always left to others. Safe to use from many threads."""

    def __init__(self, places: int, share: int | None = None) -> None:
        self._places = places
        self._share = places if share is None else share
        self._taken: Counter[str] = Counter()
        self._changed = threading.Condition()

    def acquire(self, whose: str, timeout: float) -> bool:
        """Take a place; False if there is none within ``timeout`` seconds. ``whose`` "" is everybody unnamed, who
        share nothing but the places."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._free(whose), timeout):
                return False
            self._taken[whose] += 1
            return True

    def _free(self, whose: str) -> bool:
        return self._taken.total() < self._places and (not whose or self._taken[whose] < self._share)

    def release(self, whose: str) -> None:
        """Give a place back."""
        with self._changed:
            self._taken[whose] -= 1
            if not self._taken[whose]:
                del self._taken[whose]
            self._changed.notify_all()
