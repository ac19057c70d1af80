"""ClickHouse's HTTP interface over the engine: what ``clickhouse-connect`` sends, and what it reads back."""

from __future__ import annotations

import base64
import hmac
import json
import logging
import secrets
import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from tongpin.kernel.store import multipart
from tongpin.kernel.store.engine import Engine, Outcome, QueryError, Session
from tongpin.kernel.store.statement import (
    DataInsert,
    Kind,
    answers_rows,
    can_stream,
    data_insert,
    kind_of,
    trailing_format,
    without_format,
)
from tongpin.kernel.store.watch import Watch
from tongpin.kernel.store.wire import Reply, Request

log = logging.getLogger("tongpin.store")

_HEAD_OF_INSERT = 1 << 18
_LARGEST_STATEMENT = 64 << 20
_GRACE_SECONDS = 2.0
_TAG_LENGTH = 16

# Parameters of the transport: understood or tolerated here, never a setting of the engine. Sessions over
# several requests are not kept: every request stands alone.
_TRANSPORT = frozenset(
    {
        "database",
        "query",
        "query_id",
        "session_id",
        "session_timeout",
        "session_check",
        "quota_key",
        "role",
        "user",
        "password",
        "compress",
        "decompress",
        "wait_end_of_query",
        "buffer_size",
        "client_protocol_version",
        "default_format",
        "stacktrace",
        "send_progress_in_http_headers",
        "http_headers_progress_interval_ms",
        "enable_http_compression",
        "http_zlib_compression_level",
        "cancel_http_readonly_queries_on_client_close",
        "log_comment",
    }
)
_EXTERNAL = ("_format", "_structure", "_types")

# Formats whose blocks can be sent one after another as they are; others have a head, a foot or separators.
_STREAMED = frozenset({"Native", "TabSeparated", "TSV", "CSV", "RowBinary", "JSONEachRow"})
_CONTENT_TYPES = {
    "Native": "application/octet-stream",
    "RowBinary": "application/octet-stream",
    "CSV": "text/csv; charset=UTF-8; header=absent",
    "CSVWithNames": "text/csv; charset=UTF-8; header=present",
    "TabSeparated": "text/tab-separated-values; charset=UTF-8",
    "TSV": "text/tab-separated-values; charset=UTF-8",
    "JSON": "application/json; charset=UTF-8",
    "JSONCompact": "application/json; charset=UTF-8",
    "JSONEachRow": "application/x-ndjson; charset=UTF-8",
}

AUTHENTICATION_FAILED = 516
_READONLY = 164
_STATUS = {
    **dict.fromkeys((6, 26, 27, 38, 41, 43, 53, 62, 69, 70, 72, 117, 349, 457), 400),
    **dict.fromkeys((16, 46, 47, 50, 60, 81, 115, 390), 404),
    **dict.fromkeys((AUTHENTICATION_FAILED,), 401),
    **dict.fromkeys((_READONLY, 497), 403),
    159: 408,
    48: 501,
    202: 503,
    439: 503,
}


@dataclass(frozen=True)
class _Call:
    """A request taken apart."""

    sql: bytes
    data: IO[bytes] | None
    insert: DataInsert | None
    kind: Kind
    database: str
    settings: dict[str, str]
    parameters: dict[str, str]
    external: dict[str, tuple[str, str, bytes]]
    default_format: str
    wait: bool
    whose: str


def _refusal(code: int, name: str, text: str) -> QueryError:
    return QueryError(code, f"Code: {code}. DB::Exception: {text} ({name})")


class Front:
    """Answers requests that carry the token. Thread-safe."""

    def __init__(self, engine: Engine, watch: Watch, token: str) -> None:
        self._engine = engine
        self._watch = watch
        self._token = token.encode()

    # The Handler protocol of the wire

    def refuse(self, path: str, headers: Mapping[str, str]) -> Reply | None:
        if path == "/ping" or self._authentic(headers):
            return None
        return self._failed(
            _refusal(
                AUTHENTICATION_FAILED,
                "AUTHENTICATION_FAILED",
                "Authentication failed: the token is wrong or missing; it is in the store's connection.json.",
            ),
            {},
        )

    def handle(self, request: Request) -> Reply:
        base = {
            "X-ClickHouse-Server-Display-Name": "tongpin",
            "X-ClickHouse-Timezone": "UTC",
            "X-ClickHouse-Query-Id": request.parameters.get("query_id") or str(uuid.uuid4()),
        }
        if request.path == "/ping":
            return Reply(200, {"Content-Type": "text/plain"}, b"Ok.\n")
        if request.path not in ("", "/") or request.method not in ("GET", "POST"):
            return Reply(404, {"Content-Type": "text/plain"}, b"There is no handle for this request\n")
        try:
            return self._answer(request, self._understand(request), base)
        except QueryError as problem:
            return self._failed(problem, base)
        except Exception as problem:  # a fault of ours must not cut the connection without a word
            log.exception("the store front failed")
            return self._failed(_refusal(1001, "STD_EXCEPTION", f"{type(problem).__name__}: {problem}"), base)

    # Authentication and errors

    def _authentic(self, headers: Mapping[str, str]) -> bool:
        given = headers.get("x-clickhouse-key", "")
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            given = value.strip()
        elif scheme.lower() == "basic":
            try:
                given = base64.b64decode(value, validate=True).decode("utf-8").partition(":")[2]
            except ValueError:
                given = ""
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._token)

    def _failed(self, problem: QueryError, base: Mapping[str, str]) -> Reply:
        headers = {
            **base,
            "Content-Type": "text/plain; charset=UTF-8",
            "X-ClickHouse-Exception-Code": str(problem.code),
        }
        return Reply(_STATUS.get(problem.code, 500), headers, problem.text.encode() + b"\n")

    # Understanding

    def _understand(self, request: Request) -> _Call:
        given = dict(request.parameters)
        sql, data = given.get("query", "").encode(), request.body
        files: dict[str, bytes] = {}
        content_type = request.headers.get("content-type", "")
        if content_type.lower().startswith("multipart/form-data"):
            try:
                form = multipart.parse(content_type, data.read())
            except ValueError as problem:
                raise _refusal(36, "BAD_ARGUMENTS", f"{problem}.") from None
            given.update(form.fields)
            sql, files = given.get("query", "").encode(), form.files
            whole, insert = sql, None
        else:
            whole, insert = self._statement(sql, data)
        for flag in ("compress", "decompress"):
            if given.get(flag) in ("1", "true"):
                raise _refusal(48, "NOT_IMPLEMENTED", f"{flag}=1 is not supported: use Content-Encoding.")
        kind = kind_of(whole)
        if request.method == "GET" and kind is not Kind.READ:
            raise _refusal(
                _READONLY, "READONLY", "Cannot execute query in readonly mode: use POST to change data."
            )
        about_files = {name + suffix for name in files for suffix in _EXTERNAL}
        return _Call(
            sql=whole,
            data=data if insert else None,
            insert=insert,
            kind=kind,
            database=given.get("database") or request.headers.get("x-clickhouse-database", ""),
            settings={
                name: value
                for name, value in given.items()
                if name not in _TRANSPORT and name not in about_files and not name.startswith("param_")
            },
            parameters={name[6:]: value for name, value in given.items() if name.startswith("param_")},
            external={name: (*self._structure(name, given), content) for name, content in files.items()},
            default_format=given.get("default_format")
            or request.headers.get("x-clickhouse-format", "")
            or "TabSeparated",
            wait=given.get("wait_end_of_query") == "1",
            whose=given.get("quota_key", ""),
        )

    @staticmethod
    def _statement(sql: bytes, body: IO[bytes]) -> tuple[bytes, DataInsert | None]:
        """The statement, and where the rows of an INSERT begin in ``body`` (which is moved there)."""
        head = body.read(_HEAD_OF_INSERT)
        if sql.strip():
            insert = data_insert(sql)
            if insert is not None and insert.data_at >= len(sql):
                body.seek(0)
                return insert.statement, insert
        else:
            insert = data_insert(head)
            if insert is not None:
                body.seek(insert.data_at)
                return insert.statement, insert
        whole = (sql + b"\n" if sql and head else sql) + head + body.read(_LARGEST_STATEMENT)
        if body.read(1):
            raise _refusal(
                62, "SYNTAX_ERROR", "The statement is too long; send rows as INSERT … FORMAT Native."
            )
        if not whole.strip():
            raise _refusal(62, "SYNTAX_ERROR", "Empty query.")
        return whole, None

    @staticmethod
    def _structure(name: str, given: Mapping[str, str]) -> tuple[str, str]:
        """(format, column definitions) of an external table out of its URL parameters."""
        structure = given.get(f"{name}_structure")
        if structure is None:
            types = [each.strip() for each in given.get(f"{name}_types", "").split(",") if each.strip()]
            structure = ", ".join(f"_{place} {each}" for place, each in enumerate(types, 1))
        if not structure:
            raise _refusal(36, "BAD_ARGUMENTS", f"External table {name} has neither structure nor types.")
        return given.get(f"{name}_format") or "TabSeparated", structure

    # Answering

    def _answer(self, request: Request, call: _Call, base: dict[str, str]) -> Reply:
        with ExitStack() as held:
            held.enter_context(self._engine.lane(call.kind, call.whose))
            session = held.enter_context(
                self._engine.session(call.kind, call.database, call.settings, alone=bool(call.external))
            )
            held.enter_context(self._watched(request, call, session))
            self._load_external(session, call)
            if call.insert is not None and call.data is not None:
                return self._done(session.insert(call.sql, call.insert.input_format, call.data), base)
            if not answers_rows(call.sql):
                return self._done(session.query(call.sql, "TabSeparated", call.parameters), base)
            its_format = trailing_format(call.sql) or call.default_format
            base = {
                **base,
                "X-ClickHouse-Format": its_format,
                "Content-Type": _CONTENT_TYPES.get(its_format, "text/plain; charset=UTF-8"),
            }
            if its_format in _STREAMED and can_stream(call.sql) and not call.wait:
                return self._streamed(session, call, its_format, base, held)
            outcome = session.query(call.sql, its_format, call.parameters)
            if not outcome.body and its_format == "Native":
                return self._done(outcome, base, self._native_head(session, call))
            return self._done(outcome, base, outcome.body)

    def _watched(self, request: Request, call: _Call, session: Session) -> AbstractContextManager[None]:
        seconds = self._engine.limits.seconds(call.kind, call.settings.get("max_execution_time"))
        return self._watch.over(
            request.connection,
            session.tag,
            seconds + _GRACE_SECONDS if seconds else None,
            stop_when_gone=call.kind is Kind.READ,
        )

    def _done(self, outcome: Outcome, base: Mapping[str, str], body: bytes = b"") -> Reply:
        summary = {
            "read_rows": str(outcome.read_rows),
            "read_bytes": str(outcome.read_bytes),
            "written_rows": str(outcome.written_rows),
            "written_bytes": str(outcome.written_bytes),
            "elapsed_ns": str(int(outcome.seconds * 1e9)),
        }
        return Reply(200, {**base, "X-ClickHouse-Summary": json.dumps(summary)}, body)

    def _streamed(
        self, session: Session, call: _Call, its_format: str, base: dict[str, str], held: ExitStack
    ) -> Reply:
        """Send blocks as they come. The first two are awaited: errors before them get their own status, and
        an answer of one block goes out whole."""
        blocks = session.stream(call.sql, its_format, call.parameters)
        first = next(blocks, None)
        second = next(blocks, None) if first is not None else None
        if second is None:
            body = first if first is not None else b""
            if first is None and its_format == "Native":
                body = self._native_head(session, call)
            return Reply(200, base, body)
        keep = held.pop_all()  # lane, session and watch are released when the last block is sent

        def rest() -> Iterator[bytes]:
            with keep:
                try:
                    yield first or b""
                    yield second
                    yield from blocks
                finally:
                    blocks.close()  # type: ignore[attr-defined]

        mark = secrets.token_hex(_TAG_LENGTH // 2)

        def broken(problem: Exception) -> bytes:
            text = str(problem).encode() + b"\n"
            return (
                b"\r\n__exception__\r\n%s\r\n" % mark.encode()
                + text
                + b"%d %s\r\n__exception__\r\n" % (len(text), mark.encode())
            )

        return Reply(200, {**base, "X-ClickHouse-Exception-Tag": mark}, blocks=rest(), broken=broken)

    def _load_external(self, session: Session, call: _Call) -> None:
        for name, (input_format, structure, content) in call.external.items():
            quoted = "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
            session.query(f"CREATE TEMPORARY TABLE {quoted} ({structure})".encode(), "TSV", {})
            with BytesIO(content) as rows:
                session.insert(f"INSERT INTO {quoted}".encode(), input_format, rows)

    @staticmethod
    def _native_head(session: Session, call: _Call) -> bytes:
        """The empty Native block of a read without rows: chDB sends none, a server sends names and types."""
        try:
            columns = session.query(
                b"DESCRIBE TABLE (" + without_format(call.sql) + b"\n)", "JSONEachRow", call.parameters
            )
        except QueryError:
            return b""  # SHOW and the like cannot be described
        found = [json.loads(line) for line in columns.body.splitlines()]
        head = bytearray(_length(len(found)) + _length(0))
        for column in found:
            for text in (column["name"].encode(), column["type"].encode()):
                head += _length(len(text)) + text
        return bytes(head)


def _length(number: int) -> bytes:
    """ClickHouse's variable-length integer."""
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
