"""Hands events to subscribers: at least once to the outside, exactly once in effect inside the database.

A subscriber's work and the move of its cursor commit together. One event that fails is parked with its error and
tried again on its own, so that it never holds up the rest.
"""

from __future__ import annotations

import traceback
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import prefetch_related_objects

from tongpin.kernel import clock
from tongpin.kernel.events import stream
from tongpin.kernel.events.models import Event, ParkedEvent, SubscriberCursor
from tongpin.kernel.events.recording import caused_by

log = structlog.get_logger("tongpin.relay")

BATCH = 500
ATTEMPTS = 8
FIRST_RETRY = timedelta(seconds=5)
_LOCKS = 0x7470  # the class of advisory locks that stand for subscribers

Handler = Callable[[list[Event]], None]


class TryLater(Exception):
    """Raised by a subscriber whose outside party is down: nothing is parked, the same batch comes again."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """``handle`` gets events oldest first; it must be idempotent, since a crash may hand a batch over again.

    ``names`` restricts it to those event names (a trailing ``*`` matches a prefix); None takes all. One that
    ``acts`` runs actions: it gets its events one by one, and each is the cause of what it then does; no other may
    record events. One that is ``outside`` calls another process: no transaction is open while it does, since that
    would hold back every reader of the stream, and it is advanced in a loop apart from the rest.
    """

    name: str
    handle: Handler
    names: tuple[str, ...] | None = None
    imports: bool = False
    acts: bool = False
    outside: bool = False

    def wants(self, event: Event) -> bool:
        if event.is_import and not self.imports:
            return False
        if self.names is None:
            return True
        return any(event.name == n or (n.endswith("*") and event.name.startswith(n[:-1])) for n in self.names)

    def take(self, events: list[Event]) -> None:
        """Hand the events over, so that what is done about one is caused by it."""
        if not self.acts:
            with caused_by(None):
                self.handle(events)
            return
        for event in events:
            with caused_by(event):
                self.handle([event])


_subscribers: dict[str, Subscriber] = {}


def subscribe(
    name: str,
    handle: Handler,
    *,
    names: Iterable[str] | None = None,
    imports: bool = False,
    acts: bool = False,
    outside: bool = False,
) -> None:
    """Register a subscriber; called from an app's ``ready()``. The name is its cursor's key: never rename it."""
    if name in _subscribers and _subscribers[name].handle is not handle:
        raise ValueError(f"subscriber registered twice: {name}")
    wanted = tuple(names) if names is not None else None
    _subscribers[name] = Subscriber(name, handle, wanted, imports, acts, outside)


def subscribers() -> dict[str, Subscriber]:
    """Every registered subscriber by name."""
    return dict(_subscribers)


def run_once(*, outside: bool | None = None, own_uncommitted: bool = False) -> int:
    """Give each subscriber its next batch and each due parked event another try. Returns how many were handled.

    ``outside`` picks the subscribers that call other processes, or the rest; None all of them.
    """
    handled = 0
    for subscriber in list(_subscribers.values()):
        if outside is not None and subscriber.outside is not outside:
            continue
        try:
            handled += _advance(subscriber, own_uncommitted=own_uncommitted)
            handled += _retry_due(subscriber)
        except TryLater as reason:
            log.warning("relay.waiting", subscriber=subscriber.name, reason=str(reason)[:200])
    return handled


def _advance(subscriber: Subscriber, *, own_uncommitted: bool) -> int:
    with _claimed(subscriber) as cursor:
        if cursor is None:  # another worker holds it
            return 0
        at = stream.Position(cursor.xid, cursor.last_id)
        batch = stream.read_after(at, BATCH, own_uncommitted=own_uncommitted)
        if not batch:
            return 0
        wanted = [event for event in batch if subscriber.wants(event)]
        prefetch_related_objects(
            wanted, "workspace", "actor"
        )  # most subscribers look at them, event by event
        _deliver(subscriber, wanted)
        cursor.xid, cursor.last_id, cursor.moved_at = batch[-1].xid, batch[-1].pk, clock.now()
        cursor.save(update_fields=["xid", "last_id", "moved_at"])
        return len(batch)


@contextmanager
def _claimed(subscriber: Subscriber) -> Iterator[SubscriberCursor | None]:
    """The subscriber's cursor for this worker alone; None while another has it.

    Held by a row lock in the transaction in which the work and the cursor's move commit together; for one that calls
    outside by a lock of the session, which a dying process gives back as well.
    """
    mine = SubscriberCursor.objects.filter(subscriber=subscriber.name)
    if not subscriber.outside:
        with transaction.atomic():
            SubscriberCursor.objects.get_or_create(subscriber=subscriber.name)
            yield mine.select_for_update(skip_locked=True).first()
        return
    key = zlib.crc32(subscriber.name.encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCKS, key - 2**31])
        (held,) = cursor.fetchone()
    if not held:
        yield None
        return
    try:
        yield SubscriberCursor.objects.get_or_create(subscriber=subscriber.name)[0]
    finally:
        with suppress(OperationalError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCKS, key - 2**31])


def _deliver(subscriber: Subscriber, events: list[Event]) -> None:
    """The whole batch at once; if that fails, one by one, parking those that fail."""
    if not events:
        return
    if len(events) > 1:
        try:
            with _savepoint(subscriber):
                subscriber.take(events)
            return
        except TryLater:
            raise  # nothing is parked, the batch comes again
        except Exception:  # whatever the handler raised, find the event that did it
            if _database_lost():
                raise
            log.warning("relay.batch_failed", subscriber=subscriber.name, size=len(events))
    for event in events:
        error = _try(subscriber, event)
        if error is not None:
            ParkedEvent.objects.get_or_create(
                subscriber=subscriber.name,
                event=event,
                defaults={"error": error, "next_at": clock.now() + FIRST_RETRY},
            )


def _savepoint(subscriber: Subscriber) -> AbstractContextManager[Any]:
    """A failed handler's writes are taken back; one that calls outside has none, and no transaction either."""
    return nullcontext() if subscriber.outside else transaction.atomic()


def _try(subscriber: Subscriber, event: Event) -> str | None:
    """Hand over one event by itself; the error's text if it failed."""
    try:
        with _savepoint(subscriber):
            subscriber.take([event])
    except TryLater:
        raise
    except Exception as error:
        if _database_lost():
            raise
        log.warning(
            "relay.parked", subscriber=subscriber.name, name=event.name, uid=str(event.uid), exc_info=True
        )
        return "".join(traceback.format_exception(error))[-4000:]
    return None


def _database_lost() -> bool:
    """Whether the connection itself is gone: then nothing is wrong with the event."""
    return connection.connection is None or bool(connection.connection.closed)


def _retry_due(subscriber: Subscriber) -> int:
    due = ParkedEvent.objects.filter(subscriber=subscriber.name, next_at__lte=clock.now()).order_by(
        "event__xid", "event_id"
    )
    done = 0
    for pk in due.values_list("pk", flat=True)[:BATCH]:
        done += retry(pk)
    return done


def retry(parked_id: int) -> bool:
    """Try one parked event again; True if it went through. After ATTEMPTS it waits for an admin."""
    parked = ParkedEvent.objects.filter(pk=parked_id).first()
    subscriber = _subscribers.get(parked.subscriber) if parked is not None else None
    if subscriber is None:
        return False
    with _savepoint(subscriber):
        mine = ParkedEvent.objects.filter(pk=parked_id)
        if not subscriber.outside:
            mine = mine.select_for_update(skip_locked=True)
        parked = mine.first()
        if parked is None:  # another worker has it, or had it
            return False
        error = _try(subscriber, parked.event)
        if error is None:
            parked.delete()
            return True
        parked.attempts += 1
        parked.error = error
        parked.next_at = (
            clock.now() + FIRST_RETRY * 2**parked.attempts if parked.attempts < ATTEMPTS else None
        )
        parked.save(update_fields=["attempts", "error", "next_at"])
        return False


def lag() -> dict[str, int]:
    """Events not yet handed over, by subscriber."""
    cursors = {c.subscriber: stream.Position(c.xid, c.last_id) for c in SubscriberCursor.objects.all()}
    return {name: stream.count_after(cursors.get(name, stream.START)) for name in _subscribers}
