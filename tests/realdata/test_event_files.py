"""Real files of events, brought in as `tongpin events import` does, counted in the store against another oracle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tongpin.kernel.store import client
from tongpin.modules.analytics.actions import event_import as actions
from tongpin.modules.analytics.actions.flush import run_once
from tongpin.modules.analytics.importing import running as reader
from tongpin.modules.analytics.importing.mapping import guess
from tongpin.modules.analytics.importing.reading import digest, shape
from tongpin.modules.analytics.tests.flush.conftest import running, source, store

__all__ = ["running", "source", "store"]

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data in {DATA}"),
]


def expected(name: str) -> Any:
    return json.loads((DATA / "EXPECTED.json").read_text())[name]


@pytest.fixture
def bring(store, source, actor_of):
    """Bring a file in; the import. Times without an offset are Shanghai's."""

    def run(name: str, separator: str = "", /, **said: str):
        path = DATA / "events" / name
        of = shape(path, separator)
        columns = {**guess(of.columns, "Asia/Shanghai"), **said}
        data = {
            "source": source.public_id,
            "name": name,
            "digest": digest(path),
            "columns": {role: column for role, column in columns.items() if column},
        }
        row = actions.start_import.run(actor_of("owner"), data).value
        reader.run(row, path, of, lambda row: None)
        while run_once():
            pass
        return row

    return run


def test_a_click_stream(bring):
    row = bring("retentioneering-ecom.csv.gz")
    oracle = expected("ecom")
    assert (row.events, row.refused) == (oracle["events"], 0)
    by_name = client.query("SELECT event, count() FROM events GROUP BY event").rows
    assert dict(by_name) == oracle["events_by_name"]
    ((users, sessions, first, last),) = client.query(
        "SELECT uniqExact(distinct_id), uniqExact(properties.session_id.:String), "
        "min(toTimeZone(timestamp, 'Asia/Shanghai')), max(toTimeZone(timestamp, 'Asia/Shanghai')) FROM events"
    ).rows
    assert (users, sessions) == (oracle["users"], oracle["sessions"])
    assert (f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}") == ("2024-01-04", "2024-06-29")
    again = bring("retentioneering-ecom.csv.gz")
    assert again.pk != row.pk
    assert client.query("SELECT count() FROM events").rows == [(oracle["events"],)]


def test_purchases_apart_by_spaces_rows_alike_kept(bring):
    row = bring("cdnow_master.txt", " ", name="purchase", user="customer_id", time="date")
    oracle = expected("cdnow")
    assert (row.events, row.refused) == (oracle["rows"], 0)
    ((rows, customers),) = client.query("SELECT count(), uniqExact(distinct_id) FROM events").rows
    assert (rows, customers) == (oracle["rows"], oracle["customers"])


def test_times_with_offsets(bring):
    row = bring("git_activity_healthchecks.csv.gz", id="commit")
    assert row.refused == 0
    ((rows, users),) = client.query("SELECT count(), uniqExact(distinct_id) FROM events").rows
    assert users == 110
    assert rows == row.events
    ((first,),) = client.query("SELECT min(timestamp) FROM events").rows
    assert first.isoformat() == "2015-06-11T19:12:09+00:00"
