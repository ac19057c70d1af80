"""Who hears of events that have just come into the store, in the transaction that takes them out of the inbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tongpin.modules.analytics.wire.record import Record, from_row

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Fresh:
    """One event new to the store. ``row`` is as ``wire.record.dump`` writes it (``e`` event, ``d`` distinct id,
    ``p`` properties, ``n`` person, ``g`` customer); ``record`` makes the object, which costs time.

    ``at`` is the time it counts by (SPEC I2 applied), ``received_at`` when it came: UTC, milliseconds since 1970.
    Unpacks as (record, received_at, at) with aware times.
    """

    __slots__ = ("at", "received_at", "row")

    def __init__(self, row: dict[str, Any], received_at: int, at: int) -> None:
        self.row, self.received_at, self.at = row, received_at, at

    @property
    def record(self) -> Record:
        return from_row(self.row)

    def __iter__(self) -> Iterator[Any]:
        yield self.record
        yield _moment(self.received_at)
        yield _moment(self.at)


def _moment(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)


Hook = Callable[[int, list[Fresh]], None]
after_flush: list[Hook] = []
"""Called with the primary key of a workspace and its new events in the order they came, once for each event. What a
hook writes commits together with the events leaving the inbox; if it raises, the whole batch is tried again."""

Gate = Callable[[Sequence[Any]], set[int]]
kept_out: list[Gate] = []
"""Asked with the rows of a batch (``flush.rows.Row``) before it is made: the places of those that may not come in."""
