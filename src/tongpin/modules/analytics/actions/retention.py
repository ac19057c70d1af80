"""Forgetting events that are older than their source keeps them."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from tongpin.kernel import clock
from tongpin.kernel.store import client
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.analytics.actions import flush, roster
from tongpin.modules.analytics.models import Batch, Source

log = structlog.get_logger("tongpin.retention")

_LONG = {"max_execution_time": 600}
_EXPIRED = "source = {source:UUID} AND timestamp < {before:DateTime64(3, 'UTC')}"


def forget_old() -> int:
    """Remove events past their source's ``retention_days``, counted from their own time. Returns how many.

    A month in which nothing else lies is dropped as a whole; else the rows are deleted in their month alone.
    Raises StoreUnavailable, QueryTooHeavy, StoreError: what is left goes the next time.
    """
    gone = 0
    for source in Source.objects.exclude(retention_days=0).order_by("pk"):
        before = clock.now() - timedelta(days=source.retention_days)
        gone += _forget(str(source.public_id), before)
    # Also where nothing went tonight: another night's work may have been cut off before it came to this.
    keeping = Workspace.objects.filter(pk__in=Source.objects.exclude(retention_days=0).values("workspace"))
    for workspace in keeping:
        roster.renew(workspace.public_id)
    return gone


def _forget(source: str, before: datetime) -> int:
    asked = {"source": source, "before": before}
    found = client.query(
        f"SELECT _partition_id, count() FROM events WHERE {_EXPIRED} GROUP BY 1 ORDER BY 1",  # noqa: S608  ours
        asked,
        options=_LONG,
    ).rows
    for month, rows in found:
        if not _drop(month, rows):
            client.command(
                f"DELETE FROM events IN PARTITION ID '{month}' WHERE {_EXPIRED}",  # noqa: S608  an id of the store
                asked,
            )
        log.info("retention.forgotten", source=source, month=month, events=rows)
    return sum(rows for _, rows in found)


def _drop(month: str, rows: int) -> bool:
    """Drop the month if it holds nothing but those rows. While the flusher is held off, none can come in meanwhile."""
    with flush.alone() as held:
        if not held or Batch.objects.exists():
            return False
        [(all_rows,)] = client.query(
            "SELECT count() FROM events WHERE _partition_id = {month:String}", {"month": month}, options=_LONG
        ).rows
        if all_rows != rows:
            return False
        client.command(f"ALTER TABLE events DROP PARTITION ID '{month}'")
        return True
