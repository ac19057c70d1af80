"""How long each insight takes, beside a bare query that somebody who knows ClickHouse would write for the same.

    python tests/perf/insights.py [EVENTS] [ONLY]

EVENTS (1 million) of a made-up shop over sixty days, one person in ten with two ids, lie in the store. Each question
is asked three times by ``running.answer``, as pages do, and three times bare; the shortest counts, and so does the
work of the store's process (CPU), which says more on a machine that does other things too. Every bare query knows
persons as the product does and gives the same figures, which is checked. A new kind is a line in ENTRIES. Aim: 1.3.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import lab
import psutil

WORKSPACE = UUID(int=0xAA)
FILL = """
INSERT INTO events (workspace, source, uuid, event, distinct_id, timestamp, client_at, received_at, session, customers,
                    path, utm_source, browser, properties, nested)
WITH cityHash64(number, 1) AS a, cityHash64(number, 2) AS b, intDiv(number, 8) AS visit,
     cityHash64(visit, 3) % {people:UInt64} AS who,
     toDateTime64('2026-01-01 00:00:00', 3, 'UTC')
       + toIntervalMillisecond(cityHash64(visit, 4) % (60 * 86400000) + number % 8 * 45000 + a % 40000) AS at
SELECT {workspace:UUID}, {workspace:UUID}, UUIDNumToString(sipHash128(number)),
       ['$pageview', '$pageview', 'search', '$pageview', 'view item', 'add to cart', 'paid', 'heartbeat'][1 + b % 8],
       if(who % 10 = 0 AND number % 2, 'user-', 'anon-') || toString(who), at, at, at, toString(visit),
       map('company', toString(who % 500)), '/item/' || toString(a % 300), if(visit % 4 = 0, 'baidu', NULL),
       ['Chrome', 'Safari', 'Firefox', 'Edge', 'WeChat'][1 + who % 5],
       '{"amount":' || toString(a % 400) || '}', ''
FROM numbers({events:UInt64})
"""
JOIN = """
INSERT INTO person_overrides
SELECT {workspace:UUID}, sipHash64('user-' || toString(number)), sipHash64('anon-' || toString(number)), 1
FROM numbers({people:UInt64}) WHERE number % 10 = 0
"""
WHO = "dictGetOrDefault('person_of', 'person', bitXor(did, sipHash64({workspace:UUID})), did)"
SPAN = {"from": "2026-01-05", "to": "2026-02-25"}
MINE = "workspace = {workspace:UUID} AND timestamp >= '2026-01-05 00:00:00'"
RANGE = f"{MINE} AND timestamp < '2026-02-26 00:00:00'"


@dataclass(frozen=True)
class Entry:
    """A question, the bare query, and what of the answer must be what the bare query's rows say."""

    name: str
    question: dict[str, Any]
    bare: str
    figure: Callable[[dict[str, Any]], Any]


# Each start with the first cart after it and the first payment after that; a person's deepest, of those the first.
FUNNEL = f"""
SELECT countIf(best.1 > 0), countIf(best.1 > 1), countIf(best.1 > 2),
       quantileExactInclusiveIf(0.5)((best.3[3] - best.3[1]) / 1000, best.1 = 3),
       quantileExactInclusiveIf(0.5)((best.3[2] - best.3[1]) / 1000, best.1 > 1)
FROM (
    SELECT arraySort(x -> (-x.1, x.2), arrayMap(s -> (
               1 + (x2(s) <= s + 604800000) + (x3(s) <= s + 604800000), s, [s, x2(s), x3(s)]), starts))[1] AS best
    FROM (SELECT {WHO} AS who,
                 arraySort(groupArrayIf(toUnixTimestamp64Milli(timestamp), event = 'search'
                                        AND timestamp < '2026-02-26 00:00:00')) AS starts,
                 arraySort(groupArrayIf(toUnixTimestamp64Milli(timestamp), event = 'add to cart')) AS carts,
                 arraySort(groupArrayIf(toUnixTimestamp64Milli(timestamp), event = 'paid')) AS paid
          FROM events WHERE {MINE} AND timestamp < '2026-03-05 00:00:00' AND event IN ('search', 'add to cart', 'paid')
          GROUP BY who HAVING notEmpty(starts))
)
"""
CART = "arrayFirstOrNull(t -> t > s, carts)"
FUNNEL = FUNNEL.replace(
    "x3(s)", f"ifNull(arrayFirstOrNull(t -> t > ifNull({CART}, 4e12), paid), 4000000000000)"
)
FUNNEL = FUNNEL.replace("x2(s)", f"ifNull({CART}, 4000000000000)")

# 30 minutes by a window over each person's events; nobody in these events goes on for a day.
PATHS = f"""
SELECT count(), sum(length(nodes) - 1) FROM (
    SELECT arraySlice(arrayCompact(arraySort((n, t, u) -> (t, u), groupArray(event), groupArray(timestamp),
                                             groupArray(toUInt128(uuid)))), 1, 5) AS nodes
    FROM (
        SELECT who, event, timestamp, uuid,
               sum(fresh) OVER (PARTITION BY who ORDER BY timestamp, toUInt128(uuid)) AS visit
        FROM (
            SELECT {WHO} AS who, event, timestamp, uuid,
                   dateDiff('ms', lagInFrame(timestamp) OVER (PARTITION BY who ORDER BY timestamp, toUInt128(uuid)),
                            timestamp) > 1800000 AS fresh
            FROM events WHERE workspace = {{workspace:UUID}} AND timestamp >= '2026-01-04 00:00:00'
                              AND timestamp < '2026-02-27 00:00:00'
        )
    )
    GROUP BY who, visit
    HAVING min(timestamp) >= '2026-01-05 00:00:00' AND min(timestamp) < '2026-02-26 00:00:00'
)
"""

ENTRIES = [
    Entry(
        "trends, users a day",
        {"kind": "trends", **SPAN, "series": [{"event": "$pageview", "math": "unique_users"}]},
        f"SELECT toDate(timestamp) AS day, uniqExact({WHO}), grouping(day) FROM events"
        f" WHERE {RANGE} AND event = '$pageview' GROUP BY GROUPING SETS ((day), ()) ORDER BY 3, day",
        lambda told: told["series"][0]["values"][0],
    ),
    Entry(
        "funnel of three steps",
        {"kind": "funnel", **SPAN, "steps": ["search", "add to cart", "paid"], "window_seconds": 604_800},
        FUNNEL,
        lambda told: told["counts"][0],
    ),
    Entry("paths", {"kind": "paths", **SPAN}, PATHS, lambda told: told["sessions"]),
]
FIGURES: dict[str, Callable[[list[tuple[Any, ...]]], Any]] = {
    "trends, users a day": lambda rows: rows[0][1],
    "funnel of three steps": lambda rows: rows[0][0],
    "paths": lambda rows: rows[0][0],
}


def main(events: int, only: str) -> None:
    with lab.server() as (served, _token):
        lab.use_in_this_process(served)
        from tongpin.kernel.store import client
        from tongpin.modules.analytics.insights import running
        from tongpin.modules.analytics.insights.scope import Scope

        lab.heading(f"{events} events")
        given = {"workspace": WORKSPACE, "events": events, "people": events // 20}
        for statement in (FILL, JOIN, "SYSTEM RELOAD DICTIONARY person_of"):
            client.command(statement, given)
        scope = Scope(WORKSPACE, "UTC", 0, datetime(2026, 3, 2, tzinfo=UTC))
        store = psutil.Process(served.pid("store"))
        for entry in ENTRIES:
            if only not in entry.name:
                continue
            question = running.read(entry.question)
            told, ours, our_work = best(store, lambda q=question: running.answer(q, scope).result)
            rows, bare, bare_work = best(store, lambda e=entry: client.query(e.bare, given).rows)
            assert entry.figure(told) == FIGURES[entry.name](rows), (entry.name, entry.figure(told), rows[:3])
            print(
                f"  {entry.name:<24} {ours:6.2f} s, bare {bare:6.2f} s, ratio {ours / bare:4.1f};"
                f" CPU {our_work:5.2f} s, bare {bare_work:5.2f} s, ratio {our_work / bare_work:4.1f}"
            )
        print(f"  memory of the store      {store.memory_info().rss >> 20} MB")


def best(store: psutil.Process, ask: Callable[[], Any]) -> tuple[Any, float, float]:
    """The answer, and of three times the shortest and the least work, in seconds."""
    took, work, told = [], [], None
    for _ in range(3):
        began, before = time.perf_counter(), sum(store.cpu_times()[:2])
        told = ask()
        took.append(time.perf_counter() - began)
        work.append(sum(store.cpu_times()[:2]) - before)
    return told, min(took), max(min(work), 0.01)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, sys.argv[2] if len(sys.argv) > 2 else "")
