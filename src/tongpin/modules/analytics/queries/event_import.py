"""Imports of events, and what still waits for the store."""

from __future__ import annotations

import uuid

from django.db import connection
from django.db.models import QuerySet

from tongpin.kernel import paging
from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.models import Arrival, EventFile, EventImport, RefusedRow, Source


def imports(
    actor: Actor, cursor: str = "", limit: int = 30, source: Source | None = None
) -> paging.Page[EventImport]:
    """Imports of the workspace or of one source, newest first, with ``source`` and ``created_by``. Raises Invalid
    (cursor)."""
    rows = EventImport.objects.visible_to(actor).select_related("source", "created_by", "workspace")
    if source is not None:
        rows = rows.filter(source=source)
    return paging.page(rows, cursor, limit, newest_first=True)


def event_import(actor: Actor, source: uuid.UUID, public_id: uuid.UUID) -> EventImport:
    """One import, with ``source``, ``workspace`` and ``created_by``. Raises NotFound."""
    rows = EventImport.objects.visible_to(actor).select_related("source", "created_by", "workspace")
    row: EventImport | None = rows.filter(public_id=public_id, source__public_id=source).first()
    if row is None:
        raise NotFound
    return row


def event_files(actor: Actor, source: Source) -> list[EventFile]:
    """Files of the source that no import has begun with, newest first."""
    rows = EventFile.objects.visible_to(actor).filter(source=source, event_import=None)
    return list(rows.select_related("created_by").order_by("-pk"))


def event_file(actor: Actor, source: uuid.UUID, public_id: uuid.UUID) -> EventFile:
    """A file that no import has begun with, with ``source`` and ``workspace``. Raises NotFound."""
    rows = EventFile.objects.visible_to(actor).select_related("source", "workspace")
    row: EventFile | None = rows.filter(
        public_id=public_id, source__public_id=source, event_import=None
    ).first()
    if row is None:
        raise NotFound
    return row


def has_file(row: EventImport) -> bool:
    """Whether the server has its file, so that it can go on by itself."""
    return EventFile.objects.filter(event_import=row).exists()


def refused_rows(actor: Actor, row: EventImport) -> QuerySet[RefusedRow]:
    """The refused rows of an import that are kept, in the order of the file."""
    rows: QuerySet[RefusedRow] = RefusedRow.objects.visible_to(actor).filter(event_import=row)
    return rows.order_by("number")


def is_settled(row: EventImport) -> bool:
    """Whether all that was handed in so far is in the store, so that what is not ``stored`` was there before."""
    return not Arrival.objects.filter(pk__lte=row.last_arrival, source=row.source_id).exists()


def waiting() -> int:
    """Events in the inbox, of every source."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(count), 0) FROM analytics_arrival")
        (count,) = cursor.fetchone()
    return int(count)
