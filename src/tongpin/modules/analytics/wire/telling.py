"""What every protocol tells apart in the same way: times, ids, names, and rows that are not fit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import orjson

from tongpin.lib.ids import new_id
from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.wire import limits
from tongpin.modules.analytics.wire.body import Read, cleaned, too_deep
from tongpin.modules.analytics.wire.call import Dropped

#: Ids that are no UUIDs become one in here, the same at every retry and from every source.
IDS = UUID("6f1d5f5e-3d0b-5c39-9d5e-0b0c1c6a7e51")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS = range(1970, 2200)
BAD_TIME = "$unreadable_time"
"""The property that keeps what was given as the time and is none; the event then counts when it was received."""


class Unfit(Exception):
    """A row that cannot be taken."""

    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail

    def dropped(self, row: object, at: int) -> Dropped:
        """``row`` is the event as it was sent, of any kind; ``at`` its place in the request."""
        said = row if isinstance(row, dict) else {}
        return Dropped(self.reason, self.detail, brief(said.get("uuid")), brief(said.get("event")), at)


def brief(value: object) -> str:
    """A text of the sender's to show again; "" for anything else."""
    return cleaned(value[: limits.NAME]) if isinstance(value, str) else ""


def fit(row: Any, read: Read, limit: int = limits.EVENT) -> dict[str, Any]:
    """One event of ``read``, cleaned if need be, and not too large or deep. Raises Unfit."""
    if type(row) is not dict:
        raise Unfit(Refusal.SHAPE, "An event must be a JSON object.")
    if too_deep(row):
        raise Unfit(Refusal.SIZE, f"The event is nested deeper than {limits.DEPTH} levels.")
    if read.suspect:
        row = cleaned(row)
    if read.size > limit and len(orjson.dumps(row)) > limit:
        raise Unfit(Refusal.SIZE, f"The event is larger than {limit // limits.MIB} MiB.")
    return row  # type: ignore[no-any-return]


def rows(value: Any) -> list[Any]:
    """The events of a request that may also hold a single one without a list. Raises Unfit."""
    found = value if isinstance(value, list) else [value]
    if len(found) > limits.EVENTS:
        raise Unfit(Refusal.SIZE, f"A request may hold {limits.EVENTS} events; it holds {len(found)}.")
    return found


def object_of(value: Any, what: str) -> dict[str, Any]:
    """Properties: an object, or nothing. Raises Unfit."""
    if value is None:
        return {}
    if type(value) is not dict:
        raise Unfit(Refusal.SHAPE, f"{what} must be a JSON object.")
    if len(value) > limits.PROPERTIES:
        raise Unfit(Refusal.SIZE, f"{what}: more than {limits.PROPERTIES} properties.")
    if value and len(max(value, key=len)) > limits.NAME:
        raise Unfit(Refusal.SIZE, f"{what}: a name is longer than {limits.NAME} characters.")
    return value


def name(value: Any, what: str, limit: int = limits.NAME) -> str:
    """A name or an id: a text of at most ``limit`` characters, or a number as its text; never empty. Raises Unfit."""
    if type(value) is not str:
        value = text(value)
    if not value:
        raise Unfit(Refusal.SHAPE, f"{what} is missing.")
    if len(value) > limit:
        raise Unfit(Refusal.SIZE, f"{what} is longer than {limit} characters.")
    return value  # type: ignore[no-any-return]


def text(value: Any) -> str:
    """An id as text: 7 and 7.0 are "7" (JSON of some languages knows no integers); "" for what cannot be one."""
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    if type(value) is float and value.is_integer():
        return str(int(value))
    return str(value) if type(value) is float else ""


def event_id(value: Any) -> UUID:
    """The SDK's id of the event: a UUID as it is, another text or number as the UUID made of it, none a new one."""
    said = text(value)
    if not said:
        return new_id()
    if len(said) in {36, 32}:
        try:
            return UUID(said)
        except ValueError:
            pass
    return uuid5(IDS, said)


def derived(*parts: object) -> UUID:
    """One id for what ``parts`` name together, the same at every retry."""
    return uuid5(IDS, orjson.dumps([str(part) for part in parts]).decode())


def moment(value: Any) -> datetime | None:
    """A time as SDKs write it, in UTC, cut to the millisecond: ISO 8601 with any offset (none: UTC) or a number of
    seconds, milliseconds, microseconds or nanoseconds since 1970, told by its size. None for anything else and for
    years before 1970 and from 2200 on."""
    if type(value) is str:
        if len(value) > 8 and value.isdecimal():
            return _from_number(float(value[:40]))
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            return None
        if read.tzinfo is None:
            read = read.replace(tzinfo=UTC)
        elif read.tzinfo is not UTC:
            try:
                read = read.astimezone(UTC)
            except OverflowError:
                return None
        if read.year not in YEARS:
            return None
        odd = read.microsecond % 1000
        return read.replace(microsecond=read.microsecond - odd) if odd else read
    return _from_number(value) if type(value) in {int, float} else None


def _from_number(number: float) -> datetime | None:
    if not 0 < number < 1e19:
        return None
    milliseconds = number
    if number < 1e11:
        milliseconds = number * 1000
    elif number >= 1e17:
        milliseconds = number / 1_000_000
    elif number >= 1e14:
        milliseconds = number / 1000
    read = EPOCH + timedelta(milliseconds=int(milliseconds))
    return read if read.year in YEARS else None
