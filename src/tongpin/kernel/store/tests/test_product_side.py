"""What the rest of the product calls: client, schema, copy, queries, archive."""

from __future__ import annotations

import signal
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tongpin.kernel import clock
from tongpin.kernel import store as event_store
from tongpin.kernel.events import relay
from tongpin.kernel.events.models import Event
from tongpin.kernel.store import address as addresses
from tongpin.kernel.store import archive, client, copy, queries, schema, subscriber
from tongpin.kernel.store.tests.conftest import StoreProcess

pytestmark = pytest.mark.processes

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACME, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


def _event(at: datetime = NOON, **changed: Any) -> dict[str, Any]:
    return {
        "uid": uuid.uuid4(),
        "workspace": ACME,
        "name": "goals.goal.created",
        "version": 1,
        "subject_type": "goals.goal",
        "subject_id": uuid.uuid4(),
        "actor_id": uuid.UUID(int=9),
        "via": "web",
        "action": "goals.goal.create",
        "at": at,
        "payload": {"name": "提升留存 🎯"},
        **changed,
    }


def _count() -> int:
    return int(client.query("SELECT count() FROM work_events FINAL").rows[0][0])


def test_events_are_copied_as_they_are(at_home: StoreProcess) -> None:
    plain, bare = _event(), _event(workspace=None, subject_id=None, actor_id=None, payload={})
    copy.copy_events([plain, bare])

    found = {row["uid"]: row for row in client.query("SELECT * FROM work_events FINAL").dicts()}

    assert found[plain["uid"]] == {
        **plain,
        "subject_id": str(plain["subject_id"]),
        "actor_id": str(plain["actor_id"]),
        "payload": '{"name":"提升留存 🎯"}',
    }
    assert (found[bare["uid"]]["workspace"], found[bare["uid"]]["actor_id"]) == (uuid.UUID(int=0), "")
    with pytest.raises(ValueError, match="zone"):
        copy.copy_events([_event(NOON.replace(tzinfo=None))])


def test_a_batch_handed_over_again_counts_once(at_home: StoreProcess) -> None:
    rows = [_event(NOON + timedelta(days=20 * step)) for step in range(5)]
    copy.copy_events(rows)
    copy.copy_events(rows)
    stored = client.query("SELECT count() FROM work_events").rows
    copy.copy_events(rows[1:3])  # the same events cut differently

    assert stored == [(5,)]
    assert _count() == 5


def test_activity_is_counted_by_the_day_of_the_zone(at_home: StoreProcess) -> None:
    night = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)  # already 1 March in Shanghai
    copy.copy_events(
        [
            _event(night),
            _event(night, actor_id=uuid.UUID(int=8)),
            _event(NOON - timedelta(days=1, hours=1)),
            _event(NOON, actor_id=None),
            _event(NOON, workspace=OTHER),
            _event(NOON - timedelta(days=9)),
        ]
    )
    with clock.frozen_at(NOON):
        shanghai = queries.activity_by_day(ACME, "Asia/Shanghai", 3)
        utc = queries.activity_by_day(ACME, "UTC", 2)

    assert shanghai == [(date(2026, 2, 27), 0, 0), (date(2026, 2, 28), 1, 1), (date(2026, 3, 1), 3, 2)]
    assert utc == [(date(2026, 2, 28), 3, 2), (date(2026, 3, 1), 1, 0)]
    assert [each.table for each in queries.contents()] == ["schema_migrations", "work_events"]


def test_an_erased_workspace_is_gone(at_home: StoreProcess) -> None:
    copy.copy_events([_event(), _event(), _event(workspace=OTHER)])
    copy.erase_workspace(ACME)
    assert client.query("SELECT workspace FROM work_events FINAL").rows == [(OTHER,)]


@pytest.mark.django_db
def test_the_relay_can_hand_over_the_stream(at_home: StoreProcess, people: Any) -> None:
    event = Event.objects.create(
        workspace=people.workspace,
        name="goals.goal.created",
        v=2,
        payload={"a": 1},
        subject_type="goals.goal",
        subject_id=uuid.UUID(int=5),
        actor=people.owner.user,
        via="web",
        action="goals.goal.create",
    )
    alone = Event.objects.create(
        name="accounts.made",
        v=1,
        payload={},
        subject_type="tenancy.user",
        subject_id=uuid.UUID(int=6),
        via="cli",
    )
    client.command("DROP DATABASE tongpin SYNC", in_database=False)
    with pytest.raises(client.StoreUnavailable, match="81"):
        client.query("SELECT count() FROM work_events")

    subscriber.take([event, alone])  # makes what is missing
    subscriber.take([alone, event])
    client.command("DROP TABLE work_events SYNC")
    client.command("TRUNCATE TABLE schema_migrations")
    subscriber.take([alone, event])

    found = {row["uid"]: row for row in client.query("SELECT * FROM work_events FINAL").dicts()}
    assert len(found) == 2
    row = found[event.uid]
    assert (row["workspace"], row["actor_id"]) == (
        people.workspace.public_id,
        str(people.owner.user.public_id),
    )
    assert (row["version"], row["via"], row["payload"]) == (2, "web", '{"a":1}')
    assert (found[alone.uid]["workspace"], found[alone.uid]["actor_id"]) == (uuid.UUID(int=0), "")

    at_home.stop(signal.SIGKILL)
    with pytest.raises(relay.TryLater):
        subscriber.take([event])


def test_the_schema_is_applied_once_even_by_several_at_once(at_home: StoreProcess) -> None:
    client.command("DROP DATABASE tongpin SYNC", in_database=False)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: schema.migrate(), range(4)))

    assert schema.migrate() == []
    assert sorted(schema.applied()) == [each.number for each in schema.migrations()]
    assert _count() == 0


def test_a_store_that_does_not_fit_is_not_touched(at_home: StoreProcess) -> None:
    when = clock.now()
    columns = ("number", "name", "checksum", "applied_at")
    client.insert(schema.APPLIED, [(999, "0999_later", "x", when)], columns)
    with pytest.raises(schema.SchemaError, match="0999_later"):
        schema.migrate()
    client.command(f"DELETE FROM {schema.APPLIED} WHERE number = 999")
    client.insert(schema.APPLIED, [(1, "0001_work_events", "another", when)], columns)
    with pytest.raises(schema.SchemaError, match="changed"):
        schema.migrate()


def test_on_a_cluster_tables_are_replicated() -> None:
    text = "\n".join(schema.migrations()[0].statements("main"))
    assert "work_events ON CLUSTER main" in text
    assert "ENGINE = ReplicatedReplacingMergeTree\n" in text
    assert ", replicated_deduplication_window = 10000" in text
    with pytest.raises(schema.SchemaError):
        schema.migrations()[0].statements("x; DROP")


def test_an_old_client_finds_the_store_on_its_new_port(at_home: StoreProcess) -> None:
    copy.copy_events([_event()])
    before = client.place()
    at_home.stop(signal.SIGKILL)
    with pytest.raises(client.StoreUnavailable) as caught:
        client.query("SELECT 1")
    with pytest.raises(client.StoreUnavailable):
        client.ping()
    with pytest.raises(client.StoreUnavailable):
        copy.copy_events([_event()])
    assert caught.value.code == "store_unavailable"
    assert caught.value.hint

    at_home.start(port=_free_port_beside(before.port))

    assert client.place().port != before.port
    client.ping()
    assert _count() == 1
    copy.copy_events([_event()])
    assert _count() == 2


def test_a_store_with_another_token_is_entered_with_its_token(at_home: StoreProcess) -> None:
    assert client.query("SELECT 1").rows == [(1,)]
    at_home.stop()
    address = addresses.read(at_home.folder)
    assert address is not None
    addresses.write(at_home.folder, addresses.Address(address.url, addresses.new_token(), 0))
    at_home.start()
    assert client.query("SELECT 2").rows == [(2,)]


def test_without_a_store_it_says_so(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLICKHOUSE_URL", raising=False)
    settings.DATA = tmp_path
    for call in (client.ping, schema.migrate, lambda: client.query("SELECT 1")):
        with pytest.raises(client.StoreUnavailable, match=r"connection\.json"):
            call()


def test_refusals_are_told_apart(at_home: StoreProcess) -> None:
    with pytest.raises(client.StoreError) as fault:
        client.query("SELECT nothing")
    assert fault.value.code == 47
    with pytest.raises(client.QueryTooHeavy) as heavy:
        client.query("SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))")
    assert heavy.value.code == "query_too_heavy"


def test_clickhouse_url_names_an_outside_store(
    at_home: StoreProcess, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy.copy_events([_event()])
    address = addresses.read(at_home.folder)
    assert address is not None
    settings.DATA = tmp_path / "elsewhere"
    url = f"http://someone:{address.token}@127.0.0.1:{address.port}/tongpin"
    monkeypatch.setenv("CLICKHOUSE_URL", url)
    assert not client.place().embedded
    client.ping()
    assert _count() == 1


def test_a_backup_comes_back_whole_and_replaces_what_came_after(
    at_home: StoreProcess, tmp_path: Path
) -> None:
    rows = [_event(NOON + timedelta(days=40 * (step % 3), seconds=step)) for step in range(3000)]
    copy.copy_events(rows)
    before = client.query("SELECT * FROM work_events FINAL ORDER BY at, uid").rows
    saved = tmp_path / "saved"
    saved.mkdir()

    event_store.backup(saved)
    copy.copy_events([_event() for _ in range(10)])
    event_store.restore(saved)
    event_store.restore(saved)  # a second time changes nothing

    assert client.query("SELECT * FROM work_events FINAL ORDER BY at, uid").rows == before
    assert len(before) == 3000
    assert len(list(saved.glob("*.zst"))) == 3
    copy.copy_events(rows[:100])
    assert _count() == 3000
    late = _event()
    copy.copy_events([late])
    assert _count() == 3001


def test_an_empty_store_is_backed_up_too(at_home: StoreProcess, tmp_path: Path) -> None:
    client.command("DROP DATABASE tongpin SYNC", in_database=False)
    archive.backup(tmp_path)
    copy.copy_events([_event()])
    archive.restore(tmp_path)
    assert _count() == 0


def test_a_damaged_backup_changes_nothing(at_home: StoreProcess, tmp_path: Path) -> None:
    copy.copy_events([_event()])
    archive.backup(tmp_path)
    copy.copy_events([_event()])
    (file,) = tmp_path.glob("*.zst")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(archive.ArchiveError, match="damaged"):
        archive.restore(tmp_path)
    (tmp_path / archive.MANIFEST).unlink()
    with pytest.raises(archive.ArchiveError):
        archive.restore(tmp_path)
    assert _count() == 2


def _free_port_beside(port: int) -> int:
    import socket

    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            found: int = probe.getsockname()[1]
        if found != port:
            return found
