"""The way to the store for the rest of the product: ``query``, ``insert``, ``command``, ``ping``.

Where it is: ``CLICKHOUSE_URL`` (``http[s]://user:password@host:port/database``), else the embedded store's
``connection.json`` in the data folder, read again when the store is not where it was. Values always go as
parameters: ``query("… WHERE workspace = {workspace:UUID}", {"workspace": uid})``.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import urllib3
from clickhouse_connect.driver import httputil
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError
from clickhouse_connect.driver.external import ExternalData
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tongpin.kernel.errors import DomainError
from tongpin.kernel.store import address as addresses

Value = TypeVar("Value")

DATABASE = "tongpin"
_CONNECT_SECONDS = 3
# More than a read may wait for a place before it begins: the store's own refusal must arrive first.
_MORE_SECONDS = 30
_AUTHENTICATION_FAILED = 516
_UNKNOWN_DATABASE = 81
_TOO_HEAVY = {159, 241, 394}  # time, memory, stopped
_BUSY = {202, 439}


class StoreUnavailable(DomainError):
    """The store cannot be reached. Nothing is lost by it: what is to be stored waits in PostgreSQL."""

    status = 503
    code = "store_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(
            _("The event store does not answer, so figures from events cannot be shown right now."),
            hint=_(
                "It is usually back within seconds. The owner of the server sees its state under “System”."
            ),
        )
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.message} ({self.reason})" if self.reason else str(self.message)


class StoreNotMade(StoreUnavailable):
    """The store answers and its database is not there yet: ``schema.migrate`` makes it."""


class QueryTooHeavy(DomainError):
    """The question needs more time or memory than one question may have, or there are too many at once."""

    status = 503
    code = "query_too_heavy"

    def __init__(self, *, busy: bool) -> None:
        self.busy = busy
        if busy:
            super().__init__(
                _("The event store is busy with other questions."), hint=_("Try again in a moment.")
            )
        else:
            super().__init__(
                _("This question reads more than one question may."),
                hint=_("Choose a shorter time, fewer breakdowns or a narrower filter."),
            )


class StoreError(Exception):
    """The store refused a statement: a fault in ours. ``code`` is ClickHouse's number."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Rows:
    """An answer: names of the columns, and the rows in their order. Times are aware, in UTC."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def dicts(self) -> list[dict[str, Any]]:
        """The rows by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Place:
    """Where the store is and how to enter it."""

    host: str
    port: int
    secure: bool
    user: str
    password: str
    database: str
    embedded: bool

    @property
    def url(self) -> str:
        return f"{'https' if self.secure else 'http'}://{self.host}:{self.port}"


def folder() -> Path:
    """The embedded store's data folder."""
    data: Path = settings.DATA
    return data / "store"


def place() -> Place:
    """Where the store is now. Raises StoreUnavailable if the embedded one has never been started."""
    configured = os.environ.get("CLICKHOUSE_URL")
    if configured:
        parts = urlsplit(configured)
        secure = parts.scheme in ("https", "clickhouses")
        return Place(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or (8443 if secure else 8123),
            secure=secure,
            user=unquote(parts.username or "default"),
            password=unquote(parts.password or ""),
            database=parts.path.strip("/") or DATABASE,
            embedded=False,
        )
    address = addresses.read(folder())
    if address is None:
        raise StoreUnavailable(f"no {addresses.FILE} in {folder()}")
    return Place(address.host, address.port, False, addresses.USER, address.token, DATABASE, True)


_own = threading.local()
_pools: dict[int, urllib3.PoolManager] = {}


def _pool() -> urllib3.PoolManager:
    """Connections of this process to the embedded store: never through a proxy, never shared over a fork."""
    pool = _pools.get(os.getpid())
    if pool is None:
        pool = _pools.setdefault(os.getpid(), httputil.get_pool_manager(maxsize=32))
    return pool


def client() -> Client:
    """This thread's ``clickhouse-connect`` client, made anew when the store has moved.

    Raises StoreUnavailable. Prefer ``query``, ``insert`` and ``command``, which also survive a restart.
    """
    where = place()
    kept: tuple[int, Place, Client] | None = getattr(_own, "client", None)
    if kept is not None and kept[:2] == (os.getpid(), where):
        return kept[2]
    try:
        made = clickhouse_connect.get_client(
            host=where.host,
            port=where.port,
            interface="https" if where.secure else "http",
            username=where.user,
            password=where.password,
            compress=not where.embedded,
            connect_timeout=_CONNECT_SECONDS,
            send_receive_timeout=settings.QUESTION_SECONDS + _MORE_SECONDS,
            autogenerate_session_id=False,  # a session allows one query at a time
            client_name="tongpin",
            tz_mode="aware",
            show_clickhouse_errors="scrub",
            pool_mgr=_pool() if where.embedded else None,
        )
    except (DatabaseError, urllib3.exceptions.HTTPError, OSError) as problem:
        raise StoreUnavailable(_reason(problem)) from problem
    made.database = where.database  # only now: the handshake would fail while the database is not there yet
    _own.client = (os.getpid(), where, made)
    return made


def _forget() -> None:
    with suppress(AttributeError):
        del _own.client


def _reason(problem: BaseException) -> str:
    return f"{type(problem).__name__}: {str(problem)[:300]}"


def run(work: Callable[[Client], Value], *, repeatable: bool) -> Value:
    """Do ``work`` with a client; once more with a fresh one if the connection failed and it is ``repeatable``.

    Raises StoreUnavailable, QueryTooHeavy or StoreError.
    """
    for last in (not repeatable, True):
        try:
            return work(client())
        except (urllib3.exceptions.HTTPError, OSError) as problem:
            _forget()
            if last:
                raise StoreUnavailable(_reason(problem)) from problem
        except DatabaseError as problem:
            code = problem.code
            if code in _BUSY or code in _TOO_HEAVY:
                raise QueryTooHeavy(busy=code in _BUSY) from problem
            if code == _UNKNOWN_DATABASE:
                raise StoreNotMade(_reason(problem)) from problem
            if code is not None and code != _AUTHENTICATION_FAILED:
                raise StoreError(code, str(problem)) from problem
            _forget()  # no answer, or the token of another store
            if last:
                raise StoreUnavailable(_reason(problem)) from problem
        except StoreUnavailable:
            _forget()
            if last:
                raise
        if last:
            break
    raise AssertionError("the last attempt returns or raises")


def query(
    sql: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    options: Mapping[str, Any] | None = None,
    wanted: tuple[str, bytes] | None = None,
    whose: str = "",
) -> Rows:
    """Ask, with ``{name:Type}`` in ``sql`` for every value. ``options`` are ClickHouse settings. ``whose``: a name for
    whoever asks (ClickHouse's ``quota_key``), of whom the embedded store never runs so many that nobody else is served.

    ``wanted``: a table of that name for this question, for more values than an address holds: its columns
    (``"uuid UUID"``) and its rows, a line each, tabs between values.

    Raises StoreUnavailable, QueryTooHeavy, StoreError.
    """
    more = (
        ExternalData(file_name="wanted", data=wanted[1], fmt="TSV", structure=[wanted[0]]) if wanted else None
    )

    given = {**(options or {}), **({"quota_key": whose} if whose else {})}

    def work(each: Client) -> Rows:
        answer = each.query(sql, parameters=dict(parameters or {}), settings=given, external_data=more)
        return Rows(tuple(answer.column_names), [tuple(row) for row in answer.result_rows])

    return run(work, repeatable=True)


def insert(
    table: str, rows: Sequence[Sequence[Any]], columns: Sequence[str], *, token: str | None = None
) -> None:
    """Add rows; when this returns they are on disk.

    With a ``token`` the same rows are taken once however often they are sent, so the insert is repeated by itself
    after a lost connection; without one it is sent once. Raises StoreUnavailable, StoreError.
    """
    if not rows:
        return
    options = {"insert_deduplication_token": token} if token else {}

    def work(each: Client) -> None:
        each.insert(table, rows, column_names=list(columns), settings=options)

    run(work, repeatable=token is not None)


_ONE_BLOCK = {
    "max_insert_block_size": 10_000_000,
    "min_insert_block_size_rows": 10_000_000,
    "min_insert_block_size_bytes": 0,
    "input_format_parallel_parsing": 0,
    "max_partitions_per_insert_block": 0,
}


def insert_lines(table: str, lines: bytes, columns: Sequence[str], *, token: str) -> None:
    """Add rows given as ``JSONCompactEachRow``: a JSON list a line, in the order of ``columns``; on disk on return.

    They go in as one block: of the rows of one partition all are there or none, and each partition is taken once for
    a ``token``, however often and from however many processes at once it is sent. So keep them to some ten thousand.
    Raises StoreUnavailable, QueryTooHeavy, StoreError.
    """
    options = {**_ONE_BLOCK, "insert_deduplication_token": token}

    def work(each: Client) -> None:
        each.raw_insert(table, list(columns), lines, settings=options, fmt="JSONCompactEachRow")

    run(work, repeatable=True)


def command(
    sql: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    options: Mapping[str, Any] | None = None,
    in_database: bool = True,
) -> str | int | list[str]:
    """Run a definition or another statement that answers at most one row. Not repeated by itself. ``options`` are
    ClickHouse settings.

    Raises StoreUnavailable, QueryTooHeavy, StoreError.
    """

    def work(each: Client) -> Any:
        given = dict(options or {})
        return each.command(sql, parameters=dict(parameters or {}), settings=given, use_database=in_database)

    answer: str | int | list[str] = run(work, repeatable=False)
    return answer


def ping(seconds: float = 2.0) -> None:
    """Return if the store answers within ``seconds``; else raise StoreUnavailable. Asks nothing of the engine."""
    where = place()
    pool = _pool() if where.embedded else httputil.default_pool_manager()
    try:
        answer = pool.request("GET", f"{where.url}/ping", timeout=seconds, retries=False)
    except (urllib3.exceptions.HTTPError, OSError) as problem:
        raise StoreUnavailable(_reason(problem)) from problem
    if answer.status != 200:
        raise StoreUnavailable(f"HTTP {answer.status}")
