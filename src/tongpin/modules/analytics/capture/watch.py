"""One LISTEN connection a process: sources that changed, and people who look at a live page."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import psycopg
import structlog

from tongpin.kernel.realtime import libpq
from tongpin.kernel.realtime.hub import DATABASE_GONE
from tongpin.kernel.realtime.threads import Threads
from tongpin.modules.analytics.actions import live, source
from tongpin.modules.analytics.capture.forward import Forwarding
from tongpin.modules.analytics.capture.room import Room
from tongpin.modules.analytics.capture.sources import FRESH_S, Sources
from tongpin.modules.analytics.capture.trace import Trace

log = structlog.get_logger("tongpin.capture")

ROUND_S = 0.5
MEASURE_S = 1.0
TIDY_S = 60.0
PAUSE_S = 1.0


class Watch:
    """Keeps what the endpoint asks of memory up to date. ``run`` ends only by being cancelled."""

    def __init__(
        self, threads: Threads, sources: Sources, trace: Trace, room: Room, forwarding: Forwarding
    ) -> None:
        self._threads, self._sources, self._trace, self._room = threads, sources, trace, room
        self._forwarding = forwarding
        self._due: dict[str, float] = {}
        self.listening = False

    async def run(self) -> None:
        while True:
            try:
                params = await self._threads.run(libpq.parameters, "tongpin capture watch")
                async with await psycopg.AsyncConnection.connect(**params, autocommit=True) as listener:
                    await listener.execute("LISTEN analytics_sources")
                    await listener.execute("LISTEN analytics_watch")
                    self._due = {}  # whatever was said while nobody listened
                    self.listening = True
                    await self._follow(listener)
            except DATABASE_GONE as error:
                self.listening = False
                log.warning("capture.watch_lost", error=str(error).strip())
                await asyncio.sleep(PAUSE_S)
            except Exception:
                log.exception("capture.watch_failed")
                await asyncio.sleep(PAUSE_S)

    async def _follow(self, listener: psycopg.AsyncConnection[Any]) -> None:
        while True:
            if self._is_due("sources", FRESH_S):
                await self._sources.read()
            if self._is_due("room", MEASURE_S):
                await self._room.measure()
            if self._is_due("tidy", TIDY_S):
                await self._sources.note_used()
                await self._forwarding.note_outcomes()
                await self._threads.run(live.forget_old)
            await self._trace.show()
            async for said in listener.notifies(timeout=ROUND_S, stop_after=1):
                if said.channel == source.CHANNEL:
                    self._due.pop("sources", None)
                else:
                    self._trace.looked(*live.heard(said.payload))

    def _is_due(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every
        return True
