"""How fast events come from the inbox into the store, how long one takes, and what memory that needs.

    python tests/perf/flush.py [EVENTS]

Arrivals of 100 events (as a batching SDK sends them, 20 properties, 600 bytes each) are committed to the inbox of a
server: first all of them with the worker stopped, so that the flusher's own speed is seen; then one request at a time
beside the running worker, for the time from the commit to the first query that finds it. The worker does all it does
on a server: catalogue, identity.
"""

from __future__ import annotations

import os
import signal
import statistics
import sys
import time
from uuid import uuid4

import lab
import psutil
import psycopg

from tongpin.kernel.postgres import Cluster

EACH = 100
PROBES = 30
SOURCE = """
print(run_named("analytics.source.create", Actor.in_workspace(User.objects.get(), "perf"), {"name": "Shop"}).value.pk)
"""


def main(events: int) -> None:
    with lab.server() as (served, _token):
        source = int(served.script(lab.HEAD + SOURCE).strip().splitlines()[-1])
        lab.use_in_this_process(served)
        from tongpin.kernel import clock
        from tongpin.kernel.store import client
        from tongpin.modules.analytics.generate import requests
        from tongpin.modules.analytics.wire.record import dump

        lab.heading(f"{events} events in arrivals of {EACH}")
        url = Cluster(served.data / "postgres").url()
        worker = served.pid("worker")
        store = psutil.Process(served.pid("store"))
        os.kill(worker, signal.SIGSTOP)
        with psycopg.connect(url, autocommit=True) as database:
            put(database, source, [dump(each) for each in requests(events, EACH, clock.now(), seed=1)])
            began, cpu = time.monotonic(), cpu_of(worker, store.pid)
            os.kill(worker, signal.SIGCONT)
            most = {"worker": 0, "store": 0}
            while waiting(database):
                for name, pid in (("worker", worker), ("store", store.pid)):
                    most[name] = max(most[name], psutil.Process(pid).memory_info().rss)
                time.sleep(0.05)
            took = time.monotonic() - began
            used = cpu_of(worker, store.pid) - cpu
            [(stored,)] = client.query("SELECT count() FROM events").rows
            assert stored == events, f"{stored} of {events} in the store"
            print(
                f"  inbox to store      {events / took:>10,.0f} events/s"
                f"  ({took:.1f} s; {used / events * 1e6:.0f} µs CPU each)"
            )
            print(f"  memory at most      worker {most['worker'] >> 20} MB, store {most['store'] >> 20} MB")
            lags = sorted(probe(database, source, client, dump) for _ in range(PROBES))
            print(
                f"  commit to queryable p50 {statistics.median(lags) * 1000:.0f} ms, max {lags[-1] * 1000:.0f} ms"
            )


def put(database: psycopg.Connection, source: int, bodies: list[bytes]) -> None:
    for begin in range(0, len(bodies), 500):
        database.execute(
            "INSERT INTO analytics_arrival (source, received_at, count, records)"
            " SELECT %s, now(), %s, records FROM unnest(%s::bytea[]) AS new (records)",
            [source, EACH, bodies[begin : begin + 500]],
        )


def waiting(database: psycopg.Connection) -> bool:
    [(found,)] = database.execute(
        "SELECT EXISTS (SELECT FROM analytics_arrival) OR EXISTS (SELECT FROM analytics_batch)"
    ).fetchall()
    return found


def cpu_of(*pids: int) -> float:
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def probe(database, source, client, dump) -> float:
    """Seconds from the commit of one event until a query finds it."""
    from tongpin.kernel import clock
    from tongpin.modules.analytics.wire.record import Record

    time.sleep(0.7)
    one = Record(uuid4(), "probe", "anna", clock.now(), {})
    began = time.monotonic()
    database.execute(
        "INSERT INTO analytics_arrival (source, received_at, count, records) VALUES (%s, now(), 1, %s)",
        [source, dump([one])],
    )
    database.execute("NOTIFY analytics_arrivals")
    while not client.query(
        "SELECT 1 FROM events WHERE event = 'probe' AND uuid = {u:UUID}", {"u": one.uuid}
    ).rows:
        assert time.monotonic() - began < 30
        time.sleep(0.005)
    return time.monotonic() - began


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)
