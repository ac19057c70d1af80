"""chDB as the front needs it: sessions with their own settings, lanes, limits, and a way to stop a query.

Facts about chDB 4.4 / engine 26.9 this rests on (measured, two cores):

* One engine and one path a process; any number of connections to it, about 73 kB and 0.4 ms each. They run
  side by side (the GIL is released): ``SELECT 1`` took 2 ms during a GROUP BY over 300 million rows.
* One connection runs one statement at a time. Its state is its own: ``USE``, ``SET``, temporary tables.
* A query cannot be given an id, but it can be found by ``log_comment``, which is why every session sets one,
  and ``KILL QUERY`` from another connection ends it within about 0.1 s.
* Server settings are read from a configuration file; profiles and constraints are not: limits are set here.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar

import psutil

from tongpin.kernel.store.lanes import Lane
from tongpin.kernel.store.statement import Kind

Number = TypeVar("Number", int, float)

_CODE = re.compile(r"Code: (\d+)\. ")
_VERSION_AT_END = re.compile(r"\(version [^)]*\)\s*\Z")
_SETTING_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_IDLE_SESSIONS = 32
_TOKEN = "insert_deduplication_token"  # noqa: S105  names a batch, opens nothing
_CHUNK = 1 << 20

TOO_MANY_QUERIES = 202
BAD_SETTING = 115


class QueryError(Exception):
    """A refusal by the engine, or in its words: ``code`` as ClickHouse numbers them."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True)
class Limits:
    """What queries may use. Bytes, seconds, statements at once."""

    memory_total: int
    memory_per_query: int
    seconds_per_read: float
    seconds_per_write: float = 600.0
    reads_at_once: int = 3
    writes_at_once: int = 4
    seconds_in_queue: float = 15.0

    def seconds(self, kind: Kind, wanted: str | None) -> float | None:
        """How long a statement of ``kind`` may take; None for definitions and administration.

        A caller that asks for more than usual (a backup, a job) gets it, up to what a write may take."""
        if kind is Kind.OTHER:
            return None
        usual = self.seconds_per_read if kind is Kind.READ else self.seconds_per_write
        return _at_most(wanted, max(usual, self.seconds_per_write)) if wanted else usual

    @classmethod
    def sized(cls, memory_limit: int | None, max_execution_time: float) -> Limits:
        """Limits out of one figure: three reads may fill three quarters, inserts and merges have the rest."""
        total = memory_limit or max(1 << 30, int(psutil.virtual_memory().total * 0.3))
        return cls(memory_total=total, memory_per_query=total // 4, seconds_per_read=max_execution_time)


@dataclass(frozen=True)
class Outcome:
    """What a finished statement did: rows and bytes read and written, seconds."""

    body: bytes = b""
    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    seconds: float = 0.0


def _error(problem: Exception, version: str) -> QueryError:
    text = str(problem)
    at = text.find("Code: ")
    text = text[at:].strip() if at >= 0 else f"Code: 1001. DB::Exception: {text.strip()}"
    if version and not _VERSION_AT_END.search(text):
        text = f"{text} (version {version})"
    found = _CODE.match(text)
    return QueryError(int(found.group(1)) if found else 1001, text)


def _literal(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Session:
    """One connection of the engine with its settings. Used by one thread at a time."""

    def __init__(self, connection: Any, tag: str, version: str) -> None:
        self.tag = tag
        self._connection = connection
        self._version = version

    def query(self, sql: bytes, output_format: str, parameters: Mapping[str, str]) -> Outcome:
        """Run a statement to its end; the whole answer in ``output_format`` unless the text names another."""
        try:
            result = self._connection.query(sql, output_format, params=dict(parameters))
        except RuntimeError as problem:
            raise _error(problem, self._version) from None
        return Outcome(
            body=result.bytes() or b"",
            read_rows=result.storage_rows_read(),
            read_bytes=result.storage_bytes_read(),
            written_rows=result.rows_written(),
            written_bytes=result.bytes_written(),
            seconds=result.elapsed(),
        )

    def stream(self, sql: bytes, output_format: str, parameters: Mapping[str, str]) -> Iterator[bytes]:
        """Run a read and yield its answer a block at a time. Closing the iterator cancels the query."""
        connection = self._connection
        ended = False
        try:
            handle = connection.send_query(sql, output_format, params=dict(parameters))
            try:
                while True:
                    block = connection.streaming_fetch_result(handle)
                    if block is None or block.rows_read() == 0:
                        ended = True
                        return
                    yield block.bytes()
            finally:
                if not ended:
                    with suppress(RuntimeError):
                        connection.streaming_cancel_query(handle)
        except RuntimeError as problem:
            raise _error(problem, self._version) from None

    def insert(self, statement: bytes, input_format: str, data: IO[bytes]) -> Outcome:
        """Insert the rest of ``data``, encoded in ``input_format``; committed when this returns."""
        connection = self._connection
        try:
            handle = connection.send_insert(statement, input_format)
            try:
                while chunk := data.read(_CHUNK):
                    connection.insert_append(handle, chunk)
                result = connection.insert_done(handle)
            except BaseException:
                with suppress(RuntimeError):
                    connection.insert_cancel(handle)
                raise
        except RuntimeError as problem:
            raise _error(problem, self._version) from None
        return Outcome(
            written_rows=result.rows_written(),
            written_bytes=result.bytes_written(),
            seconds=result.elapsed(),
        )

    def close(self) -> None:
        with suppress(RuntimeError):
            self._connection.close()


class Engine:
    """The one engine of this process, its data in ``<data_dir>/engine``. Safe to use from many threads."""

    def __init__(self, data_dir: Path, limits: Limits) -> None:
        """Open the engine. Changes the working folder to ``data_dir``: chDB's connection string knows no
        quoting, so a path with a blank, ``?`` or ``&`` in it can only be given relatively."""
        os.environ["TZ"] = "UTC"  # the engine's zone is the process's; everything is stored in UTC
        import chdb  # noqa: PLC0415  loading it takes 0.2 s and 200 MB, and reads TZ

        self.limits = limits
        (data_dir / "engine.xml").write_text(self._configuration(), "utf-8")
        os.chdir(data_dir)
        raw: Any = chdb._chdb  # the thin layer: chdb.connect wraps it in progress bars
        self._connect: Callable[[], Any] = partial(raw.connect, "file:engine?config-file=engine.xml")
        self._control = self._connect()
        self._control_lock = threading.Lock()
        self._idle: OrderedDict[int, tuple[tuple[object, ...], Session]] = OrderedDict()
        self._idle_lock = threading.Lock()
        self._lanes = {
            Kind.READ: Lane(limits.reads_at_once, max(1, limits.reads_at_once - 1)),
            Kind.WRITE: Lane(limits.writes_at_once),
            Kind.OTHER: Lane(2),
        }
        self.version = self._control.query("SELECT version()", "TSV").bytes().decode().strip()

    def _configuration(self) -> str:
        return (
            "<clickhouse><logger><level>none</level></logger><timezone>UTC</timezone>"
            f"<max_server_memory_usage>{self.limits.memory_total}</max_server_memory_usage>"
            f"<mark_cache_size>{min(256 << 20, self.limits.memory_total // 8)}</mark_cache_size>"
            "<background_pool_size>2</background_pool_size></clickhouse>\n"
        )

    @contextmanager
    def lane(self, kind: Kind, whose: str = "") -> Iterator[None]:
        """Hold one of the few places for statements of ``kind``; reads never take the place of an insert, and those of
        one asker (``whose``) never all that there are.

        Raises QueryError 202 if none is free within ``seconds_in_queue``."""
        place = self._lanes[kind]
        if not place.acquire(whose, self.limits.seconds_in_queue):
            raise QueryError(
                TOO_MANY_QUERIES,
                f"Code: {TOO_MANY_QUERIES}. DB::Exception: Too many simultaneous queries: no place for "
                f"another {kind.value} within {self.limits.seconds_in_queue:g} s. "
                "(TOO_MANY_SIMULTANEOUS_QUERIES)",
            )
        try:
            yield
        finally:
            place.release(whose)

    @contextmanager
    def session(
        self, kind: Kind, database: str, settings: Mapping[str, str], *, alone: bool = False
    ) -> Iterator[Session]:
        """A session in ``database`` with ``settings`` (limits clamped). Reads and inserts reuse idle sessions
        with the same settings; one in which a statement failed is closed, not reused."""
        token = settings.get(_TOKEN, "")
        settings = {name: value for name, value in settings.items() if name != _TOKEN}
        key = (kind, database, tuple(sorted(settings.items())))
        reusable = kind is not Kind.OTHER and not alone
        session = (self._take_idle(key) if reusable else None) or self._open(kind, database, settings)
        keep = False
        try:
            if kind is Kind.WRITE:  # each insert has another; "" is none
                session.query(f"SET {_TOKEN} = {_literal(token)}".encode(), "TSV", {})
            yield session
            keep = reusable
        finally:
            if keep:
                self._keep_idle(key, session)
            else:
                session.close()

    def _take_idle(self, key: tuple[object, ...]) -> Session | None:
        with self._idle_lock:
            for number, (its_key, session) in reversed(self._idle.items()):
                if its_key == key:
                    del self._idle[number]
                    return session
        return None

    def _keep_idle(self, key: tuple[object, ...], session: Session) -> None:
        oldest: Session | None = None
        with self._idle_lock:
            self._idle[id(session)] = (key, session)
            if len(self._idle) > _IDLE_SESSIONS:
                oldest = self._idle.popitem(last=False)[1][1]
        if oldest:
            oldest.close()

    def _open(self, kind: Kind, database: str, settings: Mapping[str, str]) -> Session:
        session = Session(self._connect(), secrets.token_hex(8), self.version)
        try:
            values = {**self._within_limits(kind, settings), "log_comment": session.tag}
            clause = ", ".join(f"{name} = {_literal(value)}" for name, value in values.items())
            session.query(f"SET {clause}".encode(), "TSV", {})
            if database and database != "default":
                quoted = database.replace("\\", "\\\\").replace("`", "\\`")
                session.query(f"USE `{quoted}`".encode(), "TSV", {})
        except BaseException:
            session.close()
            raise
        return session

    def _within_limits(self, kind: Kind, settings: Mapping[str, str]) -> dict[str, str]:
        for name in settings:
            if not _SETTING_NAME.match(name):
                raise QueryError(
                    BAD_SETTING,
                    f"Code: {BAD_SETTING}. DB::Exception: Unknown setting '{name}'. (UNKNOWN_SETTING)",
                )
        memory = _at_most(settings.get("max_memory_usage"), self.limits.memory_per_query)
        values = {
            "max_bytes_before_external_group_by": str(memory // 2),
            "max_bytes_before_external_sort": str(memory // 2),
            **settings,
            "max_memory_usage": str(memory),
            "max_untracked_memory": "1048576",
        }
        seconds = self.limits.seconds(kind, settings.get("max_execution_time"))
        if seconds is not None:
            values["max_execution_time"] = f"{seconds:g}"
            values["timeout_overflow_mode"] = "throw"
        return values

    def kill(self, tag: str) -> None:
        """Ask the engine to stop whatever the session with this tag runs; returns at once."""
        with self._control_lock, suppress(RuntimeError):
            self._control.query(f"KILL QUERY WHERE Settings['log_comment'] = {_literal(tag)} ASYNC", "TSV")

    def close(self) -> None:
        """Close every session and the engine; background work is finished or left for the next start."""
        with self._idle_lock:
            for _, session in self._idle.values():
                session.close()
            self._idle.clear()
        with self._control_lock, suppress(RuntimeError):
            self._control.close()


def _at_most(wanted: str | None, ceiling: Number) -> Number:
    """``wanted`` within (0, ceiling]; the ceiling if it is absent, zero (no limit) or no number."""
    try:
        value = type(ceiling)(wanted) if wanted else ceiling
    except ValueError:
        return ceiling
    return value if 0 < value <= ceiling else ceiling
