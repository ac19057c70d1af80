"""One event, whatever SDK it came from; and how it lies in the inbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

VERSION = 1
IDENTIFY = "$identify"
ALIAS = "$create_alias"
BOOKKEEPING = frozenset({IDENTIFY, ALIAS})
"""Never steps, never activity (SPEC I7)."""

SET = "$set"
GROUP = "$groupidentify"
SAYINGS = frozenset({SET, "$set_once", "$unset", GROUP})
"""Say something of a person or a customer. Events like others in the store, but nobody did anything."""

COMPANY = "company"
"""The kind of customer where the SDK knows only one (Segment's ``group``)."""


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What a record says of its person, or of a customer. Keys of ``increment`` are numbers to add, of ``append``
    values to add to a list; ``delete`` forgets every property first."""

    set: dict[str, Any] = field(default_factory=dict)
    set_once: dict[str, Any] = field(default_factory=dict)
    unset: list[str] = field(default_factory=list)
    increment: dict[str, float] = field(default_factory=dict)
    append: dict[str, list[Any]] = field(default_factory=dict)
    delete: bool = False


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """Properties of a customer (PostHog ``$groupidentify``, Segment ``group``, 神策 item or company, our own)."""

    kind: str
    key: str
    change: ProfileChange


@dataclass(frozen=True, slots=True)
class Record:
    """One event of a person.

    ``uuid``: the SDK's own id of the event, or one derived from it, the same at every retry; made here when the SDK
    sends none. ``at``: the client's time in UTC, to the millisecond, as it said it (SPEC I2 clamps it later); None when
    it gave none. ``event`` is ``$identify`` (distinct_id the known id, property ``$anon_distinct_id`` the anonymous
    one) or ``$create_alias`` (property ``alias``) for links between ids, whatever the SDK calls them. ``customers``:
    kind to key of the customers it happened in. ``session``: the SDK's own session id, "" without one.
    """

    uuid: UUID
    event: str
    distinct_id: str
    at: datetime | None
    properties: dict[str, Any]
    person: ProfileChange | None = None
    customers: dict[str, str] = field(default_factory=dict)
    customer: CustomerChange | None = None
    session: str = ""


def dump(records: list[Record]) -> bytes:
    """Records as the inbox keeps them: JSON with ``v`` and short keys; what is empty is left out."""
    return dump_rows([_row(each) for each in records])


def dump_rows(rows: list[dict[str, Any]]) -> bytes:
    """The way back from ``load_rows``."""
    return orjson.dumps({"v": VERSION, "r": rows})


def load(data: bytes) -> list[Record]:
    """What ``dump`` wrote. Raises ValueError for a version this program does not know."""
    return [from_row(row) for row in load_rows(data)]


def load_rows(data: bytes) -> list[dict[str, Any]]:
    """The rows ``dump`` wrote, as they lie there: where a million pass, no objects are made of them."""
    read = orjson.loads(data)
    if read["v"] != VERSION:
        raise ValueError(f"records of version {read['v']}, this program reads {VERSION}")
    rows: list[dict[str, Any]] = read["r"]
    return rows


def _row(record: Record) -> dict[str, Any]:
    row: dict[str, Any] = {
        "u": str(record.uuid),
        "e": record.event,
        "d": record.distinct_id,
        "p": record.properties,
    }
    if record.at is not None:
        row["t"] = round(record.at.timestamp() * 1000)
    if record.session:
        row["s"] = record.session
    if record.customers:
        row["c"] = record.customers
    if record.person is not None:
        row["n"] = _change(record.person)
    if record.customer is not None:
        row["g"] = [record.customer.kind, record.customer.key, _change(record.customer.change)]
    return row


def from_row(row: dict[str, Any]) -> Record:
    """One of the rows ``dump`` writes."""
    customer = row.get("g")
    return Record(
        uuid=UUID(row["u"]),
        event=row["e"],
        distinct_id=row["d"],
        at=datetime.fromtimestamp(row["t"] / 1000, UTC) if "t" in row else None,
        properties=row["p"],
        person=ProfileChange(**row["n"]) if "n" in row else None,
        customers=row.get("c", {}),
        customer=CustomerChange(customer[0], customer[1], ProfileChange(**customer[2])) if customer else None,
        session=row.get("s", ""),
    )


def _change(change: ProfileChange) -> dict[str, Any]:
    return {
        name: value
        for name in ("set", "set_once", "unset", "increment", "append", "delete")
        if (value := getattr(change, name))
    }
