"""A thousand acknowledged writes while every process is killed in turn: none lost, none doubled, none half done."""

from __future__ import annotations

import json
import os
import queue
import random
import signal
import threading
import time
import urllib.error
import urllib.request
from collections import Counter

import psycopg
import pytest

from tests.serving import Served
from tongpin.kernel.postgres import Cluster

WRITES = 1000
KILLS = 20
WRITERS = 8
VICTIMS = ("web", "worker", "store", "postgres")
BOUND_SECONDS = 600


class Writer(threading.Thread):
    """Invites one person per address; after any doubt it asks again with the same key, as a careful client does."""

    def __init__(self, served: Served, secret: str, names: queue.Queue[str], acknowledged: set[str]) -> None:
        super().__init__(daemon=True)
        self.served, self.secret, self.names, self.acknowledged = served, secret, names, acknowledged
        self.doubts = 0

    def run(self) -> None:
        while True:
            try:
                name = self.names.get_nowait()
            except queue.Empty:
                return
            while name not in self.acknowledged:
                try:
                    self.invite(name)
                    self.acknowledged.add(name)
                except (urllib.error.URLError, OSError, KeyError, ValueError):
                    self.doubts += 1
                    time.sleep(0.05)

    def invite(self, name: str) -> None:
        request = urllib.request.Request(
            f"{self.served.address}/api/v1/workspaces/acme/actions/workspaces.member.invite",
            data=json.dumps({"data": {"email": name, "role": "member"}}).encode(),
            headers={
                "Authorization": f"Bearer {self.secret}",
                "Content-Type": "application/json",
                "Idempotency-Key": name,
            },
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200


@pytest.mark.processes
def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(tmp_path):
    served = Served(tmp_path / "data", TONGPIN_API_RATE="0").start()
    try:
        secret = prepare(served)
        names: queue.Queue[str] = queue.Queue()
        for number in range(WRITES):
            names.put(f"person{number:04d}@acme.example")
        acknowledged: set[str] = set()
        writers = [Writer(served, secret, names, acknowledged) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        killed = kill_at_random(served, acknowledged, random.Random(20261122))
        for writer in writers:
            writer.join(BOUND_SECONDS)
        assert len(acknowledged) == WRITES
        assert sum(killed.values()) >= KILLS
        assert set(killed) == set(VICTIMS)
        settle(served)
        check_rows(served, acknowledged)
        check_store(served)
    finally:
        assert served.stop() == 0


def prepare(served: Served) -> str:
    """An owner, the workspace acme, and a token that may invite."""
    made = served.script(
        """
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import User
user = User.objects.create_user("owner@acme.example", "correct horse battery", name="Owner")
run_named("workspaces.workspace.create", Actor.of(user), {"name": "Acme", "slug": "acme"})
actor = Actor.in_workspace(user, "acme")
print(run_named("workspaces.token.create", actor, {"name": "crash", "scopes": ["workspaces:write"]}).value.secret)
"""
    )
    return made.strip().splitlines()[-1]


def kill_at_random(served: Served, acknowledged: set[str], choose: random.Random) -> Counter[str]:
    """SIGKILL a process at random moments, spread over the whole run, each victim in its turn."""
    killed: Counter[str] = Counter()
    deadline = time.monotonic() + BOUND_SECONDS
    order: list[str] = []
    while sum(killed.values()) < KILLS or len(acknowledged) < WRITES:
        assert time.monotonic() < deadline, (
            f"{len(acknowledged)} writes and {dict(killed)} in {BOUND_SECONDS} s"
        )
        due = sum(killed.values()) < KILLS and len(acknowledged) >= WRITES * sum(killed.values()) // (
            KILLS + 2
        )
        if due:
            order = order or choose.sample(VICTIMS, len(VICTIMS))
            pid = served.pid(order[-1])
            if pid:
                time.sleep(choose.uniform(0, 0.2))
                try:
                    os.kill(pid, signal.SIGKILL)
                    killed[order.pop()] += 1
                except ProcessLookupError:
                    pass
        time.sleep(0.02)
    return killed


def settle(served: Served) -> None:
    """Wait until everything runs again and every event has been handed over."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if served.ready():
            behind = json.loads(
                served.script(
                    "import json; from tongpin.kernel.events import relay; print(json.dumps(relay.lag()))"
                )
                .strip()
                .splitlines()[-1]
            )
            if not any(behind.values()):
                return
        time.sleep(0.5)
    raise AssertionError("the relay did not catch up")


def check_rows(served: Served, acknowledged: set[str]) -> None:
    """Each address has one open invitation, one event and one mail; nothing else is there, and nothing is parked."""
    once = dict.fromkeys(acknowledged, 1)
    with psycopg.connect(Cluster(served.data / "postgres").url()) as database:

        def count(query: str) -> dict[str, int]:
            return dict(database.execute(query).fetchall())

        assert count("SELECT email, count(*) FROM workspaces_invitation GROUP BY 1") == once
        assert (
            count(
                "SELECT i.email, count(*) FROM events_event e"
                " JOIN workspaces_invitation i ON i.public_id = e.subject_id"
                " WHERE e.action = 'workspaces.member.invite' GROUP BY 1"
            )
            == once
        )
        assert count('SELECT "to", count(*) FROM mail_outboxmail GROUP BY 1') == once
        [(orphans,)] = database.execute(
            "SELECT count(*) FROM events_event e WHERE e.action = 'workspaces.member.invite'"
            " AND NOT EXISTS (SELECT 1 FROM workspaces_invitation i WHERE i.public_id = e.subject_id)"
        ).fetchall()
        [(parked,)] = database.execute("SELECT count(*) FROM events_parkedevent").fetchall()
        assert (orphans, parked) == (0, 0)


def check_store(served: Served) -> None:
    """The copy in the event store has each event once."""
    said = served.script(
        """
from tongpin.kernel.events.models import Event
from tongpin.kernel.store import client
rows = client.query("SELECT uid, count() FROM work_events FINAL GROUP BY uid").rows
print(Event.objects.count(), len(rows), max(count for _, count in rows))
"""
    )
    written, copied, most = map(int, said.strip().splitlines()[-1].split())
    assert (copied, most) == (written, 1)
