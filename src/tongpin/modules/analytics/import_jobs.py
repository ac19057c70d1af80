"""Taking imports back, however long the store is away."""

from __future__ import annotations

import structlog

from tongpin.kernel.jobs.queue import periodic
from tongpin.kernel.store.client import QueryTooHeavy, StoreUnavailable
from tongpin.modules.analytics.actions.event_import import UNDO_JOB, take_back
from tongpin.modules.analytics.enums import ImportState
from tongpin.modules.analytics.models import EventImport

log = structlog.get_logger("tongpin.analytics")


@periodic("* * * * *", UNDO_JOB)
def undo_imports(timestamp: int) -> None:
    """Take back what waits for it; what cannot be done now is tried again in the next minute."""
    for row in EventImport.objects.filter(state=ImportState.UNDOING).select_related("workspace", "source"):
        try:
            take_back(row)
        except (StoreUnavailable, QueryTooHeavy) as error:
            log.warning("import.undo_waits", reason=str(error)[:200])
            return
