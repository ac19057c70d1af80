"""The last of what came to each source, and why some of it was refused: for the live page.

Every process remembers a small sample of the last minutes, in memory. Only while somebody looks at a source is its
sample written to the database, where the page reads it; the first look brings what is remembered.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from tongpin.kernel.realtime.hints import OwnHint
from tongpin.kernel.realtime.threads import Threads
from tongpin.modules.analytics.actions import live
from tongpin.modules.analytics.actions.live import LOOKS_FOR_S, Shown
from tongpin.modules.analytics.wire.call import Dropped
from tongpin.modules.analytics.wire.record import Record

A_SECOND = 20
A_REQUEST = 10
REMEMBERED = 40
REMEMBERED_S = 300.0
PROPERTIES = 40
LONGEST = 200


@dataclass(slots=True)
class _Source:
    second: int = 0
    taken: int = 0
    last: float = 0.0
    rows: deque[tuple[float, Shown]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    lookers: dict[OwnHint, float] = field(default_factory=dict)


class Trace:
    """``note`` is called for each request; ``looked`` when somebody opens the page; ``show`` twice a second."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._sources: dict[int, _Source] = {}

    def note(
        self, source: int, at: datetime, path: str, records: Sequence[Record], dropped: Sequence[Dropped]
    ) -> None:
        """Remember as many as this second still takes; what was refused first, since that is what one looks for."""
        now = time.monotonic()
        known = self._of(source, now)
        if int(now) != known.second:
            known.second, known.taken = int(now), 0
        room = min(A_SECOND - known.taken, A_REQUEST)
        if room <= 0:
            return
        bodies = [_refused(each) for each in dropped[:room]]
        bodies += [_accepted(each) for each in records[: room - len(bodies)]]
        known.taken += len(bodies)
        more = len(dropped) + len(records) - len(bodies)
        for body in bodies:
            body |= {"a": path[:LONGEST], "m": more if body is bodies[-1] else 0}
            known.rows.append((now, Shown(source, at, orjson.dumps(body, default=str))))

    def looked(self, source: int, hint: OwnHint) -> None:
        """Somebody looks at this source."""
        now = time.monotonic()
        self._of(source, now).lookers[hint] = now + LOOKS_FOR_S

    async def show(self) -> None:
        """Write down what those who look have not been shown. Raises one of DATABASE_GONE; that is then lost."""
        now = time.monotonic()
        rows: list[Shown] = []
        to: set[OwnHint] = set()
        for source, known in list(self._sources.items()):
            known.lookers = {hint: until for hint, until in known.lookers.items() if until > now}
            if known.lookers and known.rows:
                rows += [row for at, row in known.rows if at > now - REMEMBERED_S]
                to |= known.lookers.keys()
                known.rows.clear()
            elif not known.lookers and known.last < now - REMEMBERED_S:
                del self._sources[source]
        if rows:
            await self._threads.run(live.show, rows, to)

    def _of(self, source: int, now: float) -> _Source:
        known = self._sources.setdefault(source, _Source())
        known.last = now
        return known


def _accepted(record: Record) -> dict[str, Any]:
    return {
        "e": record.event[:LONGEST],
        "d": record.distinct_id[:LONGEST],
        "p": _short(record.properties),
        "r": "",
        "w": "",
    }


def _refused(dropped: Dropped) -> dict[str, Any]:
    return {
        "e": dropped.event[:LONGEST],
        "d": "",
        "p": {},
        "r": str(dropped.reason),
        "w": dropped.detail[:LONGEST],
    }


def _short(properties: Mapping[str, Any]) -> dict[str, Any]:
    short: dict[str, Any] = {}
    for name in list(properties)[:PROPERTIES]:
        value = properties[name]
        if isinstance(value, dict | list):
            value = orjson.dumps(value, default=str).decode()
        short[name[:LONGEST]] = value[:LONGEST] if isinstance(value, str) else value
    return short
