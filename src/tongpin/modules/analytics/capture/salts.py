"""Today's salt, without asking the database for each request."""

from __future__ import annotations

import asyncio
from datetime import date

from tongpin.kernel.realtime.hub import DATABASE_GONE
from tongpin.kernel.realtime.threads import Threads
from tongpin.modules.analytics.actions import intake
from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.wire.call import Refused


class Salts:
    """One a UTC day, read with its first request."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._day: date | None = None
        self._salt = b""
        self._reading = asyncio.Lock()

    async def of(self, day: date) -> bytes:
        """Random bytes of this day, the same in every process. Raises Refused while the database is away."""
        if self._day != day:
            async with self._reading:
                if self._day is None or self._day < day:
                    try:
                        self._salt = await self._threads.run(intake.salt_of, day)
                    except DATABASE_GONE:
                        raise Refused(Refusal.FULL, 503, "The database is away.", retry_after=5) from None
                    self._day = day
        return self._salt
