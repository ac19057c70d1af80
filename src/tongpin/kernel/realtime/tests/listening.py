"""A browser's end of a stream, and a server to open it on; both real, over loopback."""

from __future__ import annotations

import http.client
import json
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import uvicorn
from django.conf import settings

from tongpin.kernel.realtime.asgi import Realtime

PATIENCE_S = 20.0  # bounds a failure; a passing test never waits for it


@dataclass(frozen=True)
class Frame:
    event: str
    data: dict[str, Any]
    id: str

    @property
    def subject(self) -> str:
        return str(self.data["s"][0])


class Tab:
    """One open stream. ``next()`` gives the next frame; None at the end of the stream."""

    def __init__(self, port: int, session: str | None, **headers: str) -> None:
        path = headers.pop("path", "/rt/events")
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        if session is not None:
            headers["Cookie"] = f"other=1; {settings.SESSION_COOKIE_NAME}={session}"
        self._connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        self._socket = (
            self._connection.sock
        )  # the answer takes it over, as it lasts until the connection ends
        self.answer = self._connection.getresponse()
        self.status = self.answer.status
        self._frames: queue.Queue[Frame | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        if self.status == 200:
            self._reader.start()

    def _read(self) -> None:
        lines: dict[str, str] = {}
        # http.client itself stumbles (AttributeError) over a chunked answer that is cut
        with suppress(OSError, ValueError, AttributeError, http.client.HTTPException):
            while raw := self.answer.readline():
                line = raw.decode().rstrip("\n")
                if line and not line.startswith(":"):
                    name, _, value = line.partition(": ")
                    lines[name] = value
                elif lines:
                    self._frames.put(Frame(lines["event"], json.loads(lines["data"]), lines.get("id", "")))
                    lines = {}
        self._frames.put(None)

    def next(self) -> Frame | None:
        return self._frames.get(timeout=PATIENCE_S)

    def many(self, count: int) -> list[Frame]:
        frames = [self.next() for _ in range(count)]
        assert None not in frames
        return frames  # type: ignore[return-value]

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if self._reader.is_alive():
            self._reader.join(PATIENCE_S)
        self._connection.close()


@dataclass
class Server:
    port: int
    realtime: Realtime
    stop: Callable[[], None]

    def tab(self, session: str | None, **headers: str) -> Tab:
        return Tab(self.port, session, **headers)


@contextmanager
def serving() -> Iterator[Server]:
    """uvicorn in a thread on a free port, with the streams as its only application."""
    realtime = Realtime()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await (realtime.lifespan if scope["type"] == "lifespan" else realtime)(scope, receive, send)

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()  # connections wait until the server is up
    config = uvicorn.Config(application, log_level="warning", lifespan="on", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="uvicorn")

    def stop() -> None:
        realtime.end_streams()
        server.should_exit = True
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), "an open stream held up the stop"

    thread.start()
    try:
        yield Server(listening.getsockname()[1], realtime, stop)
    finally:
        stop()
        listening.close()
