"""Stops queries nobody waits for: the reader went away, or the time is up whatever the SETTINGS say."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_EVERY = 0.2


@dataclass
class _Watched:
    connection: socket.socket
    tag: str
    deadline: float
    stop_when_gone: bool


class Watch:
    """One thread that looks at running statements five times a second and sleeps while there are none."""

    def __init__(self, kill: Callable[[str], None]) -> None:
        """``kill`` takes the tag of a session; called again for the same tag until the query ends."""
        self._kill = kill
        self._running: dict[str, _Watched] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._loop, name="store-watch", daemon=True)
        self._thread.start()

    @contextmanager
    def over(
        self, connection: socket.socket, tag: str, seconds: float | None, *, stop_when_gone: bool
    ) -> Iterator[None]:
        """While this is held the statement of session ``tag`` is stopped after ``seconds`` (None: no limit)
        and, if ``stop_when_gone``, once the peer of ``connection`` has closed it."""
        deadline = time.monotonic() + seconds if seconds else float("inf")
        with self._changed:
            self._running[tag] = _Watched(connection, tag, deadline, stop_when_gone)
            if len(self._running) == 1:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._running.pop(tag, None)

    def stop_everything(self) -> None:
        """Stop all that runs now."""
        with self._changed:
            tags = list(self._running)
        for tag in tags:
            self._kill(tag)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _loop(self) -> None:
        while True:
            with self._changed:
                while not self._running and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                self._changed.wait(_EVERY)
                watched = list(self._running.values())
            for each in watched:
                if time.monotonic() > each.deadline or (each.stop_when_gone and _gone(each.connection)):
                    self._kill(each.tag)


def _gone(connection: socket.socket) -> bool:
    """Whether the peer has closed its side. Bytes waiting (the next request) mean it is still there."""
    poll = select.poll()  # select() refuses descriptors above 1023
    try:
        poll.register(connection, select.POLLIN)
        return bool(poll.poll(0)) and connection.recv(1, socket.MSG_PEEK) == b""
    except (OSError, ValueError):
        return True
