"""One open stream: a bounded queue between the hub and one browser or program."""

from __future__ import annotations

import asyncio
from collections import deque

from tongpin.kernel.events.stream import Position
from tongpin.kernel.realtime import frames, measures
from tongpin.kernel.realtime.bearers import Bearer
from tongpin.kernel.realtime.viewers import Viewer

QUEUE_MAX = 1000  # above what a reconnect may replay


class Subscription:
    """What the hub writes to. ``floor``: frames at or before it are known to the client already. ``ip`` is its
    address, by which a workspace may keep it out. It was opened by a session, or by a token (``bearer``)."""

    def __init__(
        self, opened_by: str | Bearer, viewer: Viewer, floor: Position, ip: str | None = None
    ) -> None:
        self.bearer = opened_by if isinstance(opened_by, Bearer) else None
        self.session_key = opened_by if isinstance(opened_by, str) else ""
        self.ip = ip
        self.viewer = viewer
        self.floor = floor
        self.closed = asyncio.Event()
        self._waiting: deque[bytes] = deque()
        self._ready = asyncio.Event()

    def greet(self, frame: bytes) -> None:
        """Queue the frame that begins the stream."""
        self._waiting.append(frame)

    def put(self, frame: bytes, at: Position) -> None:
        """Queue a frame. A client too slow for QUEUE_MAX frames loses them and is told to fetch afresh."""
        if self.closed.is_set() or at <= self.floor:
            return
        if len(self._waiting) >= QUEUE_MAX:
            self.overflow(at)
            return
        self._waiting.append(frame)
        self._ready.set()

    def pass_on(self, frame: bytes) -> None:
        """Queue a frame that has no place in the stream; a client too slow for it goes without."""
        if not self.closed.is_set() and len(self._waiting) < QUEUE_MAX:
            self._waiting.append(frame)
            self._ready.set()

    def overflow(self, at: Position) -> None:
        """Replace what waits (but a greeting not yet sent) by one ``resync`` as of ``at``."""
        greeting = [frame for frame in list(self._waiting)[:1] if frames.is_hello(frame)]
        self._waiting.clear()
        self._waiting.extend(greeting)
        self._waiting.append(frames.resync(at))
        measures.RESYNCS.inc()
        self._ready.set()

    def close(self, last: bytes | None = None) -> None:
        """End the stream, with a last frame if given; what waits is dropped."""
        if self.closed.is_set():
            return
        self._waiting.clear()
        if last is not None:
            self._waiting.append(last)
        self.closed.set()
        self._ready.set()

    async def next(self, patience: float) -> bytes:
        """Everything that waits, in one piece; a heartbeat after ``patience`` seconds; b"" at the end."""
        if not self._waiting and not self.closed.is_set():
            try:
                async with asyncio.timeout(patience):
                    await self._ready.wait()
            except TimeoutError:
                return frames.HEARTBEAT
        self._ready.clear()
        piece = b"".join(self._waiting)
        self._waiting.clear()
        return piece
