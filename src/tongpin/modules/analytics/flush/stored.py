"""What the store knows of events about to come in, and the two things the flusher does to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from uuid import UUID

from tongpin.kernel.store import client
from tongpin.modules.analytics.flush.rows import COLUMNS, Row, lines

TABLE = "events"
_SLACK = 10 * 60 * 1000
"""Milliseconds by which the client's time of a retry may differ: some SDKs send how long ago it was."""
_UNTIMED = 24 * 3600 * 1000
"""How long a retry of an event without a client's time is known by its id."""
_MOST_RANGES = 40

Same = tuple[str, str]
"""(source, uuid) as text: what makes two rows the same event."""


def same(row: Row) -> Same:
    return row.origin.source_uid, row.row["u"]


def known(rows: Sequence[Row]) -> dict[Same, int]:
    """Those of the events that the store has, with the smallest ``received_at`` (milliseconds since 1970).

    Looks only at the times the events have, a little more for clocks of retries. Raises StoreUnavailable and the like.
    """
    if not rows:
        return {}
    where = " OR ".join(
        f"client_at BETWEEN fromUnixTimestamp64Milli({low}, 'UTC') AND fromUnixTimestamp64Milli({high}, 'UTC')"
        for low, high in ranges(rows)
    )
    sql = (
        f"SELECT source, uuid, min(toUnixTimestamp64Milli(received_at)) FROM {TABLE}"  # noqa: S608  numbers of ours
        f" WHERE ({where}) AND uuid IN wanted GROUP BY source, uuid"
    )

    wanted = "\n".join({row.row["u"] for row in rows}).encode()
    found = client.query(sql, wanted=("uuid UUID", wanted)).rows
    return {(str(source), str(uuid)): received for source, uuid, received in found}


def ranges(rows: Iterable[Row]) -> list[tuple[int, int]]:
    """Stretches of time, in milliseconds since 1970, that hold every event and where its retries may lie; few."""
    wanted = sorted(
        (row.client_at - _SLACK, row.client_at + _SLACK)
        if row.timed
        else (row.client_at - _UNTIMED, row.client_at + _UNTIMED)
        for row in rows
    )
    found: list[tuple[int, int]] = []
    for low, high in wanted:
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    if len(found) > _MOST_RANGES:
        gaps = sorted((after[0] - before[1] for before, after in pairwise(found)), reverse=True)
        widest = gaps[_MOST_RANGES - 2]
        joined = found[:1]
        for low, high in found[1:]:
            if low - joined[-1][1] <= widest:
                joined[-1] = (joined[-1][0], high)
            else:
                joined.append((low, high))
        found = joined
    return found


def put(rows: Sequence[Row], token: UUID) -> None:
    """Insert the rows, once for a ``token``; on disk on return."""
    if rows:
        client.insert_lines(TABLE, lines(rows), COLUMNS, token=str(token))


def forget(rows: Sequence[Row], known: dict[Same, int]) -> None:
    """Remove the stored copies of the rows, which were received later than these."""
    later = [(source, uuid, known[source, uuid]) for source, uuid in map(same, rows)]
    if later:
        client.command(
            f"DELETE FROM {TABLE} WHERE (source, uuid, toUnixTimestamp64Milli(received_at)) IN "  # noqa: S608
            "arrayZip({sources:Array(UUID)}, {uuids:Array(UUID)}, {received:Array(Int64)})",
            {
                "sources": [source for source, _, _ in later],
                "uuids": [uuid for _, uuid, _ in later],
                "received": [at for _, _, at in later],
            },
        )
