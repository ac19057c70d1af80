"""A burst of events while every process is killed in turn: each acknowledged event is in the store exactly once.

An event is acknowledged when the transaction that wrote its arrival has been committed, as capture does before it
answers. A writer that does not learn whether it was sends the same events again, as SDKs do.
``TONGPIN_CRASH=full`` runs 20,000 events and 20 kills; the bounded run is a quarter of it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.serving import Served
from tongpin.kernel import clock
from tongpin.kernel.postgres import Cluster
from tongpin.modules.analytics.wire.record import Record, dump

FULL = os.environ.get("TONGPIN_CRASH") == "full"
EVENTS, KILLS = (20_000, 20) if FULL else (5_000, 8)
EACH = 10  # events of one request
WRITERS = 8
VICTIMS = ("worker", "store", "postgres", "web")
BOUND_SECONDS = 900 if FULL else 300


class Gate:
    """Lets the burst on piece by piece, so that there is something under way at every kill."""

    def __init__(self) -> None:
        self.open_to = 0
        self.taken = 0
        self.condition = threading.Condition()

    def enter(self) -> None:
        with self.condition:
            self.condition.wait_for(lambda: self.taken < self.open_to)
            self.taken += 1

    def open(self, to: int) -> None:
        with self.condition:
            self.open_to = to
            self.condition.notify_all()


class Writer(threading.Thread):
    """Sends its requests one after the other; one it is in doubt about again, until it is told it is kept."""

    def __init__(self, served: Served, source: int, gate: Gate, requests: list[list[Record]]) -> None:
        super().__init__(daemon=True)
        self.served, self.source, self.gate, self.requests = served, source, gate, requests
        self.connection: psycopg.Connection | None = None
        self.acknowledged: set[UUID] = set()
        self.doubts = 0

    def run(self) -> None:
        for records in self.requests:
            self.gate.enter()
            while records[0].uuid not in self.acknowledged:
                try:
                    self.send(records)
                    self.acknowledged |= {each.uuid for each in records}
                except (psycopg.Error, OSError):
                    self.doubts += 1
                    self.connection = None
                    time.sleep(0.05)

    def send(self, records: list[Record]) -> None:
        if self.connection is None:
            url = Cluster(self.served.data / "postgres").url()
            self.connection = psycopg.connect(url, connect_timeout=5)
        self.connection.execute(
            "INSERT INTO analytics_arrival (source, received_at, count, records) VALUES (%s, now(), %s, %s)",
            [self.source, len(records), dump(records)],
        )
        self.connection.execute("NOTIFY analytics_arrivals")
        self.connection.commit()


@pytest.mark.processes
def test_every_acknowledged_event_is_stored_exactly_once_whatever_dies(tmp_path):
    served = Served(tmp_path / "data").start()
    try:
        source = prepare(served)
        gate, choose = Gate(), random.Random(20261126)
        now = clock.now()
        requests = [
            [
                Record(uuid4(), f"event {n % 7}", f"user {choose.randrange(500)}", now, {"n": n})
                for _ in range(EACH)
            ]
            for n in range(EVENTS // EACH)
        ]
        writers = [Writer(served, source, gate, requests[n::WRITERS]) for n in range(WRITERS)]
        for writer in writers:
            writer.start()
        killed = kill_at_random(served, gate, len(requests), choose)
        for writer in writers:
            writer.join(BOUND_SECONDS)
        assert sum(killed.values()) == KILLS
        assert set(killed) == set(VICTIMS)
        assert sum(writer.doubts for writer in writers) > 0  # some kill hit a commit under way
        acknowledged = set().union(*(writer.acknowledged for writer in writers))
        assert len(acknowledged) == EVENTS
        settle(served)
        check(served, acknowledged)
    finally:
        assert served.stop() == 0


def prepare(served: Served) -> int:
    made = served.script(
        """
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import User
from tongpin.modules.analytics.models import Source
user = User.objects.create_user("owner@acme.example", "correct horse battery", name="Owner")
run_named("workspaces.workspace.create", Actor.of(user), {"name": "Acme", "slug": "acme"})
print(Source.objects.create(workspace=Actor.in_workspace(user, "acme").workspace, name="Shop").pk)
"""
    )
    return int(made.strip().splitlines()[-1])


def kill_at_random(served: Served, gate: Gate, requests: int, choose: random.Random) -> Counter[str]:
    """SIGKILL a process at a random moment of each piece of the burst, each victim in its turn."""
    killed: Counter[str] = Counter()
    deadline = time.monotonic() + BOUND_SECONDS
    order: list[str] = []
    while (number := sum(killed.values())) < KILLS:
        assert time.monotonic() < deadline, f"{dict(killed)} in {BOUND_SECONDS} s"
        gate.open(requests * (number + 1) // (KILLS + 1))
        order = order or choose.sample(VICTIMS, len(VICTIMS))
        time.sleep(choose.uniform(0, 1.0))
        pid = served.pid(order[-1])
        if pid:
            try:
                os.kill(pid, signal.SIGKILL)
                killed[order.pop()] += 1
            except ProcessLookupError:
                pass
    gate.open(requests)
    return killed


def settle(served: Served) -> None:
    """Wait until everything runs again and nothing waits for the store."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if served.ready():
            with psycopg.connect(Cluster(served.data / "postgres").url()) as database:
                [(waiting,)] = database.execute(
                    "SELECT (SELECT count(*) FROM analytics_arrival) + (SELECT count(*) FROM analytics_batch)"
                ).fetchall()
            if not waiting:
                return
        time.sleep(0.5)
    raise AssertionError(f"events still wait:\n{served.log.read_text()[-4000:]}")


def check(served: Served, acknowledged: set[UUID]) -> None:
    """The store has each event once, and so has whoever is told of what came in."""
    said = served.script(
        """
import json
from tongpin.kernel.store import client
from django.db.models import Sum
from tongpin.modules.analytics.models import EventDay, EventName, ParkedArrival
rows = client.query("SELECT toString(uuid), count() FROM events GROUP BY uuid").rows
told = [EventName.objects.aggregate(n=Sum("total"))["n"], EventDay.objects.aggregate(n=Sum("count"))["n"]]
print(json.dumps([rows, told, ParkedArrival.objects.count()]))
"""
    )
    rows, told, parked = json.loads(said.strip().splitlines()[-1])
    counts = {UUID(uuid): count for uuid, count in rows}
    assert {uuid: count for uuid, count in counts.items() if count > 1} == {}
    assert acknowledged - set(counts) == set()
    assert set(counts) - acknowledged == set()
    assert told == [len(acknowledged)] * 2  # the catalogue heard of each once
    assert parked == 0
