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
        self._asleep = False
        self._closed = threading.Event()
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
            if self._asleep:  # waking it for each of many short statements would cost more than they do
                self._asleep = False
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._running.pop(tag, None)

    def stop_everything(self) -> None:
        """Stop all that runs now."""
        with self._changed:
            running = list(self._running.values())
        for each in running:
            self._stop(each)

    def close(self) -> None:
        self._closed.set()
        with self._changed:
            self._changed.notify()
        self._thread.join()

    def _stop(self, each: _Watched) -> None:
        # Under the lock: a statement that ends now gives its session back only afterwards, so that the next one
        # in the same session is not stopped in its place.
        with self._changed:
            if self._running.get(each.tag) is each:
                self._kill(each.tag)

    def _loop(self) -> None:
        while not self._closed.wait(_EVERY):
            with self._changed:
                while not self._running and not self._closed.is_set():
                    self._asleep = True
                    self._changed.wait()
                watched = list(self._running.values())
            for each in watched:
                if time.monotonic() > each.deadline or (each.stop_when_gone and _gone(each.connection)):
                    self._stop(each)


def _gone(connection: socket.socket) -> bool:
    """Whether the peer has closed its side. Bytes waiting (the next request) mean it is still there."""
    poll = select.poll()  # select() refuses descriptors above 1023
    try:
        poll.register(connection, select.POLLIN)
        return bool(poll.poll(0)) and connection.recv(1, socket.MSG_PEEK) == b""
    except (OSError, ValueError):
        return True
