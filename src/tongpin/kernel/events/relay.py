"""Hands events to subscribers: at least once to the outside, exactly once in effect inside the database.

A subscriber's work and the move of its cursor commit together. One event that fails is parked with its error and
tried again on its own, so that it never holds up the rest.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import OperationalError, transaction
from django.db.models import prefetch_related_objects

from tongpin.kernel import clock
from tongpin.kernel.events import stream
from tongpin.kernel.events.models import Event, ParkedEvent, SubscriberCursor
from tongpin.kernel.events.recording import caused_by

log = structlog.get_logger("tongpin.relay")

BATCH = 500
ATTEMPTS = 8
FIRST_RETRY = timedelta(seconds=5)

Handler = Callable[[list[Event]], None]


class TryLater(Exception):
    """Raised by a subscriber whose outside party is down: nothing is parked, the same batch comes again."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """``handle`` gets events oldest first; it must be idempotent, since a crash may hand a batch over again.

    ``names`` restricts it to those event names (a trailing ``*`` matches a prefix); None takes all.
    """

    name: str
    handle: Handler
    names: tuple[str, ...] | None = None
    imports: bool = False

    def wants(self, event: Event) -> bool:
        if event.is_import and not self.imports:
            return False
        if self.names is None:
            return True
        return any(event.name == n or (n.endswith("*") and event.name.startswith(n[:-1])) for n in self.names)


_subscribers: dict[str, Subscriber] = {}


def subscribe(
    name: str, handle: Handler, *, names: Iterable[str] | None = None, imports: bool = False
) -> None:
    """Register a subscriber; called from an app's ``ready()``. The name is its cursor's key: never rename it."""
    if name in _subscribers and _subscribers[name].handle is not handle:
        raise ValueError(f"subscriber registered twice: {name}")
    _subscribers[name] = Subscriber(name, handle, tuple(names) if names is not None else None, imports)


def subscribers() -> dict[str, Subscriber]:
    """Every registered subscriber by name."""
    return dict(_subscribers)


def run_once(*, own_uncommitted: bool = False) -> int:
    """Give each subscriber its next batch and each due parked event another try. Returns how many were handled."""
    handled = 0
    for subscriber in list(_subscribers.values()):
        try:
            handled += _advance(subscriber, own_uncommitted=own_uncommitted)
            handled += _retry_due(subscriber)
        except TryLater as reason:
            log.warning("relay.waiting", subscriber=subscriber.name, reason=str(reason)[:200])
    return handled


def _advance(subscriber: Subscriber, *, own_uncommitted: bool) -> int:
    with transaction.atomic():
        SubscriberCursor.objects.get_or_create(subscriber=subscriber.name)
        cursor = (
            SubscriberCursor.objects.select_for_update(skip_locked=True)
            .filter(subscriber=subscriber.name)
            .first()
        )
        if cursor is None:  # another worker holds it
            return 0
        batch = stream.read_after(
            stream.Position(cursor.xid, cursor.last_id), BATCH, own_uncommitted=own_uncommitted
        )
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


def _deliver(subscriber: Subscriber, events: list[Event]) -> None:
    """The whole batch at once; if that fails, one by one, parking those that fail."""
    if not events:
        return
    if len(events) > 1:
        try:
            with transaction.atomic():
                subscriber.handle(events)
            return
        except (OperationalError, TryLater):
            raise  # nothing is parked, the batch comes again
        except Exception:  # noqa: BLE001  whatever the handler raised, find the event that did it
            log.warning("relay.batch_failed", subscriber=subscriber.name, size=len(events))
    for event in events:
        error = _try(subscriber, event)
        if error is not None:
            ParkedEvent.objects.get_or_create(
                subscriber=subscriber.name,
                event=event,
                defaults={"error": error, "next_at": clock.now() + FIRST_RETRY},
            )


def _try(subscriber: Subscriber, event: Event) -> str | None:
    """Hand over one event in a savepoint; the error's text if it failed."""
    try:
        with transaction.atomic(), caused_by(event):
            subscriber.handle([event])
    except (OperationalError, TryLater):
        raise
    except Exception as error:
        log.warning(
            "relay.parked", subscriber=subscriber.name, name=event.name, uid=str(event.uid), exc_info=True
        )
        return "".join(traceback.format_exception(error))[-4000:]
    return None


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
    with transaction.atomic():
        parked = ParkedEvent.objects.select_for_update(skip_locked=True).filter(pk=parked_id).first()
        if parked is None or parked.subscriber not in _subscribers:
            return False
        error = _try(_subscribers[parked.subscriber], parked.event)
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
