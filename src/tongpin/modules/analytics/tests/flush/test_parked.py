"""Parked arrivals go on once the reason is mended: each event once in the store, and told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from tongpin.kernel.store import client
from tongpin.modules.analytics.actions import flush, parked
from tongpin.modules.analytics.models import Arrival, EventDay, ParkedArrival
from tongpin.modules.analytics.wire.record import load

from .conftest import NOON, record, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken(monkeypatch):
    """A hook after the catalogue's that fails on events called "bad" while it holds something."""
    held = {"bad"}

    def fails(_, fresh):
        if any(each.record.event in held for each in fresh):
            raise ValueError("no\0")

    monkeypatch.setattr(flush, "after_flush", [*flush.after_flush, fails])
    return held


def drain() -> None:
    while flush.run_once():
        pass


def counted() -> dict[str, int]:
    """What the catalogue heard: events by name."""
    told: dict[str, int] = {}
    for name, count in EventDay.objects.values_list("event__name", "count"):
        told[name] = told.get(name, 0) + count
    return told


def test_what_a_hook_failed_on_is_told_once_when_it_is_mended(store, arrive, broken):
    first = record("good")
    arrive(first)
    arrive(record("bad"), first, record("with it"), after=timedelta(seconds=1))  # ``first`` was told already
    drain()
    arrive(record("bad"))
    drain()
    assert counted() == {"good": 1}
    one, _other = ParkedArrival.objects.order_by("pk")
    assert ([each.event for each in load(bytes(one.records))], one.count) == (["bad", "with it"], 2)
    assert parked.retry_parked() == parked.Retried(still=["ValueError: no�"] * 2)
    assert (counted(), Arrival.objects.count()) == ({"good": 1}, 0)
    broken.clear()
    assert parked.retry_parked() == parked.Retried(finished=2)
    assert parked.retry_parked() == parked.Retried()
    drain()
    assert counted() == {"good": 1, "bad": 2, "with it": 1}
    assert sorted(rows()) == [("bad",), ("bad",), ("good",), ("with it",)]


def test_a_hook_that_fails_again_leaves_the_arrival_and_the_others_go_on(store, arrive, broken):
    broken.add("worse")
    arrive(record("bad"))
    arrive(record("worse"))
    drain()
    broken.remove("worse")
    assert parked.retry_parked() == parked.Retried(finished=1, still=["ValueError: no�"])
    assert counted() == {"worse": 1}
    assert ParkedArrival.objects.get().stored


def test_nobody_hears_of_what_left_the_store_meanwhile(store, arrive, broken):
    gone, stays = record("bad"), record("stays")
    arrive(gone, stays)
    drain()
    client.command("DELETE FROM events WHERE event = 'bad'")
    broken.clear()
    parked.retry_parked()
    assert counted() == {"stays": 1}


def test_what_could_not_be_read_comes_in_once_through_the_inbox(store, source, arrive, monkeypatch):
    known = record("known")
    arrive(known)
    arrive(replace(known, event="new", uuid=record().uuid), known, after=timedelta(minutes=1))
    with monkeypatch.context() as patch:
        patch.setattr("tongpin.modules.analytics.wire.record.VERSION", 0)
        drain()
    assert (ParkedArrival.objects.count(), rows()) == (2, [])
    ParkedArrival.objects.create(
        source=source.pk, received_at=NOON, count=1, records=b"{broken", reason="before"
    )
    done = parked.retry_parked()
    assert (done.again, done.finished, len(done.still)) == (2, 0, 1)
    drain()
    assert parked.retry_parked().again == 0
    assert sorted(rows("event, received_at")) == [("known", NOON), ("new", NOON + timedelta(minutes=1))]
    assert counted() == {"known": 1, "new": 1}
    stays = ParkedArrival.objects.get()
    assert bytes(stays.records) == b"{broken"
    assert stays.reason == done.still[0] != "before"


def test_it_waits_for_the_worker_and_gives_up(store, arrive, monkeypatch):
    monkeypatch.setattr(parked, "PATIENCE_S", 0.0)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [flush.LOCK])
        with pytest.raises(parked.FlusherBusy):
            parked.retry_parked()
        with other.cursor() as cursor:  # closing gives it back too, a moment later
            cursor.execute("SELECT pg_advisory_unlock(%s)", [flush.LOCK])
    finally:
        other.close()
    assert parked.retry_parked() == parked.Retried()
