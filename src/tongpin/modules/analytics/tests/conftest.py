"""A store of the test run's own, emptied for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tongpin.kernel.store import client, schema
from tongpin.kernel.store.tests.conftest import StoreProcess, _running


@pytest.fixture(scope="session")
def _store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    yield from _running(tmp_path_factory.mktemp("analytics") / "store")


@pytest.fixture
def store(_store: StoreProcess, settings: object, monkeypatch: pytest.MonkeyPatch) -> StoreProcess:
    """The product's store with its schema made and nothing in it. ``stop`` and ``start`` take it away and back."""
    monkeypatch.delenv("CLICKHOUSE_URL", raising=False)
    settings.DATA = _store.folder.parent  # type: ignore[attr-defined]
    client._forget()
    schema.migrate()
    for table in ("events", "person_overrides", "persons", "customers", "ids_seen", "segment_members"):
        client.command(f"TRUNCATE TABLE {table}")
    client.command("SYSTEM RELOAD DICTIONARY person_of")
    return _store
