"""Who is who (SPEC I6), as far as it needs no database: what a batch says of ids, and how links make persons.

An id is named by its *did*: the 64-bit hash of the distinct id, the same number in every row of the store. PostgreSQL
and this package keep it signed (bigint); ``unsigned`` gives the store's UInt64.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from tongpin.lib.siphash import siphash64
from tongpin.modules.analytics.wire.record import ALIAS, IDENTIFY, Record

ANON = "$anon_distinct_id"


@lru_cache(maxsize=1 << 16)
def did(distinct_id: str) -> int:
    """The id's hash, signed: the same bits as ``events.did``."""
    return signed(siphash64(distinct_id.encode()))


def signed(number: int) -> int:
    """A UInt64 as PostgreSQL keeps it."""
    return number - (1 << 64) if number >> 63 else number


def unsigned(number: int) -> int:
    """A did as the store keeps it."""
    return number % (1 << 64)


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """When an event happened, and its uuid to tell events of one moment apart: the order everything is decided by."""

    at: datetime
    uuid: UUID


@dataclass(slots=True)
class Heard:
    """What a batch says of ids. ``identify``: (anonymous, known) to its first stamp; ``alias``: (other, id) likewise.

    ``identified``: every id that some ``$identify`` of the batch names as known, whatever became of the link.
    ``ids``: did to distinct id of all of them.
    """

    identify: dict[tuple[int, int], Stamp] = field(default_factory=dict)
    alias: dict[tuple[int, int], Stamp] = field(default_factory=dict)
    identified: set[int] = field(default_factory=set)
    ids: dict[int, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.ids)

    def _id(self, distinct_id: str) -> int:
        number = did(distinct_id)
        self.ids[number] = distinct_id
        return number

    def add(self, record: Record, at: datetime) -> None:
        """Take in one record; what is no bookkeeping event says nothing."""
        if record.event == IDENTIFY:
            known = self._id(record.distinct_id)
            self.identified.add(known)
            self._claim(self.identify, record, at, known, ANON)
        elif record.event == ALIAS:
            self._claim(self.alias, record, at, None, "alias")

    def _claim(
        self,
        claims: dict[tuple[int, int], Stamp],
        record: Record,
        at: datetime,
        known: int | None,
        name: str,
    ) -> None:
        other = record.properties.get(name)
        if not isinstance(other, str) or not other or other == record.distinct_id:
            return
        pair = (self._id(other), self._id(record.distinct_id) if known is None else known)
        stamp = Stamp(at, record.uuid)
        if pair not in claims or stamp < claims[pair]:
            claims[pair] = stamp


def heard(fresh: Iterable[tuple[Record, datetime]]) -> Heard:
    """What these records, with the times they count at, say of ids."""
    found = Heard()
    for record, at in fresh:
        found.add(record, at)
    return found


def persons(members: Iterable[int], links: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each member to its person: the smallest did of those it is connected with. Links to non-members are left out."""
    above = {each: each for each in members}

    def root(one: int) -> int:
        while above[one] != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    for left, right in links:
        if left in above and right in above:
            low, high = sorted((root(left), root(right)))
            above[high] = low
    return {each: root(each) for each in above}
