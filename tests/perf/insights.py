"""How long each insight takes, beside a bare query that somebody who knows ClickHouse would write for the same.

    python tests/perf/insights.py [EVENTS] [ONLY]

EVENTS (1 million) of a made-up shop over sixty days, one person in ten with two ids, lie in the store. Each question
is asked TIMES times by ``running.answer``, as pages do, and as often bare (``bare.py``), in turn; the shortest counts,
and so does the work of the store's process (CPU), which says more on a machine that does other things too. Every bare
query knows persons as the product does and gives the same figures, which is checked. A new kind is an entry in
ENTRIES. Aim: 1.3.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import bare
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
FROM numbers({done:UInt64}, {more:UInt64})
"""
JOIN = """
INSERT INTO person_overrides
SELECT {workspace:UUID}, sipHash64('user-' || toString(number)), sipHash64('anon-' || toString(number)), 1
FROM numbers({people:UInt64}) WHERE number % 10 = 0
"""
SPAN = {"from": "2026-01-05", "to": "2026-02-25"}
AT_ONCE = 2_000_000  # events that one statement makes
TIMES = 5
PATIENCE = 120  # seconds
LONGER = {"max_execution_time": 600}
MODELS = ("first", "last", "linear", "position")


@dataclass(frozen=True)
class Entry:
    """A question, the bare query, and what of the answer must be what the bare query's rows say."""

    name: str
    question: dict[str, Any]
    bare: str
    told: Callable[[dict[str, Any]], Any]
    said: Callable[[list[tuple[Any, ...]]], Any]


def rounded(values: Iterable[Any]) -> list[float]:
    """To six digits: sums of shares depend on their order."""
    return [float(f"{value:.6g}") for value in values]


def figures(of: dict[str, Any]) -> list[float]:
    """A line of sessions without its date."""
    return rounded(value for name, value in of.items() if name != "bucket")


ENTRIES = [
    Entry(
        "trends, users a day",
        {"kind": "trends", **SPAN, "series": [{"event": "$pageview", "math": "unique_users"}]},
        bare.TRENDS,
        lambda told: told["series"][0]["values"],
        lambda rows: [row[1] for row in rows if row[2] == 0],
    ),
    Entry(
        "funnel of three steps",
        {"kind": "funnel", **SPAN, "steps": ["search", "add to cart", "paid"], "window_seconds": 604_800},
        bare.FUNNEL,
        lambda told: [
            *told["counts"],
            told["time_to_convert_seconds"]["median"],
            told["step_times"][0]["median"],
        ],
        lambda rows: list(rows[0]),
    ),
    Entry(
        "retention, by day",
        {"kind": "retention", **SPAN, "start": "$pageview", "return": "paid"},
        bare.RETENTION,
        lambda told: [[each["size"], *each["values"]] for each in told["cohorts"] if all(each["complete"])],
        lambda rows: [list(row[1:]) for row in rows],
    ),
    Entry(
        "lifecycle, by day",
        {"kind": "lifecycle", **SPAN, "event": "$pageview"},
        bare.LIFECYCLE,
        lambda told: [
            *zip(*(told[state] for state in ("new", "returning", "resurrecting", "dormant")), strict=True)
        ],
        lambda rows: [row[1:] for row in rows],
    ),
    Entry(
        "stickiness, by day",
        {"kind": "stickiness", **SPAN, "event": "$pageview"},
        bare.STICKINESS,
        lambda told: [count for count in told["people"] if count],
        lambda rows: [row[1] for row in rows],
    ),
    Entry(
        "paths",
        {"kind": "paths", **SPAN},
        bare.PATHS,
        lambda told: told["sessions"],
        lambda rows: rows[0][0],
    ),
    Entry(
        "sessions, by day",
        {"kind": "sessions", **SPAN, "key_events": []},
        bare.SESSIONS,
        lambda told: [*map(figures, [told["total"], *told["buckets"]])],
        lambda rows: [*map(rounded, (row[2:] for row in rows))],
    ),
    Entry(
        "attribution, four models",
        {"kind": "attribution", **SPAN, "conversion": "paid", "value_property": "amount"},
        bare.ATTRIBUTION,
        lambda told: [
            rounded(
                told["models"][model][source][what] for what in ("conversions", "value") for model in MODELS
            )
            for source in ("(direct)", "baidu")
        ],
        lambda rows: [rounded(row[1:]) for row in rows],
    ),
]


def main(events: int, only: str) -> None:
    with lab.server(TONGPIN_QUESTION_SECONDS=str(LONGER["max_execution_time"])) as (served, _token):
        lab.use_in_this_process(served)
        from tongpin.kernel.store import client
        from tongpin.modules.analytics.insights import running
        from tongpin.modules.analytics.insights.scope import Scope

        lab.heading(f"{events} events")
        given = {"workspace": WORKSPACE, "events": events, "people": events // 20}
        for done in range(0, events, AT_ONCE):
            client.command(FILL, {**given, "done": done, "more": min(AT_ONCE, events - done)})
        for _ in range(PATIENCE):  # the work of merging what was brought in is not the questions'
            if client.query("SELECT count() FROM system.merges").rows == [(0,)]:
                break
            time.sleep(1)
        for statement in (JOIN, "SYSTEM RELOAD DICTIONARY person_of"):
            client.command(statement, given)
        scope = Scope(WORKSPACE, "UTC", 0, datetime(2026, 3, 10, tzinfo=UTC))
        store = psutil.Process(served.pid("store"))
        for entry in ENTRIES:
            if only not in entry.name:
                continue
            question = running.read(entry.question)
            ours, plain = Taken(), Taken()
            for _ in range(TIMES):  # in turn, so that whatever else the machine does slows both
                ours.ask(store, lambda q=question: running.answer(q, scope).result)
                plain.ask(store, lambda e=entry: client.query(e.bare, given, options=LONGER).rows)
            assert entry.told(ours.told) == entry.said(plain.told), (
                entry.name, entry.told(ours.told), entry.said(plain.told),
            )  # fmt: skip
            print(
                f"  {entry.name:<24} {ours.seconds:6.2f} s, bare {plain.seconds:6.2f} s,"
                f" ratio {ours.seconds / plain.seconds:4.2f};"
                f" CPU {ours.work:6.2f} s, bare {plain.work:6.2f} s, ratio {ours.work / plain.work:4.2f};"
                f" peak {ours.peak:5} MB, bare {plain.peak:5} MB",
                flush=True,
            )


@dataclass
class Taken:
    """The last answer, and of all times it was asked for the shortest and the least work of the store (seconds), and
    the most memory its process ever had meanwhile (MB)."""

    told: Any = None
    seconds: float = 1e9
    work: float = 1e9
    peak: int = 0

    def ask(self, store: psutil.Process, ask: Callable[[], Any]) -> None:
        Path(f"/proc/{store.pid}/clear_refs").write_text("5")  # forget the peak so far
        began, before = time.perf_counter(), sum(store.cpu_times()[:2])
        self.told = ask()
        self.seconds = min(self.seconds, time.perf_counter() - began)
        self.work = max(0.01, min(self.work, sum(store.cpu_times()[:2]) - before))
        lines = Path(f"/proc/{store.pid}/status").read_text().splitlines()
        high = next(line for line in lines if line.startswith("VmHWM"))
        self.peak = max(self.peak, int(high.split()[1]) >> 10)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, sys.argv[2] if len(sys.argv) > 2 else "")
