from __future__ import annotations

from tongpin.kernel.jobs.queue import periodic
from tongpin.modules.digests.actions import queue


@periodic("52 3 * * *", "digests.forget_old")
def forget_old(timestamp: int) -> None:
    """Every night: forget what was sent a month ago."""
    queue.forget_old()
