"""Nightly housekeeping."""

from __future__ import annotations

import structlog

from tongpin.kernel.jobs.queue import periodic
from tongpin.modules.workspaces.actions.workspace import purge_deleted

log = structlog.get_logger("tongpin.workspaces")


@periodic("7 3 * * *", "workspaces.purge_deleted")
def purge(timestamp: int) -> None:
    """Erase workspaces that were deleted more than 30 days ago."""
    log.info("workspaces.purged", count=purge_deleted())
