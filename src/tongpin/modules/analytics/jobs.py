from __future__ import annotations

from tongpin.kernel.jobs.queue import periodic
from tongpin.modules.analytics.actions import retention


@periodic("17 2 * * *", "analytics.forget_old")
def forget_old(timestamp: int) -> None:
    """Every night: forget events older than their source keeps them."""
    retention.forget_old()
