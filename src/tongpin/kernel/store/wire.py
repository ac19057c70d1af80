"""HTTP/1.1 on one socket: requests in (chunked, compressed, spooled), replies out (whole or in chunks)."""

from __future__ import annotations

import socket
import tempfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import h11

_RECEIVE = 1 << 18
_IN_MEMORY = 32 << 20
_LARGEST_HEAD = 1 << 20  # a statement may come in the URL
_LARGEST_BODY = 8 << 30
_DRAINED_AFTER_REFUSAL = 1 << 20
# clickhouse-connect renews its connections after 600 s: closing later never meets a request halfway.
IDLE_SECONDS = 900.0
_SECONDS_PER_PACKET = 60.0


class BadRequest(Exception):
    """The request cannot be understood: answered with ``status`` and the text, then the line is closed."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass
class Request:
    """One request. ``body`` is decompressed, positioned at its start; close it with the request."""

    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: IO[bytes]
    connection: socket.socket


@dataclass
class Reply:
    """An answer: ``body`` in one piece, or ``blocks`` sent as they come (closed whatever happens).

    ``broken`` turns an error met between blocks into the last bytes before the connection is cut."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    blocks: Iterable[bytes] | None = None
    broken: Callable[[Exception], bytes] | None = None


class Handler(Protocol):
    """What answers requests."""

    def refuse(self, path: str, headers: Mapping[str, str]) -> Reply | None:
        """A refusal that needs no body to be read, or None."""

    def handle(self, request: Request) -> Reply:
        """The answer; must not raise."""


class _Decompression:
    """Undoes a Content-Encoding piece by piece; the input may be several frames one after another."""

    def __init__(self, encoding: str) -> None:
        self._make = self._maker(encoding)
        self._current: Any = None

    @staticmethod
    def _maker(encoding: str) -> Callable[[], Any] | None:
        if encoding in ("", "identity"):
            return None
        if encoding in ("gzip", "x-gzip"):
            return lambda: zlib.decompressobj(31)
        if encoding == "deflate":
            return zlib.decompressobj
        if encoding == "lz4":
            import lz4.frame  # type: ignore[import-untyped]  # noqa: PLC0415  clickhouse-connect depends on it, and only its inserts need it

            return lambda: lz4.frame.LZ4FrameDecompressor()
        if encoding == "zstd":
            from backports import zstd  # noqa: PLC0415  as above

            return zstd.ZstdDecompressor
        raise BadRequest(415, f"Content-Encoding {encoding} is not supported: use lz4, zstd, gzip or deflate")

    def feed(self, data: bytes) -> Iterable[bytes]:
        if self._make is None:
            yield data
            return
        while data:
            self._current = self._current or self._make()
            try:
                yield self._current.decompress(data)
            except Exception as problem:  # noqa: BLE001  each library raises its own class
                raise BadRequest(400, f"The body cannot be decompressed: {problem}") from None
            data = b""
            if self._current.eof:
                data = self._current.unused_data or b""
                self._current = None

    def finish(self) -> None:
        if self._current is not None:
            raise BadRequest(400, "The compressed body ends early")


class Channel:
    """One client connection, kept alive from request to request."""

    def __init__(
        self, connection: socket.socket, handler: Handler, spool: Path, stopping: Callable[[], bool]
    ) -> None:
        self._socket = connection
        self._handler = handler
        self._spool = spool
        self._stopping = stopping
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=_LARGEST_HEAD)
        self.idle = True

    def serve(self) -> None:
        """Answer requests until one side closes. Never raises for what a client does."""
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._socket, suppress(OSError, h11.ProtocolError):
            while self._one():
                self._h11.start_next_cycle()

    def _one(self) -> bool:
        """Serve one request; False if the connection is to be closed."""
        self._socket.settimeout(IDLE_SECONDS)
        self.idle = True
        try:
            event = self._next()
        except h11.RemoteProtocolError as problem:
            self._send(Reply(problem.error_status_hint, body=f"{problem}\n".encode()), last=True)
            return False
        self.idle = False
        if not isinstance(event, h11.Request):
            return False
        self._socket.settimeout(_SECONDS_PER_PACKET)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
        target = urlsplit(event.target.decode("latin-1"))
        refusal = self._handler.refuse(target.path, headers)
        if refusal is not None:
            self._drain()
            self._send(refusal, last=True)
            return False
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=str(self._spool)) as body:
            try:
                parameters = dict(parse_qsl(target.query, keep_blank_values=True, strict_parsing=False))
                self._read_body(headers.get("content-encoding", "").strip().lower(), body)
            except BadRequest as problem:
                self._send(Reply(problem.status, body=f"{problem}\n".encode()), last=True)
                return False
            body.seek(0)
            request = Request(event.method.decode(), target.path, parameters, headers, body, self._socket)
            reply = self._handler.handle(request)
        self._send(reply, last=self._stopping())
        return self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE

    def _next(self) -> Any:
        while True:
            event = self._h11.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._h11.they_are_waiting_for_100_continue:
                self._put(h11.InformationalResponse(status_code=100, headers=[]))
            self._h11.receive_data(self._socket.recv(_RECEIVE))

    def _read_body(self, encoding: str, body: IO[bytes]) -> None:
        decompression = _Decompression(encoding)
        size = 0
        while isinstance(event := self._next(), h11.Data):
            for piece in decompression.feed(bytes(event.data)):
                size += len(piece)
                if size > _LARGEST_BODY:
                    raise BadRequest(413, f"The body is larger than {_LARGEST_BODY} bytes")
                body.write(piece)
        if not isinstance(event, h11.EndOfMessage):
            raise ConnectionAbortedError("the client went away in the middle of a request")
        decompression.finish()

    def _drain(self) -> None:
        """Read what a refused client is still sending (bounded), so that it gets to read the refusal."""
        left = _DRAINED_AFTER_REFUSAL
        while left > 0 and isinstance(event := self._next(), h11.Data):
            left -= len(event.data)

    def _put(self, event: Any) -> None:
        data = self._h11.send(event)
        if data:
            self._socket.sendall(data)

    def _send(self, reply: Reply, *, last: bool) -> None:
        headers = list(reply.headers.items())
        if last:
            headers.append(("Connection", "close"))
        if reply.blocks is None:
            headers.append(("Content-Length", str(len(reply.body))))
            head = self._h11.send(h11.Response(status_code=reply.status, headers=headers)) or b""
            body = self._h11.send(h11.Data(data=reply.body)) or b""
            end = self._h11.send(h11.EndOfMessage()) or b""
            self._socket.sendall(head + body + end)  # one packet: two would wait for each other
            return
        headers.append(("Transfer-Encoding", "chunked"))
        blocks = iter(reply.blocks)
        try:
            self._put(h11.Response(status_code=reply.status, headers=headers))
            try:
                for block in blocks:
                    self._put(h11.Data(data=block))
            except OSError:
                raise
            except Exception as problem:
                if reply.broken is None:
                    raise
                self._put(h11.Data(data=reply.broken(problem)))
                self._h11.send_failed()  # no last chunk: an answer cut short must not look complete
                return
            self._put(h11.EndOfMessage())
        finally:
            close = getattr(blocks, "close", None)
            if close is not None:
                close()

    def hang_up(self) -> None:
        """Wake a thread that waits for the next request; one that is answering finishes first."""
        if self.idle:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
