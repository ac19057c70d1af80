"""What one user or one customer did, newest first, straight from the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from tongpin.kernel.store import client
from tongpin.modules.analytics import columns, profiles
from tongpin.modules.analytics.queries.person import wanted

LIMIT = 50
GAP = timedelta(minutes=30)
"""A longer pause ends a session (the definition of sessions everywhere)."""
Cursor = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class Did:
    """One event. ``pause`` is how long nothing had happened before it, where that ended a session; times are UTC."""

    uuid: UUID
    event: str
    distinct_id: str
    at: datetime
    url: str
    properties: dict[str, Any]
    pause: timedelta | None = None

    @property
    def shown(self) -> dict[str, str]:
        """The properties as a page shows them."""
        return profiles.shown(self.properties)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose events: a condition on rows of ``events`` and its parameters, ``workspace`` among them; ``wanted`` as
    ``client.query`` takes it."""

    sql: str
    parameters: dict[str, Any]
    wanted: tuple[str, bytes] | None = None


def of_person(workspace: UUID, dids: Sequence[int]) -> Whose:
    """Of a user, by the hashes (UInt64) of all its ids."""
    return Whose("workspace = {workspace:UUID} AND did IN wanted", {"workspace": workspace}, wanted(dids))


def of_customer(workspace: UUID, kind: str, key: str) -> Whose:
    """Of a customer: what users did in its name."""
    return Whose(
        "workspace = {workspace:UUID} AND customers[{kind:String}] = {key:String}",
        {"workspace": workspace, "kind": kind, "key": key},
    )


def events(
    whose: Whose, name: str = "", after: Cursor | None = None, limit: int = LIMIT
) -> tuple[list[Did], Cursor | None]:
    """A piece of the events, newest first, and the cursor of the next. ``name``: only events of that name.

    Raises StoreUnavailable, QueryTooHeavy.
    """
    found = client.query(
        f"""
        SELECT uuid, event, distinct_id, timestamp, url, toString(properties) AS plain, nested, {_PROMOTED}
        FROM events
        WHERE {whose.sql} AND ({{name:String}} = '' OR event = {{name:String}})
          AND ({{whole:UInt8}} OR (timestamp, uuid) < (fromUnixTimestamp64Milli({{at:Int64}}, 'UTC'), {{uuid:UUID}}))
        ORDER BY timestamp DESC, uuid DESC
        LIMIT {{limit:UInt32}}
        """,  # noqa: S608  the condition and the names are ours
        {
            **whose.parameters,
            "name": name,
            "whole": int(after is None),
            "at": round(after[0].timestamp() * 1000) if after else 0,
            "uuid": after[1] if after else UUID(int=0),
            "limit": limit + 1,
        },
        wanted=whose.wanted,
    )
    rows = found.rows
    shown = []
    for number, row in enumerate(rows[:limit]):
        before = rows[number + 1][3] if number + 1 < len(rows) else None
        pause = row[3] - before if before is not None and row[3] - before > GAP else None
        uuid, event, distinct_id, at, url, plain, nested, *promoted = row
        shown.append(
            Did(uuid, event, distinct_id, at, url or "", _properties(plain, nested, promoted), pause)
        )
    more = shown[-1] if len(rows) > limit else None
    return shown, (more.at, more.uuid) if more else None


_PROMOTED = ", ".join(columns.PROMOTED.values())


def _properties(plain: str, nested: str, promoted: Sequence[str | None]) -> dict[str, Any]:
    """The event's properties as they were sent, by name."""
    found: dict[str, Any] = {columns.name_of(key): value for key, value in _flat(orjson.loads(plain))}
    found |= {name: v for name, v in zip(columns.PROMOTED, promoted, strict=True) if v is not None}
    if nested:
        found |= orjson.loads(nested)
    return dict(sorted(found.items()))


def _flat(tree: dict[str, Any], above: str = "") -> list[tuple[str, Any]]:
    """Keys of the store's JSON column are paths; ours hold no dots, so a path is one key."""
    found = []
    for key, value in tree.items():
        path = f"{above}.{key}" if above else key
        found += _flat(value, path) if isinstance(value, dict) else [(path, value)]
    return found


def count(whose: Whose) -> int:
    """How many events there are."""
    ((found,),) = client.query(
        f"SELECT count() FROM events WHERE {whose.sql}",  # noqa: S608  the condition is ours
        whose.parameters,
        wanted=whose.wanted,
    ).rows
    return int(found)


def names(whose: Whose) -> list[tuple[str, int]]:
    """Which events there are, with how many, the most frequent first; fifty at most."""
    found = client.query(
        f"SELECT event, count() AS n FROM events WHERE {whose.sql} GROUP BY event ORDER BY n DESC, event LIMIT 50",  # noqa: S608
        whose.parameters,
        wanted=whose.wanted,
    )
    return [(event, count) for event, count in found.rows]
