"""A burst of events while every process is killed in turn: each acknowledged event is in the store exactly once.

Events are sent over HTTP in PostHog's batches; a 200 acknowledges them. A writer that does not get one sends the same
events again, as SDKs do.
``TONGPIN_CRASH=full`` runs 20,000 events and 20 kills; the bounded run is a quarter of it.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import threading
import time
import urllib.request
from collections import Counter
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.serving import Served
from tongpin.kernel import clock
from tongpin.kernel.postgres import Cluster

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

    def __init__(self, served: Served, key: str, gate: Gate, requests: list[list[dict]]) -> None:
        super().__init__(daemon=True)
        self.served, self.key, self.gate, self.requests = served, key, gate, requests
        self.acknowledged: set[UUID] = set()
        self.doubts = 0

    def run(self) -> None:
        for batch in self.requests:
            self.gate.enter()
            while UUID(batch[0]["uuid"]) not in self.acknowledged:
                try:
                    self.send(batch)
                    self.acknowledged |= {UUID(each["uuid"]) for each in batch}
                except (OSError, KeyError, http.client.HTTPException):
                    self.doubts += 1
                    time.sleep(0.05)

    def send(self, batch: list[dict]) -> None:
        request = urllib.request.Request(
            f"{self.served.address}/batch/",
            data=json.dumps({"api_key": self.key, "batch": batch}).encode(),
            headers={"Content-Type": "application/json", "User-Agent": "posthog-python/3.0.0"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200


@pytest.mark.processes
def test_every_acknowledged_event_is_stored_exactly_once_whatever_dies(tmp_path):
    served = Served(tmp_path / "data").start()
    try:
        key = prepare(served)
        gate, choose = Gate(), random.Random(20261126)
        now = clock.now().isoformat()
        requests = [
            [
                {
                    "uuid": str(uuid4()),
                    "event": f"event {n % 7}",
                    "distinct_id": f"user {choose.randrange(500)}",
                    "timestamp": now,
                    "properties": {"n": n},
                }
                for _ in range(EACH)
            ]
            for n in range(EVENTS // EACH)
        ]
        writers = [Writer(served, key, gate, requests[n::WRITERS]) for n in range(WRITERS)]
        for writer in writers:
            writer.start()
        killed = kill_at_random(served, gate, len(requests), choose)
        for writer in writers:
            writer.join(BOUND_SECONDS)
        assert sum(killed.values()) == KILLS
        assert set(killed) == set(VICTIMS)
        assert sum(writer.doubts for writer in writers) > 0  # some kill hit a request under way
        acknowledged = set().union(*(writer.acknowledged for writer in writers))
        assert len(acknowledged) == EVENTS
        settle(served)
        check(served, acknowledged)
    finally:
        assert served.stop() == 0


def prepare(served: Served) -> str:
    """The key of a source of the workspace acme."""
    made = served.script(
        """
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import User
user = User.objects.create_user("owner@acme.example", "correct horse battery", name="Owner")
run_named("workspaces.workspace.create", Actor.of(user), {"name": "Acme", "slug": "acme"})
shop = run_named("analytics.source.create", Actor.in_workspace(user, "acme"), {"name": "Shop", "platform": "server"})
print(shop.value.keys.get().value)
"""
    )
    return made.strip().splitlines()[-1]


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
