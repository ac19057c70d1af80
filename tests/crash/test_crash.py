"""A thousand acknowledged writes while every process is killed in turn: none lost, none doubled, none half done."""

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

import psycopg
import pytest

from tests.serving import Served
from tongpin.kernel.postgres import Cluster

WRITES = 1000  # by clients that ask again until they are told it is done
CARELESS = 200  # by clients that ask once and never look back
KILLS = 20
WRITERS = 8
VICTIMS = ("web", "worker", "store", "postgres")
BOUND_SECONDS = 600


class Writer(threading.Thread):
    """Makes one member after the other a guest.

    A careful one asks again with the same key after any doubt; a careless one leaves a doubt as it is.
    """

    def __init__(self, served: Served, secret: str, members: list[str], *, careful: bool = True) -> None:
        super().__init__(daemon=True)
        self.served, self.secret, self.members, self.careful = served, secret, members, careful
        self.acknowledged: set[str] = set()
        self.doubts = 0

    def run(self) -> None:
        for member in self.members:
            while member not in self.acknowledged:
                try:
                    self.make_guest(member)
                    self.acknowledged.add(member)
                except (OSError, KeyError, ValueError, http.client.HTTPException):
                    self.doubts += 1
                    time.sleep(0.05)
                    if not self.careful:
                        break

    def make_guest(self, member: str) -> None:
        request = urllib.request.Request(
            f"{self.served.address}/api/v1/workspaces/acme/actions/workspaces.member.change_role",
            data=json.dumps({"target": member, "data": {"role": "guest"}}).encode(),
            headers={
                "Authorization": f"Bearer {self.secret}",
                "Content-Type": "application/json",
                "Idempotency-Key": member,
            },
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200


@pytest.mark.processes
def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(tmp_path):
    served = Served(tmp_path / "data", TONGPIN_API_RATE="0").start()
    try:
        secret, members = prepare(served)
        careful = [Writer(served, secret, members[n:WRITES:WRITERS]) for n in range(WRITERS)]
        careless = Writer(served, secret, members[WRITES:], careful=False)
        for writer in (*careful, careless):
            writer.start()
        killed = kill_at_random(served, careful, random.Random(20261122))
        for writer in (*careful, careless):
            writer.join(BOUND_SECONDS)
        assert sum(killed.values()) >= KILLS
        assert set(killed) == set(VICTIMS)
        assert sum(writer.doubts for writer in careful) > 0  # some kill hit a request under way
        settle(served)
        check_rows(served, set(members[:WRITES]) | careless.acknowledged, set(members))
        check_store(served)
    finally:
        assert served.stop() == 0


def prepare(served: Served) -> tuple[str, list[str]]:
    """An owner, the workspace acme with its members' public ids, and a token that may change them."""
    made = served.script(
        f"""
import json
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, User
user = User.objects.create_user("owner@acme.example", "correct horse battery", name="Owner")
run_named("workspaces.workspace.create", Actor.of(user), {{"name": "Acme", "slug": "acme"}})
actor = Actor.in_workspace(user, "acme")
people = User.objects.bulk_create(
    User(email=f"person{{n}}@acme.example", name=f"Person {{n}}") for n in range({WRITES + CARELESS})
)
rows = Membership.objects.bulk_create(Membership(workspace=actor.workspace, user=one) for one in people)
token = run_named("workspaces.token.create", actor, {{"name": "crash", "scopes": ["workspaces:write"]}}).value
print(json.dumps([token.secret, [str(row.public_id) for row in rows]]))
"""
    )
    secret, members = json.loads(made.strip().splitlines()[-1])
    return secret, members


def done(writers: list[Writer]) -> int:
    return sum(len(writer.acknowledged) for writer in writers)


def kill_at_random(served: Served, writers: list[Writer], choose: random.Random) -> Counter[str]:
    """SIGKILL a process at random moments, spread over the whole run, each victim in its turn."""
    killed: Counter[str] = Counter()
    deadline = time.monotonic() + BOUND_SECONDS
    order: list[str] = []
    while sum(killed.values()) < KILLS or done(writers) < WRITES:
        assert time.monotonic() < deadline, f"{done(writers)} writes and {dict(killed)} in {BOUND_SECONDS} s"
        due = sum(killed.values()) < KILLS and done(writers) >= WRITES * sum(killed.values()) // (KILLS + 2)
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


def check_rows(served: Served, acknowledged: set[str], asked: set[str]) -> None:
    """Each guest has one event, one piece of news and one mail; every other member has none; nothing is parked."""
    with psycopg.connect(Cluster(served.data / "postgres").url()) as database:

        def count(query: str) -> dict[str, int]:
            return {str(key): number for key, number in database.execute(query).fetchall()}

        guests = count("SELECT public_id, 1 FROM tenancy_membership WHERE role = 'guest'")
        assert acknowledged <= set(guests) <= asked
        assert (
            count(
                "SELECT subject_id, count(*) FROM events_event"
                " WHERE name = 'workspaces.member_role_changed' GROUP BY 1"
            )
            == guests
        )
        assert (
            count(
                "SELECT m.public_id, count(*) FROM notifications_notification n"
                " JOIN tenancy_membership m ON m.id = n.recipient_id GROUP BY 1"
            )
            == guests
        )
        assert (
            count(
                'SELECT m.public_id, count(*) FROM mail_outboxmail o JOIN tenancy_user u ON u.email = o."to"'
                " JOIN tenancy_membership m ON m.user_id = u.id GROUP BY 1"
            )
            == guests
        )
        [(parked,)] = database.execute("SELECT count(*) FROM events_parkedevent").fetchall()
        assert parked == 0


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
