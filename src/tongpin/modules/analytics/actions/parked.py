"""Parked arrivals go on, once what held them up is mended: each exactly once.

One that could not be read goes back into the inbox, where the store is asked what it has of it, as with any other. One
whose events are in the store already would be taken for a repeat there: its events are told in the transaction that
removes it. A mechanism's own rows, as in ``flush``; whoever runs the server asks for it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from tongpin.modules.analytics.actions.flush import CHANNEL, alone, origins, tell, words_of
from tongpin.modules.analytics.flush import stored
from tongpin.modules.analytics.flush.hooks import EPOCH, kept_out
from tongpin.modules.analytics.flush.rows import Row, Waiting, expand
from tongpin.modules.analytics.models import Arrival, ParkedArrival

log = structlog.get_logger("tongpin.flush")

PATIENCE_S = 30.0
LOOK_AGAIN_S = 0.02
MILLISECOND = timedelta(milliseconds=1)


class FlusherBusy(Exception):
    """A worker had the inbox in hand all the time."""


@dataclass(slots=True)
class Retried:
    """Arrivals that went back into the inbox, were ``finished`` at once, or are ``still`` parked, with the reasons."""

    again: int = 0
    finished: int = 0
    still: list[str] = field(default_factory=list)


def retry_parked() -> Retried:
    """Try every parked arrival once more. May be cut off anywhere and called again.

    Raises FlusherBusy, and StoreUnavailable, QueryTooHeavy or StoreError; what was done until then stays done.
    """
    done = Retried()
    with _alone():
        for parked in ParkedArrival.objects.order_by("pk").iterator(100):
            waiting = _as_it_came(parked)
            rows, bad = expand([waiting], origins([waiting]))
            if bad:
                _keep(parked, bad[0].reason, done)
            elif parked.stored:
                _finish(parked, rows, done)
            else:
                _put_back(parked)
                done.again += 1
        if done.again:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
    log.info("flush.retried", again=done.again, finished=done.finished, still=len(done.still))
    return done


@contextmanager
def _alone() -> Iterator[None]:
    """As ``flush.alone``, waiting for the worker that is at it."""
    until = time.monotonic() + PATIENCE_S
    while True:
        with alone() as held:
            if held:
                yield
                return
        if time.monotonic() > until:
            raise FlusherBusy
        time.sleep(LOOK_AGAIN_S)


def _as_it_came(parked: ParkedArrival) -> Waiting:
    received = (parked.received_at - EPOCH) // MILLISECOND
    return Waiting(parked.pk, parked.source, received, bytes(parked.records))


def _put_back(parked: ParkedArrival) -> None:
    with transaction.atomic():
        if not ParkedArrival.objects.filter(pk=parked.pk).delete()[0]:
            return  # erased meanwhile
        Arrival.objects.create(
            source=parked.source, received_at=parked.received_at, count=parked.count, records=parked.records
        )


def _finish(parked: ParkedArrival, rows: list[Row], done: Retried) -> None:
    """Tell of its events, but for those that were erased or taken back out of the store since."""
    there = stored.known(rows)
    out = set[int]().union(*(gate(rows) for gate in kept_out))
    rows = [row for place, row in enumerate(rows) if place not in out and stored.same(row) in there]
    try:
        with transaction.atomic():
            if not ParkedArrival.objects.filter(pk=parked.pk).delete()[0]:
                return  # erased meanwhile
            tell(rows)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001  not mended for this one; the others go on
        _keep(parked, words_of(error), done)
    else:
        done.finished += 1


def _keep(parked: ParkedArrival, reason: str, done: Retried) -> None:
    ParkedArrival.objects.filter(pk=parked.pk).update(reason=reason)
    done.still.append(reason)
