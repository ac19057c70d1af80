"""The flusher: arrivals out of the inbox, into the store exactly once, whatever dies in between.

Like the outbox of mails these rows are the mechanism's own: no person asks for them, so no action stands behind each.
The order is what makes it exact: a ``Batch`` says which rows go under which token, and is committed; the rows go in
as one block, which the store takes once for the token; one transaction hands them to identity and the catalogue and
removes batch and arrivals. Whoever comes after a crash finds the batch and does the same again.
"""

from __future__ import annotations

import gc
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction

from tongpin.kernel.store.client import QueryTooHeavy, StoreError, StoreUnavailable
from tongpin.modules.analytics.flush import stored
from tongpin.modules.analytics.flush.hooks import Fresh, after_flush, kept_out
from tongpin.modules.analytics.flush.rows import Origin, Row, Unreadable, Waiting, expand, repeated
from tongpin.modules.analytics.models import Arrival, Batch, ParkedArrival, Source
from tongpin.modules.analytics.wire.record import dump_rows

log = structlog.get_logger("tongpin.flush")

CHANNEL = "analytics_arrivals"
LOCK = 0x7470_666C
MOST_ARRIVALS = 20_000
MOST_EVENTS = 20_000
MOST_BYTES = 32 << 20
GATHER_SECONDS = 0.5
"""A batch that is not full waits until so long after the one before: each makes a part that has to be merged."""
ENOUGH = 5_000
"""Events worth a batch at once."""
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)
# What ClickHouse says of data it cannot read, before it has written any of it.
_UNREADABLE = {6, 25, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 131, 321, 349, 376, 467, 473, 636}


class Overtaken(Exception):
    """Another worker has finished this batch."""


@dataclass(slots=True)
class Load:
    """A batch with its rows. ``fresh`` are those it brings in, ``known`` what the store has of them: from an attempt
    that was cut off, or received later; of ``told`` everybody has heard, when their copies received later came in."""

    batch: Batch
    fresh: list[Row]
    known: dict[stored.Same, int]
    told: set[stored.Same]

    @property
    def missing(self) -> list[Row]:
        """Rows to send: not there, or there as received later."""
        return [
            row
            for row in self.fresh
            if self.known.get(stored.same(row), row.received_at + 1) > row.received_at
        ]

    @property
    def superseding(self) -> list[Row]:
        return [row for row in self.fresh if self.known.get(stored.same(row), 0) > row.received_at]


class Flusher:
    """One in each worker; the one that holds the lock works. ``step`` is what the worker's loop calls."""

    def __init__(self) -> None:
        self._not_before = 0.0
        self._failures = 0
        self._last = 0.0

    def step(self) -> int:
        """Bring one batch into the store; how many events that were. 0: nothing to do, or not now."""
        if time.monotonic() < self._not_before:
            return 0
        gc.disable()  # a batch makes a million objects and no cycles: looking through them takes a third of its time
        try:
            done = run_once(patient=time.monotonic() - self._last < GATHER_SECONDS)
        except (StoreUnavailable, QueryTooHeavy, StoreError) as error:
            pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
            self._failures += 1
            self._not_before = time.monotonic() + pause
            log.warning("flush.waiting", seconds=pause, reason=str(error)[:300])
            return 0
        finally:
            gc.enable()
        self._failures = 0
        if done:
            self._last = time.monotonic()
        return done


def run_once(*, patient: bool = False) -> int:
    """Finish the open batch, or make and finish the next one. Returns how many arrivals left the inbox.

    ``patient``: only if there is enough for a batch. Raises StoreUnavailable, QueryTooHeavy or StoreError when the
    store does not take it; everything stays as it is for the next time.
    """
    with alone() as held:
        if not held:
            return 0
        batch = Batch.objects.first()
        if batch is None and patient and not _enough():
            return 0
        load = _begin() if batch is None else _resume(batch)
        if load is None:
            return 0
        try:
            stored.forget(load.superseding, load.known)
            stored.put(load.missing, load.batch.token)
        except (StoreUnavailable, QueryTooHeavy, StoreError) as error:
            if isinstance(error, StoreError) and error.code in _UNREADABLE:
                return _halve(load, str(error))
            Batch.objects.filter(pk=load.batch.pk).update(
                tries=load.batch.tries + 1, trouble=str(error)[:500]
            )
            raise
        return _finish(load)


@contextmanager
def alone() -> Iterator[bool]:
    """One flusher at a time. A session's lock: it goes with its process or its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        (held,) = cursor.fetchone()
    if not held:
        yield False
        return
    try:
        yield True
    finally:
        with suppress(OperationalError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _enough() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(count) FROM (SELECT count FROM analytics_arrival ORDER BY id LIMIT %s) AS next",
            [ENOUGH],
        )
        (waiting,) = cursor.fetchone()
    return (waiting or 0) >= ENOUGH


def _begin() -> Load | None:
    """Take what waits, up to the limits, and commit to it. None if nothing waits."""
    arrivals = _waiting()
    if not arrivals:
        return None
    rows, bad = expand(arrivals, origins(arrivals))
    known = stored.known(rows)
    duplicates, again = repeated(rows), []
    for gate in kept_out:
        duplicates |= gate(rows)
    for place, row in enumerate(rows):
        received = known.get(stored.same(row))
        if received is None or place in duplicates:
            continue
        if received <= row.received_at:
            duplicates.add(place)
        else:
            again.append(place)
    refused = {each.arrival for each in bad}
    ids = [each.id for each in arrivals if each.id not in refused]
    batch = Batch(token=uuid.uuid4(), arrivals=ids, duplicates=sorted(duplicates), again=again)
    with transaction.atomic():
        _park(bad)
        batch.save(force_insert=True)
        if Arrival.objects.filter(id__in=ids).count() != len(ids):
            raise IntegrityError("arrivals of this batch were taken by another worker")
    return _load(batch, rows, known)


def _resume(batch: Batch) -> Load:
    """The batch of a flusher that did not come to its end, with what of it came into the store."""
    arrivals = _waiting(batch.arrivals)
    rows, _bad = expand(arrivals, origins(arrivals))
    log.info("flush.resumed", events=len(rows), tries=batch.tries)
    return _load(batch, rows, stored.known(rows))


def _load(batch: Batch, rows: list[Row], known: dict[stored.Same, int]) -> Load:
    duplicates = set(batch.duplicates)
    fresh = [row for place, row in enumerate(rows) if place not in duplicates]
    return Load(batch, fresh, known, {stored.same(rows[place]) for place in batch.again})


_READ = """
SELECT id, source, floor(extract(epoch FROM received_at) * 1000)::bigint, records FROM (
    SELECT id, source, received_at, count, records,
        sum(count) OVER running - count AS events,
        sum(octet_length(records)) OVER running - octet_length(records) AS bytes
    FROM (SELECT * FROM analytics_arrival ORDER BY id LIMIT %s) AS next WINDOW running AS (ORDER BY id)
) AS measured WHERE events < %s AND bytes < %s ORDER BY id
"""
_READ_THESE = """
SELECT id, source, floor(extract(epoch FROM received_at) * 1000)::bigint, records
FROM analytics_arrival WHERE id = ANY(%s) ORDER BY id
"""


def _waiting(these: Sequence[int] | None = None) -> list[Waiting]:
    with connection.cursor() as cursor:
        if these is None:
            cursor.execute(_READ, [MOST_ARRIVALS, MOST_EVENTS, MOST_BYTES])
        else:
            cursor.execute(_READ_THESE, [list(these)])
        return [
            Waiting(pk, source, received, bytes(records))
            for pk, source, received, records in cursor.fetchall()
        ]


def origins(arrivals: Sequence[Waiting]) -> dict[int, Origin]:
    """By the primary key of their source; those of sources that are gone are left out."""
    sources = Source.objects.filter(pk__in={each.source for each in arrivals})
    return {
        pk: Origin(workspace, str(workspace_uid), str(source_uid))
        for pk, source_uid, workspace, workspace_uid in sources.values_list(
            "pk", "public_id", "workspace", "workspace__public_id"
        )
    }


def _finish(load: Load) -> int:
    """The rows are in the store: tell whoever has to know, and let the arrivals go."""
    try:
        with transaction.atomic():
            tell([row for row in load.fresh if stored.same(row) not in load.told])
            return _let_go(load.batch)
    except (OperationalError, InterfaceError, Overtaken):
        raise
    except Exception:
        log.exception("flush.hook_failed")
    with transaction.atomic():
        _tell_one_by_one(load)
        return _let_go(load.batch)


def _let_go(batch: Batch) -> int:
    if not Batch.objects.filter(pk=batch.pk).delete()[0]:
        raise Overtaken
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM analytics_arrival WHERE id = ANY(%s)", [batch.arrivals])
    return len(batch.arrivals) or 1


def tell(rows: Sequence[Row]) -> None:
    """Call each hook with the events of each workspace. Within the transaction that notes that they were told."""
    fresh: dict[int, list[Fresh]] = defaultdict(list)
    for row in rows:
        fresh[row.origin.workspace].append(Fresh(row.row, row.received_at, row.at))
    for workspace, events in fresh.items():
        for hook in after_flush:
            hook(workspace, events)


def _tell_one_by_one(load: Load) -> None:
    """As ``tell``, an arrival at a time; one on which a hook fails is parked, its events being in the store."""
    by_arrival: dict[int, list[Row]] = defaultdict(list)
    for row in load.fresh:
        if stored.same(row) in load.told:
            continue
        by_arrival[row.arrival].append(row)
    for arrival, rows in by_arrival.items():
        try:
            with transaction.atomic():
                tell(rows)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001  a fault of ours must not hold up everybody's events
            # Of its events others may be told already, and must not be again: only these are kept.
            _park([Unreadable(arrival, words_of(error))], untold=[row.row for row in rows])


def words_of(error: Exception) -> str:
    """The reason of a parked arrival."""
    return f"{type(error).__name__}: {error}"[:500].replace("\0", "�")


def _halve(load: Load, reason: str) -> int:
    """The store cannot read the batch: go on with half of it, or park the one arrival that is left."""
    ids = load.batch.arrivals
    log.warning("flush.unreadable", arrivals=len(ids), reason=reason[:300])
    with transaction.atomic():
        if not Batch.objects.filter(pk=load.batch.pk).delete()[0]:
            raise Overtaken
        if len(ids) == 1:
            _park([Unreadable(ids[0], reason[:500])])
            return 1
        half = ids[: len(ids) // 2]
        arrivals = _waiting(half)
        rows, _bad = expand(arrivals, origins(arrivals))
        Batch.objects.create(
            token=uuid.uuid4(),
            arrivals=half,
            duplicates=[place for place in load.batch.duplicates if place < len(rows)],
            again=[place for place in load.batch.again if place < len(rows)],
            began_at=load.batch.began_at,  # who was kept out was asked then
        )
    return 1


def _park(bad: Sequence[Unreadable], *, untold: list[dict[str, Any]] | None = None) -> None:
    """Move arrivals out of the way, with the reason; of one that is stored only the events ``untold`` stay."""
    stored = untold is not None
    reasons = {each.arrival: each.reason for each in bad}
    waiting = Arrival.objects.filter(pk__in=reasons)
    ParkedArrival.objects.bulk_create(
        ParkedArrival(
            source=each.source,
            received_at=each.received_at,
            count=each.count if untold is None else len(untold),
            records=each.records if untold is None else dump_rows(untold),
            reason=reasons[each.pk].replace("\0", "�"),
            stored=stored,
        )
        for each in waiting
    )
    waiting.delete()
    for pk, reason in reasons.items():
        log.warning("flush.parked", arrival=pk, reason=reason[:200], stored=stored)
