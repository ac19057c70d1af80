"""``/rt/*`` as plain ASGI, outside Django's request handling.

``GET /rt/events`` is one stream of hints (see ``frames``): for the signed-in person over all their workspaces, for the
bearer of a token over its one. It answers 401 without a session or a token that works, 403 where the workspace's
security settings keep the token out, 503 while the database is away.
"""

from __future__ import annotations

import asyncio
import math
import signal
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from types import FrameType
from typing import Any
from urllib.parse import parse_qs

import structlog
from django.conf import settings

from tongpin.kernel.errors import Denied
from tongpin.kernel.realtime import measures
from tongpin.kernel.realtime.bearers import Bearer
from tongpin.kernel.realtime.hub import DATABASE_GONE, Hub
from tongpin.kernel.realtime.subscription import Subscription

log = structlog.get_logger("tongpin.realtime")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

HEARTBEAT_S = 15.0
READY_S = 5.0
STREAMS_PER_PERSON = 60
PRIVATE = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
FAREWELL_S = 1.0  # how long a client may take to accept the end


class Realtime:
    """The application; its ``lifespan`` starts and stops the process's one listener."""

    def __init__(self) -> None:
        self._hub: Hub | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._started()
                self._end_streams_on_signals()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._hub is not None:
                    await self._hub.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def end_streams(self) -> None:
        """End every open stream and refuse new ones, from any thread: first thing when a server stops."""
        if self._hub is not None and self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended, and the streams with it
                self._loop.call_soon_threadsafe(self._hub.end_streams)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != "/rt/events":
            await _answer(send, 404, b"not found")
        elif scope["method"] != "GET":
            await _answer(send, 405, b"method not allowed", [(b"allow", b"GET")])
        else:
            await self._events(scope, receive, send)

    def _started(self) -> Hub:
        if self._hub is None:
            self._loop = asyncio.get_running_loop()
            self._hub = Hub()
            self._hub.start()
        return self._hub

    def _end_streams_on_signals(self) -> None:
        """Hear of the end as early as the server does.

        uvicorn waits for open responses before it tells ``lifespan``: a stream would hold up
        every stop. Its own handler is called on from ours.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            earlier = signal.getsignal(number)
            if not callable(earlier):
                continue

            def handle(sig: int, frame: FrameType | None, earlier: Callable[..., Any] = earlier) -> None:
                self.end_streams()
                earlier(sig, frame)

            signal.signal(number, handle)

    async def _events(self, scope: Scope, receive: Receive, send: Send) -> None:
        hub = self._started()
        headers = dict(scope["headers"])
        ip = (scope.get("client") or (None,))[0]
        try:
            opened_by, user_id = await _who(hub, headers, ip)
            if user_id is None or opened_by is None:
                await _answer(send, 401, b"not signed in")
                return
            if hub.count_of(user_id) >= STREAMS_PER_PERSON:
                await _answer(send, 429, b"too many streams", [(b"retry-after", b"60")])
                return
            await asyncio.wait_for(hub.ready.wait(), READY_S)
            subscription = await hub.open(opened_by, user_id, *_where_it_was(scope, headers), ip=ip)
        except Denied:
            await _answer(send, 403, b"not let in")
            return
        except (TimeoutError, *DATABASE_GONE):
            await _answer(send, 503, b"not ready", [(b"retry-after", b"2")])
            return
        measures.STREAMS.inc()
        try:
            await _serve(subscription, receive, send)
        finally:
            hub.leave(subscription)
            measures.STREAMS.dec()


async def _who(
    hub: Hub, headers: dict[bytes, bytes], ip: str | None
) -> tuple[str | Bearer | None, int | None]:
    """The session or token that was sent, and its user. A token that was sent counts alone. Raises Denied."""
    kind, _space, secret = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if kind.lower() == "bearer":
        bearer = await hub.bearer_of(secret.strip()[:200], ip)
        user = bearer.actor.user if bearer is not None else None
        return bearer, user.pk if user is not None else None
    session_key = _cookie(headers.get(b"cookie", b""), settings.SESSION_COOKIE_NAME)
    return session_key, await hub.person_of(session_key) if session_key else None


async def _serve(subscription: Subscription, receive: Receive, send: Send) -> None:
    """Write until the client goes, the session ends or the server stops."""
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/event-stream; charset=utf-8"),
                *PRIVATE,
                (b"x-accel-buffering", b"no"),  # nginx would hold the frames back
            ],
        }
    )
    writing = asyncio.create_task(_write(subscription, send))
    leaving = asyncio.create_task(_disconnected(receive))
    closing = asyncio.create_task(subscription.closed.wait())
    try:
        await asyncio.wait({writing, leaving, closing}, return_when=asyncio.FIRST_COMPLETED)
        if closing.done() and not leaving.done():
            await asyncio.wait({writing, leaving}, timeout=FAREWELL_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (writing, leaving, closing):
            task.cancel()
        await asyncio.gather(writing, leaving, closing, return_exceptions=True)


async def _write(subscription: Subscription, send: Send) -> None:
    with suppress(OSError):  # the client went away while we wrote
        while True:
            piece = await subscription.next(HEARTBEAT_S)
            if piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            if subscription.closed.is_set():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(
    send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    given = [
        (b"content-type", b"text/plain; charset=utf-8"),
        *PRIVATE,
        *(headers or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": given})
    await send({"type": "http.response.body", "body": body})


def _cookie(header: bytes, name: str) -> str | None:
    try:
        morsel = SimpleCookie(header.decode("latin-1")).get(name)
    except CookieError:
        return None
    return morsel.value if morsel and len(morsel.value) <= 64 else None


def _where_it_was(scope: Scope, headers: dict[bytes, bytes]) -> tuple[str | None, float | None]:
    """Where the client stopped, and when its page was rendered.

    The first is the header of a browser that reconnects, else ``?last=``; the second ``?since=`` in Unix seconds.
    """
    query: bytes = scope.get("query_string", b"")
    asked = parse_qs(query.decode("latin-1"))
    given = headers.get(b"last-event-id", b"").decode("latin-1") or asked.get("last", [""])[0]
    try:
        since = float(asked.get("since", [""])[0])
    except ValueError:
        since = math.nan
    return given[:60] or None, since if math.isfinite(since) else None
