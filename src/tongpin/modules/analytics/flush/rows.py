"""Rows of the store out of arrivals. Runs for every event, so it takes the rows as they lie and makes no objects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from tongpin.modules.analytics.columns import PROMOTED, key
from tongpin.modules.analytics.wire.record import load_rows

FUTURE = 23 * 3600 * 1000
"""Milliseconds a client's clock may be ahead before its time is not believed (SPEC I2); exactly so much stays."""
_EARLIEST, _LATEST = 0, 7_258_118_400_000  # 1970 and 2200: what the store can hold, with room

COLUMNS = (
    "workspace",
    "source",
    "uuid",
    "event",
    "distinct_id",
    "timestamp",
    "client_at",
    "received_at",
    "session",
    "customers",
    *PROMOTED.values(),
    "properties",
    "nested",
)
_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\Z")
_PLACES = {name: place for place, name in enumerate(PROMOTED)}
_NOTHING = [None] * len(PROMOTED)


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose events they are: the primary key, and the public ids as text."""

    workspace: int
    workspace_uid: str
    source_uid: str


class Waiting(NamedTuple):
    """An arrival as it is read: ``received_at`` in milliseconds since 1970."""

    id: int
    source: int
    received_at: int
    records: bytes


class Row(NamedTuple):
    """One event. ``row`` as ``wire.record.dump`` writes it; times in milliseconds since 1970."""

    origin: Origin
    row: dict[str, Any]
    received_at: int
    client_at: int
    at: int
    timed: bool
    """Whether the client gave a time."""
    arrival: int


class Unreadable(NamedTuple):
    arrival: int
    reason: str


def expand(arrivals: Sequence[Waiting], origins: dict[int, Origin]) -> tuple[list[Row], list[Unreadable]]:
    """Every row of the arrivals in their order; arrivals of which any row cannot be read give none.

    Arrivals of a source that is not in ``origins`` give no rows: it was erased with its workspace.
    """
    rows: list[Row] = []
    bad: list[Unreadable] = []
    for waiting in arrivals:
        origin = origins.get(waiting.source)
        if origin is None:
            continue
        try:
            rows += [_row(origin, row, waiting) for row in load_rows(waiting.records)]
        except Exception as error:  # noqa: BLE001  whatever it is, what lies behind must not wait
            bad.append(Unreadable(waiting.id, f"{type(error).__name__}: {error}"[:500]))
    return rows, bad


def _row(origin: Origin, row: dict[str, Any], waiting: Waiting) -> Row:
    if not (
        _ID.match(row["u"]) and type(row["e"]) is str and type(row["d"]) is str and type(row["p"]) is dict
    ):
        raise TypeError("a record without id, event, distinct id or properties")
    received = waiting.received_at
    said = row.get("t")
    if said is None:
        return Row(origin, row, received, received, received, False, waiting.id)
    client_at = min(max(int(said), _EARLIEST), _LATEST)
    at = client_at if client_at <= received + FUTURE else received
    return Row(origin, row, received, client_at, at, True, waiting.id)


def repeated(rows: Sequence[Row]) -> set[int]:
    """Places of rows that are the same event as another one, which was received earlier, or first (SPEC I1)."""
    kept: dict[tuple[str, str], int] = {}
    out: set[int] = set()
    for place, row in enumerate(rows):
        same = (row.origin.source_uid, row.row["u"])
        before = kept.setdefault(same, place)
        if before == place:
            continue
        if row.received_at < rows[before].received_at:
            kept[same] = place
            out.add(before)
        else:
            out.add(place)
    return out


def lines(rows: Iterable[Row]) -> bytes:
    """The rows as ``JSONCompactEachRow`` in the order of COLUMNS."""
    return b"\n".join([_line(row) for row in rows])


def _line(row: Row) -> bytes:
    data = row.row
    promoted = _NOTHING.copy()
    plain: dict[str, Any] = {}
    nested: dict[str, Any] | str = ""
    for name, value in data["p"].items():
        kind = type(value)
        if kind is str:
            place = _PLACES.get(name)
            if place is None:
                plain[key(name)] = value
            else:
                promoted[place] = value
        elif kind is dict or kind is list:
            if nested == "":
                nested = {}
            nested[name] = value  # type: ignore[index]
        elif value is not None:
            plain[key(name)] = value
    return orjson.dumps(
        (
            row.origin.workspace_uid,
            row.origin.source_uid,
            data["u"],
            data["e"],
            data["d"],
            row.at / 1000,
            row.client_at / 1000,
            row.received_at / 1000,
            data.get("s", ""),
            data.get("c", {}),
            *promoted,
            plain,
            nested,
        )
    )
