"""Imports of events, and what still waits for the store."""

from __future__ import annotations

from django.db import connection

from tongpin.kernel import paging
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.models import EventImport, RefusedRow


def imports(actor: Actor, cursor: str = "", limit: int = 30) -> paging.Page[EventImport]:
    """Imports of the workspace, newest first, with ``source`` and ``created_by``. Raises Invalid (cursor)."""
    rows = EventImport.objects.visible_to(actor).select_related("source", "created_by", "workspace")
    return paging.page(rows, cursor, limit, newest_first=True)


def refused_rows(actor: Actor, row: EventImport) -> list[RefusedRow]:
    """The refused rows of an import that are kept, in the order of the file."""
    return list(RefusedRow.objects.visible_to(actor).filter(event_import=row).order_by("number"))


def waiting() -> int:
    """Events in the inbox, of every source."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(count), 0) FROM analytics_arrival")
        (count,) = cursor.fetchone()
    return int(count)
