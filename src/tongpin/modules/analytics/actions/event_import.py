"""Events from a file: begin an import, hand its rows to the inbox some at a time, stop it, take all of it back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection, transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as jobs
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import authz, clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Invalid, NotFound
from tongpin.kernel.events.recording import emit
from tongpin.kernel.store import client
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import columns as stored_columns
from tongpin.modules.analytics import events
from tongpin.modules.analytics.actions import roster
from tongpin.modules.analytics.actions.flush import CHANNEL
from tongpin.modules.analytics.enums import ImportState
from tongpin.modules.analytics.flush.stored import TABLE
from tongpin.modules.analytics.importing.mapping import IMPORT, Columns
from tongpin.modules.analytics.models import Arrival, EventImport, RefusedRow, Source
from tongpin.modules.analytics.permissions import EDIT, FINISH, IMPORT_EVENTS
from tongpin.modules.analytics.wire.record import Record, dump

UNDO_JOB = "analytics.undo_imports"
MOST_REFUSED_KEPT = 5_000
#: Events waiting for the store beyond which an import waits too: live events must not be refused for it.
ROOM = 200_000


class StartEventImport(BaseModel):
    """``digest`` is the SHA-256 of the file's bytes, in hexadecimal."""

    model_config = ConfigDict(extra="forbid")

    source: uuid.UUID
    name: str = Field(min_length=1, max_length=200)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    columns: Columns


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
    columns = data.columns.model_dump()
    begun = EventImport.objects.select_for_update().filter(
        source=source,
        digest=data.digest,
        columns=columns,
        state__in=[ImportState.RUNNING, ImportState.STOPPED],
    )
    row: EventImport | None = begun.first()
    if row is not None:
        row.state = ImportState.RUNNING
        row.save(update_fields=["state"])
        return row
    row = EventImport.objects.create(
        workspace=source.workspace, source=source, name=data.name, digest=data.digest, columns=columns,
        created_by=actor.user,
    )  # fmt: skip
    emit(events.EventImportStarted(name=row.name, source=source.name), row)
    return row


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
    jobs.configure_task(UNDO_JOB).defer(timestamp=0)
    emit(events.EventImportUndone(name=row.name, source=row.source.name, events=row.events), row)
    return row


def take_back(row: EventImport) -> bool:
    """Remove the events of an import that is being taken back. False while some of them still wait for the store.

    Raises StoreUnavailable and the like; harmless when done twice.
    """
    if Arrival.objects.filter(pk__lte=row.last_arrival, source=row.source_id).exists():
        return False
    where = (
        f"workspace = {{workspace:UUID}} AND source = {{source:UUID}} "
        f"AND properties.`{stored_columns.key(IMPORT)}`.:String = {{import:String}}"
    )
    given = {
        "workspace": row.workspace.public_id,
        "source": row.source.public_id,
        "import": str(row.public_id),
    }
    client.command(f"DELETE FROM {TABLE} WHERE {where}", given)  # noqa: S608  names of ours
    ((left,),) = client.query(f"SELECT count() FROM {TABLE} WHERE {where}", given).rows  # noqa: S608  as above
    if left:
        return False
    roster.renew(row.workspace.public_id)
    EventImport.objects.filter(pk=row.pk, state=ImportState.UNDOING).update(state=ImportState.UNDONE)
    return True
