"""A running store for the flusher, its table empty before each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tongpin.kernel.store import client, schema
from tongpin.kernel.store.tests.conftest import StoreProcess
from tongpin.modules.analytics.models import Arrival, Source
from tongpin.modules.analytics.wire.record import Record, dump

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    made = StoreProcess(tmp_path_factory.mktemp("data") / "store")
    made.start()
    yield made
    assert made.process is not None
    made.process.kill()
    made.process.wait(30)


@pytest.fixture
def store(running: StoreProcess, settings: Any, monkeypatch: pytest.MonkeyPatch) -> StoreProcess:
    """The product's client is turned to it; ``events`` is there and empty."""
    monkeypatch.delenv("CLICKHOUSE_URL", raising=False)
    settings.DATA = running.folder.parent
    client._forget()
    schema.migrate()
    client.command("TRUNCATE TABLE events")
    return running


@pytest.fixture
def source(people: Any) -> Source:
    return Source.objects.create(workspace=people.workspace, name="Shop")


@pytest.fixture
def arrive(source: Source) -> Callable[..., Arrival]:
    """Put records into the inbox as capture does, in one request."""

    def put(*records: Record, after: timedelta = timedelta(), of: Source | None = None) -> Arrival:
        return Arrival.objects.create(
            source=(of or source).pk,
            received_at=NOON + after,
            count=len(records),
            records=dump(list(records)),
        )

    return put


def record(
    event: str = "paid", *, at: datetime | None = NOON, uuid: UUID | None = None, **properties: Any
) -> Record:
    return Record(uuid=uuid or uuid4(), event=event, distinct_id="anna", at=at, properties=properties)


def rows(columns: str = "event", order: str = "received_at, uuid") -> list[tuple[Any, ...]]:
    """What the store has."""
    return client.query(f"SELECT {columns} FROM events ORDER BY {order}").rows
