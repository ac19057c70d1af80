from __future__ import annotations

import structlog

from tongpin.kernel.files import sweeping
from tongpin.kernel.jobs.queue import periodic

log = structlog.get_logger("tongpin.files")


@periodic("40 3 * * *", "files.sweep")
def sweep(timestamp: int) -> None:
    """Free the space of files nobody refers to."""
    log.info("files.swept", removed=sweeping.sweep())
