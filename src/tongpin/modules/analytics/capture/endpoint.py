"""Capture as plain ASGI: bytes in, an answer out once what they said is committed. No Django request, no cookie.

``Capture`` is mounted before the pages for exactly the addresses ``wire.routes`` knows.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import structlog
from django.conf import settings

from tongpin.kernel import clock
from tongpin.kernel.realtime.threads import Threads
from tongpin.modules.analytics.actions.intake import Inbox, InboxFull, Unwritten
from tongpin.modules.analytics.capture import cors, measures
from tongpin.modules.analytics.capture.body import Bodies, Gone, Receive
from tongpin.modules.analytics.capture.forward import Forwarding, Passed
from tongpin.modules.analytics.capture.rates import Rates
from tongpin.modules.analytics.capture.room import Room
from tongpin.modules.analytics.capture.rules import Caller, Rules
from tongpin.modules.analytics.capture.salts import Salts
from tongpin.modules.analytics.capture.sources import Sources
from tongpin.modules.analytics.capture.trace import Trace
from tongpin.modules.analytics.capture.watch import Watch
from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.wire import limits, routes
from tongpin.modules.analytics.wire.call import Answer, Call, Dropped, Hit, Refused
from tongpin.modules.analytics.wire.protocol import Protocol
from tongpin.modules.analytics.wire.record import Record, dump

log = structlog.get_logger("tongpin.capture")

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]

LARGE = 256 * 1024
LARGE_PACKED = 4 * 1024
"""From so many bytes on a body is read in a thread, so that small ones do not wait; packed ones may be a
thousand times larger inside."""
DECODING = 128 * 1024 * 1024
"""Bytes of bodies that wait for the thread or are read in it: whoever sends faster than they are read, and need not
even have a key, does not fill the memory."""
AGAIN_S = 5


@dataclass(frozen=True, slots=True)
class _Sifted:
    hit: Hit
    kept: list[Record]
    dropped: list[Dropped]
    records: bytes


class Capture:
    """``start`` on the running loop before the first request, ``stop`` when the last has been answered."""

    def __init__(self) -> None:
        self._threads = Threads(2, "capture")
        self._decoders = ThreadPoolExecutor(1, thread_name_prefix="decode")
        self._decoding = 0
        self._bodies = Bodies()
        self._inbox = Inbox(self._threads)
        self._room = Room(self._threads)
        self._rates = Rates()
        self._sources = Sources(self._threads)
        self._salts = Salts(self._threads)
        self._trace = Trace(self._threads)
        self._forwarding = Forwarding(self._threads)
        self._watch = Watch(self._threads, self._sources, self._trace, self._room, self._forwarding)
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._inbox.start()
        self._watching = asyncio.create_task(self._watch.run())

    async def stop(self) -> None:
        """Commit what was accepted, then end the threads and connections."""
        await self._inbox.stop()
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        self._forwarding.stop()
        self._decoders.shutdown(wait=False, cancel_futures=True)
        await asyncio.get_running_loop().run_in_executor(None, self._threads.stop)

    @staticmethod
    def owns(scope: Scope) -> bool:
        """Whether this address is an SDK's."""
        return routes.find(scope["method"], scope["path"]) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        protocol = routes.find(scope["method"], scope["path"])
        assert protocol is not None, "a path that is not capture's"
        if scope["method"] == "OPTIONS":
            await _send(send, Answer(204), cors.preflight(headers))
            return
        query: dict[str, str] = {}
        for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
            query.setdefault(name, value)
        ip = (scope.get("client") or ("",))[0]
        call = Call(scope["method"], scope["path"], query, headers, b"", clock.now(), ip)
        try:
            body = await self._bodies.read(receive, headers, limits.BODY)
            salt = await self._salts.of(call.received_at.date())
            call = Call(call.method, call.path, query, headers, body, call.received_at, ip, salt)
            answer = await self._answer(protocol, call, scope)
        except Gone:
            return
        except Refused as refused:
            measures.REFUSED.labels(refused.reason).inc()
            answer = _refusal(protocol, call, refused)
        measures.REQUESTS.labels(answer.status).inc()
        measures.SECONDS.observe(time.perf_counter() - began)
        await _send(send, answer, cors.answering(headers))

    async def _answer(self, protocol: Protocol, call: Call, scope: Scope) -> Answer:
        """Raises Refused."""
        said = call.body or scope["query_string"]
        size = len(said) if len(said) > (LARGE if said[:1] in b"{[" else LARGE_PACKED) else 0
        hit = await self._run(size, _decode, protocol, call)
        if not protocol.takes_events:
            return protocol.answer(call, hit, hit.dropped)
        rules = await self._sources.find(hit.key)
        caller = Caller.of(call.headers, call.client_ip, settings.COUNTRY_HEADER)
        try:
            rules.admit(caller)
            sifted = await self._run(size, _sift, hit, rules, caller)
            if sifted.kept and not hit.dry_run:
                await self._keep(sifted, rules, call)
        except Refused as refused:
            whole = [Dropped(refused.reason, refused.detail, event=each.event) for each in hit.records[:10]]
            self._trace.note(
                rules.source,
                call.received_at,
                call.path,
                (),
                whole or [Dropped(refused.reason, refused.detail)],
            )
            raise
        for dropped in sifted.dropped:
            measures.REFUSED.labels(dropped.reason).inc()
        self._trace.note(rules.source, call.received_at, call.path, sifted.kept, sifted.dropped)
        unwilling = any(each.reason is Refusal.CONSENT for each in sifted.dropped)
        if rules.forward_to and hit.records and not hit.dry_run and not unwilling:
            self._forward(rules, call, scope, caller)
        return protocol.answer(call, hit, sifted.dropped)

    async def _keep(self, sifted: _Sifted, rules: Rules, call: Call) -> None:
        """Returns when it is committed. Raises Refused."""
        self._room.check()
        self._rates.take(rules.source, rules.rate_limit, len(sifted.kept))
        try:
            await self._inbox.put(rules.source, call.received_at, len(sifted.kept), sifted.records)
        except InboxFull:
            raise Refused(
                Refusal.FULL, 503, "Too many requests wait to be written.", retry_after=AGAIN_S
            ) from None
        except Unwritten as why:
            raise Refused(Refusal.FULL, 503, f"Not written: {why}.", retry_after=AGAIN_S) from None
        self._room.wrote(len(sifted.records))
        measures.EVENTS.inc(len(sifted.kept))

    async def _run(self, size: int, function: Callable[..., Any], *args: Any) -> Any:
        """``function`` at once, or in the thread for a large body of ``size`` bytes. Raises Refused."""
        if not size:
            return function(*args)
        if self._decoding + size > DECODING:
            raise Refused(Refusal.FULL, 503, "Too much waits to be read.", retry_after=AGAIN_S)
        self._decoding += size
        try:
            return await asyncio.get_running_loop().run_in_executor(self._decoders, function, *args)
        finally:
            self._decoding -= size

    def _forward(self, rules: Rules, call: Call, scope: Scope, caller: Caller) -> None:
        target = scope.get("raw_path", b"").decode("latin-1") or call.path
        if scope["query_string"]:
            target += "?" + scope["query_string"].decode("latin-1")
        ip = rules.address(None, caller.ip)
        self._forwarding.offer(Passed(rules.forward_to, call.method, target, call.headers, call.body, ip))


def _decode(protocol: Protocol, call: Call) -> Hit:
    try:
        return protocol.decode(call)
    except Refused:
        raise
    except Exception:
        # Ours to mend; until then the SDK may try again, and nothing else is disturbed.
        log.exception("capture.undecodable", protocol=protocol.name)
        raise Refused(Refusal.BODY, 500, "The server failed to read this.") from None


def _sift(hit: Hit, rules: Rules, caller: Caller) -> _Sifted:
    kept, dropped = rules.sift(hit.records, caller)
    try:
        records = dump(kept) if kept else b""
    except (TypeError, ValueError):
        log.exception("capture.unwritable")
        raise Refused(Refusal.BODY, 500, "The server failed to keep this.") from None
    return _Sifted(hit, kept, [*hit.dropped, *dropped], records)


def _refusal(protocol: Protocol, call: Call, refused: Refused) -> Answer:
    answer = protocol.refuse(call, refused)
    if refused.retry_after and answer.status in {429, 503}:
        named = {name.lower() for name, _value in answer.headers}
        if "retry-after" not in named:
            again = (*answer.headers, ("retry-after", str(refused.retry_after)))
            return Answer(answer.status, answer.body, answer.content_type, again)
    return answer


async def _send(send: Send, answer: Answer, more: cors.Headers) -> None:
    headers = [
        (b"x-content-type-options", b"nosniff"),
        *more,
        *((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers),
    ]
    if all(name != b"cache-control" for name, _value in headers):
        headers.append((b"cache-control", b"no-store"))
    if answer.status not in {204, 304}:
        headers.append((b"content-type", answer.content_type.encode("latin-1")))
        headers.append((b"content-length", str(len(answer.body)).encode()))
    with suppress(OSError):  # the client has gone
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send(
            {"type": "http.response.body", "body": b"" if answer.status in {204, 304} else answer.body}
        )
