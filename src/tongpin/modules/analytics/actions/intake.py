"""Into the inbox: what has come is committed in groups, and only then answered.

There is no timer. While one commit runs, requests gather; the next commit takes them all. A lone request waits for
nobody, and under load one commit serves many.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import psycopg
import structlog

from tongpin.kernel.realtime import libpq
from tongpin.kernel.realtime.threads import Threads
from tongpin.modules.analytics.models import DaySalt, SourceKey

log = structlog.get_logger("tongpin.capture")

GROUP_ROWS = 500
GROUP_BYTES = 8 * 1024 * 1024
WAITING_ROWS = 20_000
WAITING_BYTES = 128 * 1024 * 1024
COMMIT_S = 20.0  # a commit that takes longer is taken for lost
PATIENCE_S = 5.0  # so long a request waits for a database that is away: a restart passes unnoticed
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 0.5
HINT_EVERY_S = 0.05  # NOTIFY takes a lock over the whole server: not in every commit
AWAY = (psycopg.OperationalError, psycopg.InterfaceError, OSError, TimeoutError)

INSERT = """
INSERT INTO analytics_arrival (source, received_at, count, records)
SELECT * FROM unnest(%b::bigint[], %b::timestamptz[], %b::int[], %b::bytea[])
"""
INSERT_AND_HINT = """
WITH written AS (
    INSERT INTO analytics_arrival (source, received_at, count, records)
    SELECT * FROM unnest(%b::bigint[], %b::timestamptz[], %b::int[], %b::bytea[])
    RETURNING id
)
SELECT pg_notify('analytics_arrivals', '') FROM written LIMIT 1
"""
HINT = "SELECT pg_notify('analytics_arrivals', '')"
#: A 200 means committed, even where the operator's PostgreSQL answers before it has written.
DURABLE = """
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""


class InboxFull(Exception):
    """As much waits in this process for its commit as may."""


class Unwritten(Exception):
    """Not committed, or nobody knows: the sender has to send it again. A repeat is found by its events' ids."""


def note_used(keys: dict[str, datetime]) -> None:
    """When each key was last used, UTC."""
    for value, at in keys.items():
        SourceKey.objects.filter(value=value).update(last_used_at=at)


def salt_of(day: date) -> bytes:
    """The random bytes of a UTC day, made by whoever asks first; those of days that are over are forgotten."""
    DaySalt.objects.filter(day__lt=day).delete()
    made, _new = DaySalt.objects.get_or_create(day=day, defaults={"value": secrets.token_bytes(16)})
    return bytes(made.value)


@dataclass(frozen=True, slots=True)
class _Row:
    source: int
    received_at: datetime
    count: int
    records: bytes
    since: float
    done: asyncio.Future[None] = field(compare=False)


class Inbox:
    """One writer with one connection a process. ``start`` on the running loop, ``put`` from it, ``stop`` at the end."""

    def __init__(self, threads: Threads) -> None:
        self.connected = False
        self._threads = threads
        self._rows: deque[_Row] = deque()
        self._bytes = 0
        self._came = asyncio.Event()
        self._stopping = False
        self._hinted = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self, patience: float = PATIENCE_S) -> None:
        """Commit what was put; what cannot be committed within ``patience`` seconds is Unwritten."""
        self._stopping = True
        self._came.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=patience)
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._give_up(self._rows, "the server is stopping")

    async def put(self, source: int, received_at: datetime, count: int, records: bytes) -> None:
        """Returns when the row is committed. Raises InboxFull at once, Unwritten when it failed."""
        if self._stopping or len(self._rows) >= WAITING_ROWS or self._bytes + len(records) > WAITING_BYTES:
            raise InboxFull
        done = asyncio.get_running_loop().create_future()
        self._rows.append(_Row(source, received_at, count, records, time.monotonic(), done))
        self._bytes += len(records)
        self._came.set()
        await done

    async def _run(self) -> None:
        pause = FIRST_PAUSE_S
        while not (self._stopping and not self._rows):
            try:
                params = await self._threads.run(libpq.parameters, "tongpin capture")
                params["connect_timeout"] = int(PATIENCE_S)
                async with await psycopg.AsyncConnection.connect(**params, autocommit=True) as writer:
                    await writer.execute(DURABLE)
                    self.connected, pause = True, FIRST_PAUSE_S
                    await self._write_on(writer)
            except AWAY as error:
                if self.connected:
                    log.warning("capture.database_lost", error=str(error).strip(), waiting=len(self._rows))
                self.connected = False
                late = time.monotonic() - PATIENCE_S
                while self._rows and self._rows[0].since < late:
                    self._give_up([self._take()], "the database is away")
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
            except Exception:
                self.connected = False
                log.exception("capture.failed")  # a fault of ours must not end capture until a restart
                await asyncio.sleep(LONGEST_PAUSE_S)

    async def _write_on(self, writer: psycopg.AsyncConnection[Any]) -> None:
        """Group after group, until stopping; raises one of AWAY with what was being written put back."""
        owed = False
        while True:
            if not self._rows:
                if self._stopping:
                    return
                self._came.clear()
                try:
                    async with asyncio.timeout(HINT_EVERY_S if owed else None):
                        await self._came.wait()
                except TimeoutError:
                    await writer.execute(HINT)
                    owed, self._hinted = False, time.monotonic()
                continue
            group = self._group()
            hint = time.monotonic() - self._hinted >= HINT_EVERY_S
            try:
                async with asyncio.timeout(COMMIT_S):
                    await writer.execute(INSERT_AND_HINT if hint else INSERT, _columns(group))
            except AWAY:
                self._put_back(group)
                raise
            except psycopg.Error:
                self._give_up(group, "the database refused it")
                log.exception("capture.refused", rows=len(group))
                continue
            except BaseException:
                self._give_up(group, "the server is stopping")
                raise
            owed = not hint
            if hint:
                self._hinted = time.monotonic()
            for row in group:
                if not row.done.done():  # else its client has gone
                    row.done.set_result(None)

    def _group(self) -> list[_Row]:
        group, size = [self._take()], 0
        while self._rows and len(group) < GROUP_ROWS and size < GROUP_BYTES:
            row = self._take()
            size += len(row.records)
            group.append(row)
        return group

    def _take(self) -> _Row:
        row = self._rows.popleft()
        self._bytes -= len(row.records)
        return row

    def _put_back(self, group: list[_Row]) -> None:
        self._rows.extendleft(reversed(group))
        self._bytes += sum(len(row.records) for row in group)

    def _give_up(self, rows: Sequence[_Row], why: str) -> None:
        for row in rows:
            if not row.done.done():
                row.done.set_exception(Unwritten(why))


def _columns(group: list[_Row]) -> tuple[list[Any], ...]:
    return (
        [row.source for row in group],
        [row.received_at for row in group],
        [row.count for row in group],
        [row.records for row in group],
    )
