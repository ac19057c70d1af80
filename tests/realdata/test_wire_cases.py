"""The events of the worked examples, sent as PostHog's server SDK sends them, come out as they were written.

The examples lie beside the checkout (``../shared/cases``, or the folder ``TONGPIN_CASES``); without them this is
skipped.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from tongpin.modules.analytics.wire.call import Call
from tongpin.modules.analytics.wire.record import Record, dump, load
from tongpin.modules.analytics.wire.routes import find

CASES = Path(os.environ.get("TONGPIN_CASES") or Path(__file__).resolve().parents[3] / "shared" / "cases")
#: What a record says elsewhere than among the properties.
ELSEWHERE = {"$groups", "$session_id", "$set", "$set_once", "$unset", "token", "distinct_id"}


@pytest.mark.parametrize("name", ["events", "events_noties"])
def test_nothing_is_lost_or_changed_on_the_way(name):
    path = CASES / "dev" / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is not here: its events not tried")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    protocol = find("POST", "/batch/")
    assert protocol is not None
    records: list[Record] = []
    for start in range(0, len(rows), 500):
        body = orjson.dumps({"api_key": "k", "batch": rows[start : start + 500]})
        hit = protocol.decode(Call("POST", "/batch/", {}, {}, body, datetime(2026, 11, 22, tzinfo=UTC)))
        assert hit.dropped == []
        records += load(dump(hit.records))
    assert len(records) == len(rows) > 1000
    for row, record in zip(rows, records, strict=True):
        assert (str(record.uuid), record.event, record.distinct_id) == (
            row["uuid"],
            row["event"],
            row["distinct_id"],
        )
        assert record.at == datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC)
        said = row.get("properties") or {}
        assert record.properties == {key: value for key, value in said.items() if key not in ELSEWHERE}
