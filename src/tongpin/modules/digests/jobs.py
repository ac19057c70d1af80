from __future__ import annotations

from tongpin.kernel.jobs.queue import periodic
from tongpin.modules.digests import reporting
from tongpin.modules.digests.actions import queue, report_queue


@periodic("52 3 * * *", "digests.forget_old")
def forget_old(timestamp: int) -> None:
    """Every night: forget what was sent a month ago."""
    queue.forget_old()
    report_queue.forget_pictures()


@periodic("* * * * *", "digests.send_reports")
def send_reports(timestamp: int) -> None:
    """Every minute: reports whose time has come."""
    reporting.run_due()
