"""Reading uploaded files, taking imports back, however long the store is away, and forgetting files nobody reads."""

from __future__ import annotations

import uuid

import structlog
from procrastinate import JobContext
from procrastinate.exceptions import JobAborted

from tongpin.kernel.jobs.queue import job, periodic
from tongpin.kernel.store.client import QueryTooHeavy, StoreUnavailable
from tongpin.modules.analytics.actions import event_file as files
from tongpin.modules.analytics.actions.event_import import JOB, UNDO_JOB
from tongpin.modules.analytics.actions.import_undo import take_back
from tongpin.modules.analytics.enums import ImportState
from tongpin.modules.analytics.importing import keeping, running
from tongpin.modules.analytics.importing.reading import FileRefused
from tongpin.modules.analytics.models import EventFile, EventImport

log = structlog.get_logger("tongpin.analytics")


@job(JOB, pass_context=True)
def read_file(context: JobContext | None, event_import: str) -> None:
    """Bring the rows of an uploaded file in. A run that died goes on after the last rows it handed in."""
    rows = EventImport.objects.select_related("workspace", "source").filter(state=ImportState.RUNNING)
    row = rows.filter(public_id=uuid.UUID(event_import), workspace__deleted_at=None).first()
    if row is None:
        return
    file = EventFile.objects.filter(event_import=row).first()
    if file is None:
        running.fail(row, "lost")
        return

    def look_up(*_: object) -> None:
        if context is not None and context.should_abort():
            raise JobAborted  # the worker ends: the next one goes on

    try:
        row = running.run(row, keeping.path(file.public_id), files.shape_of(file), look_up, look_up)
    except FileRefused as refused:
        log.warning("import.broke_off", code=refused.code)
        return
    if row.state == ImportState.DONE:
        files.forget(file)


@periodic("* * * * *", UNDO_JOB)
def undo_imports(timestamp: int) -> None:
    """Take back what waits for it; what cannot be done now is tried again in the next minute."""
    for row in EventImport.objects.filter(state=ImportState.UNDOING).select_related("workspace", "source"):
        try:
            take_back(row)
        except (StoreUnavailable, QueryTooHeavy) as error:
            log.warning("import.undo_waits", reason=str(error)[:200])
            return


@periodic("37 * * * *", "analytics.forget_import_files")
def forget_files(timestamp: int) -> None:
    """Forget uploaded files that nobody went on with."""
    log.info("import.files_forgotten", count=files.forget_old())
