"""Jobs about persons' data: exports, erasures, and the hourly look after both."""

from __future__ import annotations

import structlog
from procrastinate import RetryStrategy

from tongpin.kernel.jobs.queue import job, periodic
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.actions import erasure as erasing
from tongpin.modules.analytics.actions import export as exporting
from tongpin.modules.analytics.models import Erasure, Export

log = structlog.get_logger("tongpin.people")

#: Five seconds later each time, for an hour; the hourly look begins anew what is not proved by then.
PATIENT = RetryStrategy(max_attempts=40, linear_wait=5)


@job(erasing.JOB, retry=PATIENT)
def erase(erasure: str) -> None:
    """Carry one erasure to its proof."""
    row = Erasure.objects.select_related("workspace").filter(public_id=erasure).first()
    if row is not None and row.finished_at is None:
        erasing.finish_erasure.run(Actor.system(row.workspace), target=row)


@job(exporting.JOB, retry=PATIENT)
def make_export(export: str) -> None:
    """Make one export's file."""
    row = Export.objects.select_related("workspace").filter(public_id=export).first()
    if row is not None:
        exporting.make(row)


@periodic("23 * * * *", "analytics.look_after_privacy")
def look_after(timestamp: int) -> None:
    """Begin again what is not proved, erase what a restored backup brought back, forget exports after a day."""
    log.info("people.looked_after", erasures=erasing.catch_up(), exports=exporting.forget_old())
