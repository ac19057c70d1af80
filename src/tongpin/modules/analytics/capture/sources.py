"""From the key in a request to the rules of its source, without asking the database for each."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

import structlog

from tongpin.kernel import clock
from tongpin.kernel.realtime.hub import DATABASE_GONE
from tongpin.kernel.realtime.threads import Threads
from tongpin.modules.analytics.actions import intake
from tongpin.modules.analytics.capture.rules import Rules
from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.models import SourceKey
from tongpin.modules.analytics.wire.call import Refused

log = structlog.get_logger("tongpin.capture")

FRESH_S = 15.0  # so old the copy may be; changes are announced and come sooner
ASK_AGAIN_S = 1.0  # an unknown key may be one just made: look, but not for every stranger


class Sources:
    """Every key of this server, in memory: a stranger's keys cost no query, and a made-up one is never remembered."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._rules: dict[str, Rules] = {}
        self._read_at: float | None = None
        self._reading = asyncio.Lock()
        self._used: dict[str, datetime] = {}

    async def find(self, key: str) -> Rules:
        """The rules of the source with this key. Raises Refused: no such key, or the database is away."""
        rules = self._rules.get(key)
        age = self._age()
        if rules is None and age > ASK_AGAIN_S:
            async with self._reading:
                if self._age() > ASK_AGAIN_S:
                    try:
                        await self.read()
                    except DATABASE_GONE:
                        raise Refused(
                            Refusal.FULL, 503, "The server cannot look the key up now.", retry_after=5
                        ) from None
            rules = self._rules.get(key)
        if rules is None:
            raise Refused(Refusal.KEY, 401, "No source has this key.")
        self._used[key] = clock.now()
        return rules

    async def read(self) -> None:
        """Read them all anew. Raises one of DATABASE_GONE."""
        began = time.monotonic()
        self._rules = await self._threads.run(_read)
        self._read_at = began

    async def note_used(self) -> None:
        """Write down when keys were last used. Raises one of DATABASE_GONE."""
        used, self._used = self._used, {}
        if used:
            await self._threads.run(intake.note_used, used)

    def _age(self) -> float:
        return float("inf") if self._read_at is None else time.monotonic() - self._read_at


def _read() -> dict[str, Rules]:
    keys = SourceKey.objects.filter(
        retired_at=None, source__deleted_at=None, workspace__deleted_at=None
    ).select_related("source")
    by_source: dict[int, Rules] = {}
    return {
        key.value: by_source.setdefault(key.source_id, Rules.of(key.source)) for key in keys.iterator(500)
    }
