"""Events a second from the stream to seven subscribers, beside reading the same rows with a bare SELECT.

    python tests/perf/relay.py [EVENTS]

Events of renamed look backs are put into the stream of a server whose worker is stopped; then one relay, as the worker
runs it, hands them to every subscriber of the product and to as many that only count as make seven. A delivery is one
event to one subscriber. The product's own do their real work: search documents, notifications, the copy in the event
store. Baseline: one process that reads the rows in batches of the same size and does nothing.
"""

from __future__ import annotations

import os
import signal
import sys
import time

import lab
import psycopg

from tongpin.kernel.postgres import Cluster

SUBSCRIBERS = 7
FILL = """
import json
from tongpin.kernel.events.models import Event
actor = Actor.in_workspace(User.objects.get(email="owner@perf.example"), "perf")
text = "day,value\\n" + "".join(f"2026-03-{day:02d},{200 + day}\\n" for day in range(1, 31))
rows = [run_named("goals.lookback.create", actor, {"title": f"Row {n}", "text": text}).value for n in range(50)]
for row in rows:
    run_named("goals.lookback.rename", actor, {"title": f"New {row.pk}"}, target=row)
pattern = list(Event.objects.filter(name="goals.lookback_renamed").order_by("pk"))
from tongpin.lib.ids import new_id
for begin in range(0, %(events)d, 1000):
    batch = []
    for number in range(begin, min(begin + 1000, %(events)d)):
        event = pattern[number %% len(pattern)]
        batch.append(Event(**{
            field.attname: getattr(event, field.attname)
            for field in Event._meta.concrete_fields if field.name not in {"id", "uid", "xid", "at"}
        }, uid=new_id()))
    Event.objects.bulk_create(batch)
"""


def main(events: int) -> None:
    with lab.server() as (served, _token):
        worker = served.pid("worker")
        os.kill(worker, signal.SIGSTOP)  # the relay that is measured is the one in this process
        try:
            with psycopg.connect(Cluster(served.data / "postgres").url()) as database:
                # Had it been stopped inside a transaction, the stream would wait for that one's end.
                database.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            served.script(lab.HEAD + FILL % {"events": events})
            lab.use_in_this_process(served)
            measure(events)
        finally:
            os.kill(worker, signal.SIGCONT)


def measure(events: int) -> None:
    from tongpin.kernel.events import relay, stream
    from tongpin.kernel.events.models import Event, ParkedEvent, SubscriberCursor

    own = sorted(relay.subscribers())
    handed = dict.fromkeys(own, 0)
    for number in range(SUBSCRIBERS - len(own)):
        name = f"perf.counter{number}"
        handed[name] = 0

        def count(batch: list[Event], name: str = name) -> None:
            handed[name] += len(batch)

        relay.subscribe(name, count, imports=True)
    lab.heading(
        f"Relay: {events} events, {len(relay.subscribers())} subscribers ({', '.join(own)} and counters)"
    )

    began, position, read = time.perf_counter(), stream.START, 0
    while batch := stream.read_after(position, relay.BATCH):
        position, read = stream.Position(batch[-1].xid, batch[-1].pk), read + len(batch)
    bare = read / (time.perf_counter() - began)
    print(f"  {'bare SELECT of every event, once':<40} {bare:10.0f} events a second")

    SubscriberCursor.objects.all().delete()
    began, cpu = time.perf_counter(), time.process_time()
    rounds = 0
    while any(relay.lag().values()):
        relay.run_once()
        rounds += 1
        assert rounds < 10 + events // relay.BATCH * 3, f"the relay does not get on: {relay.lag()}"
    seconds, busy = time.perf_counter() - began, time.process_time() - cpu
    assert ParkedEvent.objects.count() == 0
    assert all(handed[name] == read for name in handed if name.startswith("perf."))
    deliveries = read * len(relay.subscribers())
    print(f"  {'relay, every subscriber up to date':<40} {read / seconds:10.0f} events a second")
    print(
        f"  {'deliveries':<40} {deliveries / seconds:10.0f} a second   {bare / (read / seconds):.1f} × the bare read"
    )
    print(f"  {'CPU of the relay alone':<40} {busy / read * 1e6:10.0f} µs an event")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
