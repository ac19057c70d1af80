"""Whether the inbox may still grow: it is bounded, so that a store that stays away cannot fill the disk."""

from __future__ import annotations

from django.conf import settings

from tongpin.kernel.realtime.threads import Threads
from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.queries import inbox
from tongpin.modules.analytics.wire.call import Refused

RETRY_S = 30


class Room:
    """The last measurement, and what this process has written since. With several web processes the bound may be
    passed by what they write between two measurements."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._rows = self._bytes = 0

    def check(self) -> None:
        """Raises Refused when the inbox is full."""
        if self._rows >= settings.INBOX_ROWS or self._bytes >= settings.INBOX_BYTES:
            raise Refused(
                Refusal.FULL, 503, "The server holds as many waiting events as it may.", retry_after=RETRY_S
            )

    def wrote(self, size: int) -> None:
        """One more row of ``size`` bytes."""
        self._rows += 1
        self._bytes += size

    async def measure(self) -> None:
        """Ask the database. Raises one of DATABASE_GONE."""
        fill = await self._threads.run(inbox.fill)
        self._rows, self._bytes = fill.rows, fill.bytes
