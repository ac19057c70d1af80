"""Events from a file: begin an import, hand its rows to the inbox some at a time, stop it, take all of it back."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as jobs
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import authz, clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Invalid, NotFound
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import events
from tongpin.modules.analytics.actions.event_file import forget
from tongpin.modules.analytics.actions.flush import CHANNEL
from tongpin.modules.analytics.enums import ImportState
from tongpin.modules.analytics.flush.hooks import Fresh
from tongpin.modules.analytics.importing.mapping import IMPORT, Columns
from tongpin.modules.analytics.models import Arrival, EventFile, EventImport, RefusedRow, Source
from tongpin.modules.analytics.permissions import EDIT, FINISH, IMPORT_EVENTS
from tongpin.modules.analytics.wire.record import Record, dump

JOB = "analytics.import"
UNDO_JOB = "analytics.undo_imports"
MOST_REFUSED_KEPT = 5_000
#: Events waiting for the store beyond which an import waits too: live events must not be refused for it.
ROOM = 200_000


class StartEventImport(BaseModel):
    """``digest`` is the SHA-256 of the file's bytes, in hexadecimal. ``file``: an uploaded file with these bytes, which
    the server then reads by itself; without it the caller hands the rows in. ``total``: about how many rows it has.
    """

    model_config = ConfigDict(extra="forbid")

    source: uuid.UUID
    name: str = Field(min_length=1, max_length=200)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    columns: Columns
    file: uuid.UUID | None = None
    total: int = Field(default=0, ge=0, le=1 << 48)


@action("analytics.import.start", permission=IMPORT_EVENTS.name)
def start_import(actor: Actor, data: StartEventImport) -> EventImport:
    """Begin to bring the events of a file in. One that was stopped goes on: the same file, source and columns."""
    source = (
        Source.objects.visible_to(actor).select_related("workspace").filter(public_id=data.source).first()
    )
    if source is None:
        raise NotFound
    authz.require(actor, EDIT.name, source)
    try:
        ZoneInfo(data.columns.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid(
            _("There is no time zone “%(zone)s”.") % {"zone": data.columns.zone}, field="columns"
        ) from error
    if bool(data.columns.event) == bool(data.columns.name):
        raise Invalid(_("Say which column names the event, or give one name for all rows."), field="columns")
    if EventImport.objects.filter(source=source, state=ImportState.UNDOING).exists():
        # Events that are still there would be taken for those of this file, and then be taken away.
        raise Conflict(
            _("An import of this source is being taken back."), code="import_undoing",
            hint=_("Try again in a minute."),
        )  # fmt: skip
    file = _uploaded(actor, source, data) if data.file else None
    columns = data.columns.written()
    begun = EventImport.objects.select_for_update().filter(
        source=source,
        digest=data.digest,
        columns=columns,
        state__in=[ImportState.RUNNING, ImportState.STOPPED, ImportState.FAILED],
    )
    row: EventImport | None = begun.first()
    if row is not None:
        row.state, row.trouble = ImportState.RUNNING, ""
        row.save(update_fields=["state", "trouble"])
    else:
        row = EventImport.objects.create(
            workspace=source.workspace, source=source, name=data.name, digest=data.digest, columns=columns,
            total=data.total, created_by=actor.user,
        )  # fmt: skip
        emit(events.EventImportStarted(name=row.name, source=source.name), row)
    if file is not None:
        for older in EventFile.objects.filter(event_import=row).exclude(pk=file.pk):
            forget(older)
        file.event_import, file.touched_at = row, clock.now()
        file.save(update_fields=["event_import", "touched_at"])
        _read(row)
    return row


def _uploaded(actor: Actor, source: Source, data: StartEventImport) -> EventFile:
    """The file that was uploaded for this import. Raises NotFound, Invalid."""
    files = EventFile.objects.visible_to(actor).select_for_update(of=("self",))
    file: EventFile | None = files.filter(public_id=data.file, source=source, event_import=None).first()
    if file is None:
        raise NotFound
    if file.digest != data.digest:
        raise Invalid(_("The file is not all here yet."), code="file_unfinished", field="file")
    if missing := data.columns.missing(file.shape["columns"]):
        raise Invalid(_("The file has no column “%(name)s”.") % {"name": missing[0]}, field="columns")
    return file


def _read(row: EventImport) -> None:
    """Have the file read; one at a time on the whole server, since whoever reads keeps a job's place for long."""
    jobs.configure_task(JOB, lock=JOB).defer(event_import=str(row.public_id))


def hand_in(
    row: EventImport, rows: int, records: Sequence[Record], refused: Sequence[tuple[int, str]]
) -> bool:
    """Put the events of the next ``rows`` rows into the inbox, in one transaction with how far the import is.

    ``refused`` are (row number, what is wrong with it). False if somebody has stopped the import, or another process
    has come further than ``row`` knows.

    No door: an import is one act of a person, begun by ``analytics.import.start``.
    """
    with transaction.atomic():
        now = EventImport.objects.select_for_update().get(pk=row.pk)
        if now.state != ImportState.RUNNING or now.rows != row.rows:
            return False
        if records:
            arrival = Arrival.objects.create(
                source=now.source_id, received_at=clock.now(), count=len(records), records=dump(list(records))
            )
            now.last_arrival = arrival.pk
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
        room = max(0, MOST_REFUSED_KEPT - now.refused)
        RefusedRow.objects.bulk_create(
            RefusedRow(workspace=now.workspace, event_import=now, number=number, detail=detail[:300])
            for number, detail in refused[:room]
        )
        now.rows += rows
        now.events += len(records)
        now.refused += len(refused)
        now.save(update_fields=["rows", "events", "refused", "last_arrival"])
    row.refresh_from_db()
    return True


@action("analytics.import.finish", permission=FINISH.name, target=EventImport)
def finish_import(actor: Actor, row: EventImport, data: Empty) -> EventImport:
    """Note that every row of the file is handed in."""
    if row.state == ImportState.RUNNING:
        row.state, row.finished_at = ImportState.DONE, clock.now()
        row.save(update_fields=["state", "finished_at"])
        done = events.EventImportFinished(
            name=row.name, source=row.source.name, events=row.events, refused=row.refused
        )
        emit(done, row)
    return row


class Trouble(BaseModel):
    """A code of ``importing.reading.FileRefused``."""

    model_config = ConfigDict(extra="forbid")

    trouble: str = Field(max_length=20)


@action("analytics.import.fail", permission=FINISH.name, target=EventImport)
def fail_import(actor: Actor, row: EventImport, data: Trouble) -> EventImport:
    """Note that the file cannot be read any further. What came in stays."""
    if row.state == ImportState.RUNNING:
        row.state, row.trouble = ImportState.FAILED, data.trouble
        row.save(update_fields=["state", "trouble"])
        emit(events.EventImportFailed(name=row.name, source=row.source.name, trouble=data.trouble), row)
    return row


@action("analytics.import.resume", permission=IMPORT_EVENTS.name, target=EventImport)
def resume_import(actor: Actor, row: EventImport, data: Empty) -> EventImport:
    """Go on with an import that was stopped, while its file is here."""
    if row.state not in (ImportState.STOPPED, ImportState.FAILED):
        raise Conflict(_("This import is not stopped."), code="import_not_stopped")
    if not EventFile.objects.filter(event_import=row).exists():
        raise Conflict(
            _("Its file is not here any more."), code="import_file_gone",
            hint=_("Choose the same file again with the same columns: it goes on from there."),
        )  # fmt: skip
    row.state, row.trouble = ImportState.RUNNING, ""
    row.save(update_fields=["state", "trouble"])
    _read(row)
    emit(events.EventImportResumed(name=row.name, source=row.source.name), row)
    return row


@action("analytics.import.stop", permission=IMPORT_EVENTS.name, target=EventImport)
def stop_import(actor: Actor, row: EventImport, data: Empty) -> EventImport:
    """Stop reading. What came in stays; starting the same file again goes on from there."""
    if row.state == ImportState.RUNNING:
        row.state = ImportState.STOPPED
        row.save(update_fields=["state"])
        emit(events.EventImportStopped(name=row.name, source=row.source.name), row)
    return row


@action("analytics.import.undo", permission=IMPORT_EVENTS.name, target=EventImport)
def undo_import(actor: Actor, row: EventImport, data: Empty) -> EventImport:
    """Take every event of an import back out of the store. Starting the same file again brings them in anew."""
    if row.state in (ImportState.UNDOING, ImportState.UNDONE):
        raise Conflict(_("This import has been taken back already."), code="import_undone")
    row.state = ImportState.UNDOING
    row.save(update_fields=["state"])
    for file in EventFile.objects.filter(event_import=row):
        forget(file)
    jobs.configure_task(UNDO_JOB).defer(timestamp=0)
    emit(events.EventImportUndone(name=row.name, source=row.source.name, events=row.events), row)
    return row


def count_stored(workspace: int, fresh: list[Fresh]) -> None:
    """Count what of imports was new to the store; registered as ``after_flush``."""
    found = Counter(said for each in fresh if type(said := each.row["p"].get(IMPORT)) is str)
    for said, count in sorted(found.items()):
        with suppress(ValueError):
            rows = EventImport.objects.filter(workspace=workspace, public_id=uuid.UUID(said))
            rows.update(stored=F("stored") + count)
