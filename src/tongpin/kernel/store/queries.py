"""Questions about the copied work events. Callers have checked that the actor may see the workspace."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from tongpin.kernel import clock
from tongpin.kernel.store import client


class Day(NamedTuple):
    """A calendar day of a workspace: how many events, by how many different people."""

    day: date
    events: int
    actors: int


def activity_by_day(workspace_uid: UUID, tz: str, days: int) -> list[Day]:
    """The last ``days`` calendar days in the IANA zone ``tz``, today included, oldest first, quiet days as zero.

    Raises StoreUnavailable, QueryTooHeavy.
    """
    today = clock.today(tz)
    first = today - timedelta(days=days - 1)
    found = client.query(
        """
        SELECT toDate(toTimeZone(at, {tz:String})) AS day,
               count() AS events,
               uniqExactIf(actor_id, actor_id != '') AS actors
        FROM work_events FINAL
        WHERE workspace = {workspace:UUID} AND at >= {since:DateTime64(3, 'UTC')}
        GROUP BY day
        """,
        {"tz": tz, "workspace": workspace_uid, "since": datetime.combine(first, time(), ZoneInfo(tz))},
    )
    by_day = {day: Day(day, events, actors) for day, events, actors in found.rows}
    dates = [first + timedelta(days=offset) for offset in range(days)]
    return [by_day.get(each, Day(each, 0, 0)) for each in dates]


class Contents(NamedTuple):
    """What one table holds: rows as stored (doubles not yet merged included) and bytes on disk."""

    table: str
    rows: int
    bytes: int


def contents() -> list[Contents]:
    """Size of every table of the store, by name. Raises StoreUnavailable."""
    found = client.query(
        """
        SELECT table, sum(rows) AS held, sum(bytes_on_disk) AS size
        FROM system.parts WHERE active AND database = {database:String}
        GROUP BY table ORDER BY table
        """,
        {"database": client.place().database},
    )
    return [Contents(*row) for row in found.rows]
