"""What the columns of a file of events are, and the record a row becomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from pydantic import BaseModel, ConfigDict, Field

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.wire import limits, telling
from tongpin.modules.analytics.wire.body import cleaned, too_deep
from tongpin.modules.analytics.wire.record import Record
from tongpin.modules.analytics.wire.telling import Unfit

IMPORT = "$import"
"""The property of imported events that names their import: by it they are taken back. An SDK may send it too; who
knows the import's id then has events of their own taken back with it, and no others."""

#: Names that columns of exports have, lower-case, likeliest first.
USUAL = {
    "event": ("event", "event_name", "eventname", "name", "action", "event_type", "事件", "事件名"),
    "user": (
        "distinct_id",
        "user_id",
        "userid",
        "uid",
        "customer_id",
        "user",
        "anonymous_id",
        "用户",
        "用户id",
    ),
    "time": ("timestamp", "time", "event_time", "ts", "date", "datetime", "created_at", "时间", "日期"),
    "id": ("uuid", "event_id", "insert_id", "$insert_id", "message_id", "messageid"),
    "customer": ("company_id", "account_id", "organization_id", "group_id", "客户"),
}


class Columns(BaseModel):
    """Which column is what. Every other column becomes a property; of JSON lines and Parquet, a column ``properties``
    that holds an object gives its keys.

    ``name`` is the event of every row when there is no column for it. Times without an offset are in ``zone``.
    ``id`` is the event's own id: the same id twice is one event, in every file and every import. ``left_out`` are
    columns that become nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    event: str = ""
    name: str = Field("", max_length=limits.NAME)
    user: str = Field(min_length=1)
    time: str = Field(min_length=1)
    id: str = ""
    customer: str = ""
    customer_kind: str = Field("company", min_length=1, max_length=limits.NAME)
    zone: str = "UTC"
    left_out: list[str] = Field(default_factory=list)

    def written(self) -> dict[str, Any]:
        """As JSON, by which two imports are told to be alike: in any order, and without what is not used."""
        said = self.model_dump(exclude={"left_out"})
        return {**said, "left_out": sorted(self.left_out)} if self.left_out else said

    def missing(self, columns: Iterable[str]) -> list[str]:
        """Columns named here that the file does not have."""
        have = set(columns)
        return [c for c in (self.event, self.user, self.time, self.id, self.customer) if c and c not in have]


def guess(columns: Iterable[str], zone: str) -> dict[str, str]:
    """What ``Columns`` can be told from the names alone; keys that cannot be told are left out."""
    by_name = {name.strip().lower(): name for name in columns}
    found = {
        role: by_name[likely[0]]
        for role, names in USUAL.items()
        if (likely := [name for name in names if name in by_name])
    }
    return {**found, "zone": zone}


class Rows:
    """Makes records of rows. Keeps a count of rows alike: where rows have no id of their own, the second of two alike
    is another event, and reading the same file again gives the same ids.
    """

    def __init__(self, columns: Columns, source: UUID, named: UUID) -> None:
        self._columns, self._source, self._named = columns, source.bytes, str(named)
        self._zone = ZoneInfo(columns.zone)
        self._alike: Counter[bytes] = Counter()
        self._taken = {columns.event, columns.user, columns.time, columns.id, *columns.left_out} - {""}

    def record(self, cells: Mapping[str, Any]) -> Record:
        """The event of one row. Raises Unfit with what is wrong with it."""
        columns = self._columns
        event = (
            telling.name(cells.get(columns.event), f"“{columns.event}”") if columns.event else columns.name
        )
        who = telling.name(cells.get(columns.user), f"“{columns.user}”")
        at = self._moment(cells.get(columns.time))
        properties = {
            name: value for name, value in cells.items() if name not in self._taken and value is not None
        }
        inner = properties.get("properties")
        if isinstance(inner, dict):
            del properties["properties"]
            properties = {**properties, **inner}
        properties = telling.object_of(cleaned(properties), "the row")
        if too_deep(properties):
            raise Unfit(Refusal.SIZE, f"nested deeper than {limits.DEPTH} levels")
        row = orjson.dumps([event, who, at.timestamp(), properties], option=orjson.OPT_SORT_KEYS)
        if len(row) > limits.EVENT:
            raise Unfit(Refusal.SIZE, f"larger than {limits.EVENT // limits.MIB} MiB")
        uid = self._id(cells, row)
        customer = cleaned(telling.text(cells.get(columns.customer))) if columns.customer else ""
        if customer:
            telling.name(customer, f"“{columns.customer}”")
        return Record(
            uid,
            cleaned(event),
            cleaned(who),
            at,
            {**properties, IMPORT: self._named},
            customers={columns.customer_kind: customer} if customer else {},
        )

    def _id(self, cells: Mapping[str, Any], row: bytes) -> UUID:
        if self._columns.id:
            said = telling.text(cells.get(self._columns.id))
            if not said:
                raise Unfit(Refusal.SHAPE, f"“{self._columns.id}” is missing.")
            return telling.event_id(said)
        alike = blake2b(row, digest_size=16, key=self._source).digest()
        self._alike[alike] += 1
        if self._alike[alike] > 1:
            alike = blake2b(alike + self._alike[alike].to_bytes(8, "big"), digest_size=16).digest()
        return UUID(bytes=alike, version=5)

    def _moment(self, value: Any) -> datetime:
        """A time of the file, cut to the millisecond, in UTC. Raises Unfit."""
        if isinstance(value, str):
            value = value.strip()
        # Thirteen digits are milliseconds, though ISO 8601 can see a day and an hour in some of them.
        if isinstance(value, str) and not (len(value) > 8 and value.isdecimal()):
            with suppress(ValueError, OverflowError):
                read = datetime.fromisoformat(value)
                if read.tzinfo is None:
                    value = read.replace(tzinfo=self._zone).astimezone(UTC).isoformat()
        found = telling.moment(value)
        if found is None:
            raise Unfit(
                Refusal.SHAPE,
                f"“{self._columns.time}” is no time: {telling.brief(str(value))[:60]!r}",
            )
        return found
