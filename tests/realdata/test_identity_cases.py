"""The worked examples of identity and ingest: HTTP capture → inbox → flusher → store, asked in SQL (SPEC I1, I2, I6).

``TONGPIN_CASES`` names the folder; further sets with the same names and format may be dropped in.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.realdata.insights import CASES, bring_in
from tongpin.kernel.store import client, schema
from tongpin.kernel.store.tests.conftest import StoreProcess, _running
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.analytics.queries.person import person_sql

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CASES.exists(), reason=f"no cases in {CASES}"),
]


def identity_cases() -> list[Any]:
    found = []
    for file in sorted((CASES / "dev").glob("*.json")):
        case = json.loads(file.read_text())
        if isinstance(case, dict):
            found += [
                pytest.param(case, query, id=f"{case['id']}-{query['name']}")
                for query in case.get("queries", ())
                if query["query"].get("kind") == "identity"
            ]
    return found


@pytest.fixture(scope="module")
def _store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    yield from _running(tmp_path_factory.mktemp("cases") / "store")


@pytest.fixture
def workspace(_store: StoreProcess, settings: Any, monkeypatch: pytest.MonkeyPatch, people: Any) -> Workspace:
    monkeypatch.delenv("CLICKHOUSE_URL", raising=False)
    settings.DATA = _store.folder.parent
    client._forget()
    schema.migrate()
    return people.workspace


def answer(workspace: Workspace) -> dict[str, Any]:
    """What the store says of persons, in the form of the cases."""
    asked = {"workspace": workspace.public_id}
    ((rows, ids, first, last),) = client.query(
        "SELECT count(), uniqExact(distinct_id), min(timestamp), max(timestamp)"
        " FROM events WHERE workspace = {workspace:UUID}",
        asked,
    ).rows
    by_number = client.query(
        f"SELECT ids, count() FROM (SELECT uniqExact(id) AS ids FROM ("
        # An id that only a link names has no row of its own and still belongs to the person.
        f" SELECT {person_sql('sipHash64(id)')} AS person, id FROM ("
        f"  SELECT workspace, arrayJoin([distinct_id, ifNull(properties.`$anon_distinct_id`::Nullable(String), ''),"
        f"   ifNull(properties.alias::Nullable(String), '')]) AS id FROM events"
        f"  WHERE workspace = {{workspace:UUID}} ) WHERE id IN"
        f"   (SELECT distinct_id FROM events WHERE workspace = {{workspace:UUID}})"
        f" ) GROUP BY person) GROUP BY ids ORDER BY ids",
        asked,
    ).rows
    return {
        "rows_after_dedupe": rows,
        "distinct_ids": ids,
        "persons": sum(count for _, count in by_number),
        "persons_by_number_of_ids": {str(number): count for number, count in by_number},
        "min_timestamp": written(first),
        "max_timestamp": written(last),
    }


def written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize(("case", "query"), identity_cases())
@pytest.mark.parametrize("order", ["as they arrived", "shuffled"])
def test_identity(workspace: Workspace, case: dict[str, Any], query: dict[str, Any], order: str) -> None:
    rows = [json.loads(line) for line in (CASES / "dev" / case["events_file"]).read_text().splitlines()]
    if order == "shuffled":
        random.Random(7).shuffle(rows)
    bring_in(workspace, rows)
    assert answer(workspace) == query["expected"]


@pytest.mark.parametrize(
    "name", ["P10_posthog_retention_day_recurring", "P11_posthog_retention_month_recurring"]
)
def test_an_alias_in_published_examples_makes_one_person_of_two_ids(workspace: Workspace, name: str) -> None:
    """Their figures are insights'; both have an alias and, with it, two persons."""
    case = json.loads((CASES / "published" / f"{name}.json").read_text())
    bring_in(workspace, case["events"])
    found = answer(workspace)
    assert found["rows_after_dedupe"] == len({row["uuid"] for row in case["events"]})
    assert found["persons"] == 2
