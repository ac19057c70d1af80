"""The table of product events: what an insert, a backup and an erasure do to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tongpin.kernel.store import archive, client, schema, shards
from tongpin.kernel.store.tests.conftest import StoreProcess

pytestmark = pytest.mark.processes

EVENT = (
    b'["1b4e28ba-2fa1-11d2-883f-0016d3cca427","1b4e28ba-2fa1-11d2-883f-0016d3cca428",'
    b'"1b4e28ba-2fa1-11d2-883f-%012d","paid","anna",%s,%s,%s,{"amount":1.0,"count":1,"text":"1","a%%2E_b":true},'
    b'{"list":[1,null]}]'
)
EVENT_COLUMNS = (
    "workspace",
    "source",
    "uuid",
    "event",
    "distinct_id",
    "timestamp",
    "client_at",
    "received_at",
    "properties",
    "nested",
)


def product_events(count: int, seconds_apart: int = 60) -> bytes:
    lines = []
    for n in range(count):
        at = b"%d" % (1_772_000_000 + n * seconds_apart)
        lines.append(EVENT % (n, at, at, at))
    return b"\n".join(lines)


def test_lines_under_one_token_are_taken_once_in_every_partition(at_home: StoreProcess) -> None:
    lines = product_events(3000, seconds_apart=24 * 3600)  # in some hundred months
    for _ in range(2):
        client.insert_lines("events", lines, EVENT_COLUMNS, token="one")
    assert client.query("SELECT count(), uniqExact(uuid) FROM events").rows == [(3000, 3000)]
    [(parts, months)] = client.query(
        "SELECT count(), uniqExact(partition) FROM system.parts WHERE table = 'events' AND active"
    ).rows
    assert parts == months > 90


def test_many_rows_are_one_block(at_home: StoreProcess) -> None:
    client.insert_lines("events", product_events(60_000, seconds_apart=1), EVENT_COLUMNS, token="large")
    assert client.query("SELECT rows FROM system.parts WHERE table = 'events' AND active").rows == [(60_000,)]


def test_times_gone_wrong_share_a_partition(at_home: StoreProcess) -> None:
    early = b"\n".join(
        EVENT % (n, at, at, at) for n, at in enumerate(b"%d" % (n * 40 * 86400) for n in range(360))
    )
    client.insert_lines("events", early, EVENT_COLUMNS, token="early")
    assert client.query("SELECT count() FROM system.parts WHERE table = 'events' AND active").rows == [(1,)]


def test_events_come_back_from_a_backup_with_every_kind_of_value(
    at_home: StoreProcess, tmp_path: Path
) -> None:
    client.insert_lines("events", product_events(50), EVENT_COLUMNS, token="kept")
    asked = (
        "SELECT *, did, toTypeName(did), dynamicType(properties.amount), dynamicType(properties.count)"
        " FROM events ORDER BY uuid"
    )
    before = client.query(asked).rows
    target = tmp_path / "backup"
    target.mkdir()
    archive.backup(target)
    client.command("TRUNCATE TABLE events")
    archive.restore(target)
    assert client.query(asked).rows == before
    assert len(before) == 50


def test_erased_events_are_gone_from_the_projection_too(at_home: StoreProcess) -> None:
    client.insert_lines("events", product_events(50), EVENT_COLUMNS, token="some")
    client.command("DELETE FROM events WHERE uuid = '1b4e28ba-2fa1-11d2-883f-000000000007'")
    for column in ("client_at", "event"):  # one is asked of the projection, one of the table
        [(left,)] = client.query(f"SELECT count() FROM events WHERE toString({column}) != ''").rows
        assert left == 49


def test_every_statement_for_a_cluster_is_one_the_engine_can_read(at_home: StoreProcess) -> None:
    """Only read: there is no cluster here to run it on."""
    statements = [each for migration in schema.migrations() for each in migration.statements("main")]
    assert len(statements) >= 2
    for statement in statements:
        assert "ON CLUSTER main" in statement
        [(formatted,)] = client.query("SELECT formatQuery({sql:String})", {"sql": statement}).rows
        if "ENGINE" in formatted:  # a dictionary and a view keep nothing of their own to replicate
            assert "Replicated" in formatted


@pytest.mark.parametrize("over", ["one shard", "several"])
def test_the_definitions_of_a_cluster_can_be_read_by_the_engine(at_home: StoreProcess, over: str) -> None:
    """Only read: there is no cluster here to run them on."""
    made = shards.statements("main", shards=over == "several")
    for statement in made:
        client.query("SELECT formatQuery({sql:String})", {"sql": statement})
    tables = set(re.findall(r"CREATE TABLE IF NOT EXISTS (\w+) ON CLUSTER main", "\n".join(made)))
    assert tables == set(shards.SHARD_BY)
    distributed = re.findall(
        r"CREATE TABLE IF NOT EXISTS tongpin\.(\w+) .* ENGINE = Distributed", "\n".join(made)
    )
    assert sorted(distributed) == (sorted(tables) if over == "several" else [])


def test_rows_of_an_id_lie_on_one_shard(at_home: StoreProcess) -> None:
    """What shards a table is asked of its own columns, and the same id goes where its events go."""
    client.insert_lines("events", product_events(5), EVENT_COLUMNS, token="shards")
    for table in ("events", "ids_seen"):
        client.query(f"SELECT {shards.SHARD_BY[table]} FROM {table}")
    [(apart,)] = client.query(f"SELECT countIf({shards.SHARD_BY['events']} != did) FROM events").rows
    assert apart == 0
    for table in ("work_events", "person_overrides", "persons", "customers"):
        client.query(f"SELECT {shards.SHARD_BY[table]} FROM {table} LIMIT 0")
