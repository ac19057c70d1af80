"""From the inbox into the store: each event once, whatever dies and whatever comes twice."""

from __future__ import annotations

import signal
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import orjson
import pytest
from django.db import connection

from tongpin.kernel.store import client
from tongpin.kernel.store.client import StoreError, StoreUnavailable
from tongpin.modules.analytics.actions import flush
from tongpin.modules.analytics.columns import name_of
from tongpin.modules.analytics.flush import hooks, stored
from tongpin.modules.analytics.models import Arrival, Batch, ParkedArrival, Source
from tongpin.modules.analytics.wire.record import dump

from .conftest import NOON, record, rows

pytestmark = pytest.mark.django_db

HOURS = timedelta(hours=1)


@pytest.fixture
def heard(monkeypatch):
    """What a hook was told: (workspace, event, received, at)."""
    told = []
    monkeypatch.setattr(
        hooks,
        "after_flush",
        [lambda workspace, fresh: told.extend((workspace, each.event, got, at) for each, got, at in fresh)],
    )
    monkeypatch.setattr(flush, "after_flush", hooks.after_flush)
    return told


def drain() -> None:
    while flush.run_once():
        pass


def test_events_come_into_the_store_and_leave_the_inbox(store, people, source, arrive, heard):
    arrive(record("seen", path="/a"), record("paid", amount=1.5))
    drain()
    assert rows("workspace, source, event, distinct_id", "event") == [
        (people.workspace.public_id, source.public_id, "paid", "anna"),
        (people.workspace.public_id, source.public_id, "seen", "anna"),
    ]
    assert not Arrival.objects.exists()
    assert not Batch.objects.exists()
    assert sorted(heard) == [
        (people.workspace.pk, "paid", NOON, NOON),
        (people.workspace.pk, "seen", NOON, NOON),
    ]


def test_a_repeated_event_counts_once_as_received_first(store, arrive, heard):
    one = record()
    arrive(one, after=timedelta(seconds=5))
    arrive(one)
    arrive(one, after=timedelta(seconds=9))
    drain()
    arrive(one, after=timedelta(minutes=30))  # later, against the store
    drain()
    assert rows("received_at") == [(NOON,)]
    assert len(heard) == 1


def test_a_copy_received_earlier_takes_the_place_of_the_stored_one_and_nobody_hears_twice(
    store, arrive, heard
):
    one = record()
    arrive(one, after=timedelta(seconds=5))
    drain()
    arrive(one)
    drain()
    assert rows("received_at") == [(NOON,)]
    assert len(heard) == 1


def test_the_same_id_from_another_source_is_another_event(store, people, arrive):
    one = record()
    arrive(one)
    arrive(one, of=Source.objects.create(workspace=people.workspace, name="App"))
    drain()
    assert len(rows()) == 2


@pytest.mark.parametrize(
    ("ahead", "counts_at"),
    [
        (23 * HOURS, NOON + 23 * HOURS),
        (23 * HOURS + timedelta(milliseconds=1), NOON),
        (-400 * HOURS, NOON - 400 * HOURS),
        (60_000 * 24 * HOURS, NOON),
    ],
)
def test_a_clock_too_far_ahead_is_not_believed(store, arrive, ahead, counts_at):
    arrive(record(at=NOON + ahead))
    drain()
    assert rows("timestamp, client_at") == [(counts_at, NOON + ahead)]


def test_a_retry_is_known_though_the_clock_was_not_believed(store, arrive):
    ahead = record(at=NOON + 90 * HOURS)
    without = record(at=None)
    arrive(ahead, without)
    drain()
    arrive(ahead, without, after=2 * HOURS)
    drain()
    assert rows("timestamp, received_at") == [(NOON, NOON)] * 2


def test_properties_keep_their_kind(store, arrive):
    kinds = {
        "one": 1, "float": 1.0, "text": "1", "yes": True, "empty": "", "none": None, "big": 2**64 - 1,
        "a.b": "dot", "a%2E_b": "percent", "": "no name", "^x": "hat", "`": "tick", "NUL\0": "\0", "中文": "好",
        "date": "2026-01-01", "$browser": "Chrome", "$os": 7, "utm_source": "", "deep": {"a": [1, None, {"b": "é"}]},
    }  # fmt: skip
    arrive(record(**kinds))
    drain()
    [(properties, nested, browser, os, source, medium)] = rows(
        "CAST(properties, 'String'), nested, browser, os, utm_source, utm_medium"
    )
    plain = {name_of(name): value for name, value in orjson.loads(properties).items()}
    assert plain == {
        name: value for name, value in kinds.items() if name not in ("none", "$browser", "utm_source", "deep")
    }
    assert orjson.loads(nested) == {"deep": kinds["deep"]}
    assert (browser, os, source, medium) == ("Chrome", None, "", None)
    [(types,)] = rows(
        "[dynamicType(properties.one), dynamicType(properties.float), dynamicType(properties.text)]"
    )
    assert types == ["Int64", "Float64", "String"]


def test_thousands_of_properties_are_all_kept(store, arrive):
    arrive(record(**{f"p{n}": n for n in range(3000)}))
    arrive(*[record(**{f"q{each}-{n}": "v" for n in range(100)}) for each in range(20)])
    drain()
    [(last,)] = client.query(
        "SELECT properties.p2999::Nullable(Int64) FROM events WHERE properties.p2999 IS NOT NULL"
    ).rows
    assert last == 2999
    [(count,)] = client.query(
        "SELECT count() FROM events WHERE properties.`q19-99`::Nullable(String) = 'v'"
    ).rows
    assert count == 1


def test_an_unreadable_arrival_is_parked_with_the_reason_and_holds_nothing_up(store, source, arrive):
    arrive(record("before"))
    Arrival.objects.create(source=source.pk, received_at=NOON, count=3, records=b"{broken")
    Arrival.objects.create(source=source.pk, received_at=NOON, count=1, records=b'{"v":99,"r":[]}')
    Arrival.objects.create(source=source.pk, received_at=NOON, count=1, records=b'{"v":1,"r":[{"u":"x"}]}')
    arrive(record("after"))
    drain()
    assert sorted(rows()) == [("after",), ("before",)]
    assert not Arrival.objects.exists()
    parked = list(ParkedArrival.objects.order_by("pk"))
    assert [each.count for each in parked] == [3, 1, 1]
    assert bytes(parked[0].records) == b"{broken"
    assert "version 99" in parked[1].reason


def test_what_the_store_cannot_read_is_found_and_parked_alone(store, source, arrive):
    good = [arrive(record(f"good {n}")) for n in range(7)]
    arrive(replace(record("bad"), customers=["not", "a", "map"]))
    good += [arrive(record(f"good {n}")) for n in range(7, 12)]
    drain()
    assert len(rows()) == 12
    assert ParkedArrival.objects.count() == 1


def test_events_of_an_erased_source_leave_without_a_trace(store, source, arrive):
    arrive(record())
    Source.objects.all().delete()
    drain()
    assert rows() == []
    assert not Arrival.objects.exists()
    assert not ParkedArrival.objects.exists()


class Dies(Exception):
    pass


@pytest.mark.parametrize("point", ["before the insert", "after the insert", "in the last transaction"])
def test_a_crash_at_any_step_loses_and_doubles_nothing(store, arrive, heard, monkeypatch, point):
    arrive(record("first"))
    drain()
    twice = record("twice")
    arrive(twice, record("one"))
    arrive(twice, after=timedelta(seconds=1))

    def die(*_):
        raise Dies

    put = stored.put
    with monkeypatch.context() as patch:
        if point == "before the insert":
            patch.setattr(stored, "put", die)
        elif point == "after the insert":
            patch.setattr(stored, "put", lambda *given: (put(*given), die()))
        else:
            patch.setattr(flush, "_let_go", die)
            patch.setattr(flush, "_tell_one_by_one", die)
        with pytest.raises(Dies):
            flush.run_once()
    assert Batch.objects.count() == 1
    arrive(record("later"))
    arrive(twice, after=timedelta(seconds=2))
    drain()
    assert sorted(rows()) == [("first",), ("later",), ("one",), ("twice",)]
    assert not Batch.objects.exists()
    names = [event for _, event, _, _ in heard]
    # What a hook wrote in the transaction that died is gone with it; this one only remembers.
    assert set(names) == {"first", "later", "one", "twice"}
    assert len(names) == (6 if point == "in the last transaction" else 4)


def test_a_flusher_that_lost_its_lock_in_the_middle_of_the_insert_doubles_nothing(store, arrive, monkeypatch):
    arrive(*[record() for _ in range(50)])
    put = stored.put

    def overtaken(those, token):
        """While this one sends, another worker finds the batch, sends it too and finishes first."""
        with monkeypatch.context() as inner:
            inner.setattr(stored, "put", put)
            [batch] = Batch.objects.all()
            flush._finish(_resumed(batch))
        put(those, token)

    def _resumed(batch):
        load = flush._resume(batch)
        put(load.missing, batch.token)
        return load

    monkeypatch.setattr(stored, "put", overtaken)
    with pytest.raises(flush.Overtaken):
        flush.run_once()
    assert len(rows()) == 50
    assert not Batch.objects.exists()


def test_only_one_works_at_a_time(store, arrive):
    arrive(record())
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [flush.LOCK])
        assert flush.run_once() == 0
        assert Arrival.objects.count() == 1
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [flush.LOCK])
    finally:
        other.close()
    drain()
    assert len(rows()) == 1


def test_a_restored_store_without_its_tokens_doubles_nothing(store, arrive, monkeypatch):
    """A backup may hold the batch as open and its rows as stored, and no restore brings the tokens back."""
    arrive(*[record(at=NOON - n * 700 * HOURS) for n in range(5)])
    put = stored.put
    with monkeypatch.context() as patch:

        def half(some, token):
            put(some[:2], UUID(int=1))
            raise StoreUnavailable("gone")

        patch.setattr(stored, "put", half)
        with pytest.raises(StoreUnavailable):
            flush.run_once()
    drain()
    assert len(rows()) == 5


def test_while_the_store_is_down_events_wait_and_then_come(store, arrive, heard):
    arrive(record())
    flusher = flush.Flusher()
    store.stop(signal.SIGKILL)
    try:
        assert flusher.step() == 0
        assert Arrival.objects.count() == 1
        assert flusher._not_before > 0
        assert heard == []
    finally:
        store.start()
    drain()
    assert rows() == [("paid",)]
    assert len(heard) == 1


def test_a_refusal_that_is_not_about_the_data_parks_nothing(store, arrive, monkeypatch):
    arrive(record())

    def full(*_):
        raise StoreError(252, "too many parts")

    with monkeypatch.context() as patch:
        patch.setattr(stored, "put", full)
        for tries in (1, 2):
            with pytest.raises(StoreError):
                flush.run_once()
            [batch] = Batch.objects.all()
            assert (batch.tries, batch.trouble) == (tries, "too many parts")
    drain()
    assert rows() == [("paid",)]
    assert not ParkedArrival.objects.exists()


def test_a_hook_that_fails_on_one_arrival_parks_that_one_and_the_rest_is_heard(store, arrive, monkeypatch):
    told = []

    def fails_on_bad(_, fresh):
        for each, _, _ in fresh:
            if each.event == "bad":
                raise ValueError("no")
        told.extend(each.event for each, _, _ in fresh)

    monkeypatch.setattr(flush, "after_flush", [fails_on_bad])
    for name in ("good", "bad", "fine"):
        arrive(record(name))
    drain()
    assert sorted(told) == ["fine", "good"]
    assert len(rows()) == 3
    [parked] = ParkedArrival.objects.all()
    assert parked.stored
    assert not Arrival.objects.exists()


def test_a_batch_is_bounded_in_events_and_bytes(store, arrive, monkeypatch):
    for _ in range(6):
        arrive(record(), record())
    monkeypatch.setattr(flush, "MOST_EVENTS", 4)
    assert flush.run_once() == 2
    monkeypatch.setattr(flush, "MOST_BYTES", 1)
    assert flush.run_once() == 1  # one always goes
    drain()
    assert len(rows()) == 12


def test_old_and_far_apart_times_are_looked_up_in_few_ranges(store, arrive):
    events = [record(at=NOON - n * 37 * HOURS) for n in range(200)]
    arrive(*events)
    drain()
    loaded, _ = flush.expand(
        [flush.Waiting(1, 1, 0, dump(events))], {1: flush.Origin(1, str(uuid4()), str(uuid4()))}
    )
    found = stored.ranges(loaded)
    assert len(found) <= 40
    assert all(any(low <= row.client_at <= high for low, high in found) for row in loaded)
    arrive(*events)
    drain()
    assert len(rows()) == 200
