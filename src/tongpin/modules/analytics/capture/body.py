"""Reading the body of a request, within bounds of size and time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.wire.call import Refused

Receive = Callable[[], Awaitable[dict[str, Any]]]

WHOLE_S = 30.0  # for the whole body, however slowly its bytes drip
TOGETHER = 256 * 1024 * 1024  # bytes of all bodies now being read
#: So much of a body that is too large is still read and thrown away: a client that is cut off while it sends never
#: sees the answer, takes it for a broken network, and sends it all again.
THROWN_AWAY = 4


class Gone(Exception):
    """The client went away before its request was whole."""


class Bodies:
    """Every body that is being read in this process."""

    def __init__(self) -> None:
        self._held = 0

    async def read(self, receive: Receive, headers: Mapping[str, str], limit: int) -> bytes:
        """The whole body. Raises Refused: larger than ``limit`` bytes, too slow, or too much at once; Gone."""
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and (len(length) > 15 or int(length) > limit * THROWN_AWAY):
            raise _too_large(limit)
        try:
            async with asyncio.timeout(WHOLE_S):
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                first: bytes = message.get("body", b"")
                if message.get("more_body"):
                    return await self._rest(first, receive, limit)
        except TimeoutError:
            raise Refused(Refusal.BODY, 408, f"The body was not whole after {WHOLE_S:.0f} s.") from None
        if len(first) > limit:
            raise _too_large(limit)
        return first

    async def _rest(self, first: bytes, receive: Receive, limit: int) -> bytes:
        pieces, size, more = [first], len(first), True
        self._held += size
        held = size
        try:
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                piece = message.get("body", b"")
                more = message.get("more_body", False)
                size += len(piece)
                if size > limit:
                    pieces.clear()
                    self._held -= held
                    held = 0
                    if size > limit * THROWN_AWAY:
                        break
                elif self._held > TOGETHER:
                    raise Refused(Refusal.FULL, 503, "Too much is being received.", retry_after=5)
                else:
                    pieces.append(piece)
                    self._held += len(piece)
                    held += len(piece)
        finally:
            self._held -= held
        if size > limit:
            raise _too_large(limit)
        return b"".join(pieces)


def _too_large(limit: int) -> Refused:
    return Refused(Refusal.SIZE, 413, f"A request may have {limit} bytes at most.")
