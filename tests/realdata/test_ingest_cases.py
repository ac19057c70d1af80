"""The ingest rules (SPEC §1) on the worked example's events: HTTP capture, inbox, flusher, store, read by SQL.

``TONGPIN_CASES`` names the folder, ``../shared/cases`` unless set; without one the tests are left out.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import datetime, timedelta

import pytest

from tests.realdata.insights import CASES, bring_in
from tongpin.kernel.store import client
from tongpin.modules.analytics.actions import flush
from tongpin.modules.analytics.columns import PROMOTED, key
from tongpin.modules.analytics.tests.flush.conftest import running, source, store

__all__ = ["running", "source", "store"]

FOLDER = CASES / "dev"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no worked examples in {FOLDER}"),
]


def rows() -> list[dict]:
    with (FOLDER / "events.jsonl").open() as lines:
        return [json.loads(line) for line in lines]


def test_retries_clocks_and_values_come_out_as_the_examples_say(store, source, monkeypatch):
    monkeypatch.setattr(flush, "after_flush", [])
    given = rows()
    choose = random.Random(7)
    bring_in(source.workspace, given, lambda: choose.random() < 0.01 and flush.run_once())

    [case] = json.loads((FOLDER / "01_identity_ingest.json").read_text())["queries"]
    expected = case["expected"]
    [(count, ids, first, last)] = client.query(
        "SELECT count(), uniqExact(distinct_id), min(timestamp), max(timestamp) FROM events"
    ).rows
    assert count == expected["rows_after_dedupe"]
    assert ids == expected["distinct_ids"]
    assert first == datetime.fromisoformat(expected["min_timestamp"])
    assert last == datetime.fromisoformat(expected["max_timestamp"])

    # Every single row, by the plainest reading of I1 and I2.
    plain: dict[str, tuple] = {}
    for row in given:
        received, at = (datetime.fromisoformat(row[name]) for name in ("received_at", "timestamp"))
        if row["uuid"] in plain and plain[row["uuid"]][0] <= received:
            continue
        plain[row["uuid"]] = (received, received if at > received + timedelta(hours=23) else at, row["event"])
    found = client.query("SELECT toString(uuid), received_at, timestamp, event FROM events").rows
    assert {uuid: tuple(rest) for uuid, *rest in found} == plain

    # Every property's values are told apart as I4 says: missing, empty, and by kind.
    unique = {row["uuid"]: row for row in given}.values()
    names = {name for row in given for name in (row.get("properties") or {})}
    assert len(names) > 5
    for name in names:
        wanted = Counter(
            (KINDS[type(value)], _shown(value))
            for row in unique
            if (value := (row.get("properties") or {}).get(name)) is not None
            and not isinstance(value, dict | list)
        )
        got = Counter()
        if name in PROMOTED:
            column = PROMOTED[name]
            asked = f"SELECT {column}, count() FROM events WHERE {column} IS NOT NULL GROUP BY 1"
            got.update({("String", text): n for text, n in client.query(asked).rows})
        asked = (
            "SELECT dynamicType(properties.{p:Identifier}) AS kind, toString(properties.{p:Identifier}), count()"
            " FROM events WHERE kind != 'None' GROUP BY 1, 2"
        )
        got.update({(kind, text): n for kind, text, n in client.query(asked, {"p": key(name)}).rows})
        assert got == wanted


KINDS = {str: "String", int: "Int64", float: "Float64", bool: "Bool"}


def _shown(value) -> str:
    """As ClickHouse writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)
