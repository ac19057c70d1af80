"""Events for tests, put where the flusher would have left them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tongpin.kernel.store import client
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.analytics.actions import mirror, people
from tongpin.modules.analytics.columns import PROMOTED, key
from tongpin.modules.analytics.flush.hooks import Fresh
from tongpin.modules.analytics.wire.record import Record, dump, load_rows

COLUMNS = (
    *("workspace", "source", "uuid", "event", "distinct_id"),
    *("timestamp", "client_at", "received_at", "session", "customers", "properties"),
    *PROMOTED.values(),
)
SOURCE = UUID(int=1)
START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def event(distinct_id: str, name: str = "clicked", seconds: float = 0, **more: Any) -> Record:
    return Record(
        more.pop("uuid", None) or uuid4(), name, distinct_id, at(seconds), more.pop("properties", {}), **more
    )


def identify(distinct_id: str, anon: str, seconds: float = 0, **more: Any) -> Record:
    return event(distinct_id, "$identify", seconds, properties={"$anon_distinct_id": anon}, **more)


def arrive(workspace: Workspace, *records: Record, copied: bool = True, source: UUID = SOURCE) -> None:
    """Have the events in the store, and learnt of."""
    client.insert(
        "events",
        [
            (
                workspace.public_id,
                source,
                r.uuid,
                r.event,
                r.distinct_id,
                r.at,
                r.at,
                r.at,
                r.session,
                r.customers,
                {key(name): value for name, value in r.properties.items() if name not in PROMOTED},
                *(r.properties.get(name) for name in PROMOTED),
            )
            for r in records
        ],
        COLUMNS,
    )
    fresh = [
        Fresh(row, milliseconds, milliseconds)
        for row, record in zip(load_rows(dump(list(records))), records, strict=True)
        if record.at and (milliseconds := round(record.at.timestamp() * 1000))
    ]
    people.take(workspace.pk, fresh)
    if copied:
        while mirror.run_once():
            pass
