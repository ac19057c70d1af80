"""Several lines at once: read, archive, snooze, and take it back as one; and what comes back from a snooze."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Denied, Invalid, NotFound
from tongpin.kernel.events.recording import emit
from tongpin.kernel.realtime import hints
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.notifications.actions.inbox import SORTED
from tongpin.modules.notifications.enums import Verb
from tongpin.modules.notifications.events import NotificationWoken
from tongpin.modules.notifications.models import Notification, Sorting
from tongpin.modules.notifications.permissions import EDIT, WAKE

MOST = 500
LONGEST = timedelta(days=366)
#: How long what was done can be taken back, with room above the life of an undo token.
KEPT = timedelta(days=2)
STATE = ("read_at", "archived_at", "snoozed_until", "surfaced_at")


class SortLines(BaseModel):
    """``ids``: the lines, by public id. ``until``: when snoozed ones come back; taken by ``snooze`` alone."""

    model_config = ConfigDict(extra="forbid")

    verb: Verb
    ids: list[uuid.UUID] = Field(min_length=1, max_length=MOST)
    until: AwareDatetime | None = None


@action("notifications.inbox.sort", permission=EDIT.name, inverse="notifications.inbox.take_back")
def sort(actor: Actor, data: SortLines) -> Sorting:
    """Mark lines of one's inbox as read or unread, archive or snooze them, or bring them back: all or none."""
    if actor.membership is None or actor.workspace is None:
        raise Denied
    now = clock.now()
    values = _values(data, now)
    own = Notification.objects.visible_to(actor)
    rows = list(own.filter(public_id__in=data.ids).select_for_update().order_by("pk"))
    if len(rows) != len(set(data.ids)):
        raise NotFound
    changed = [row for row in rows if _differs(row, data.verb)]
    made = Sorting.objects.create(
        workspace=actor.workspace,
        member=actor.membership,
        verb=data.verb,
        before=[_state(row) for row in changed],
    )
    Notification.objects.filter(pk__in=[row.pk for row in changed]).update(**values)
    hints.tell(actor, SORTED)
    return made


def _values(data: SortLines, now: datetime) -> dict[str, datetime | None]:
    if (data.until is not None) != (data.verb == Verb.SNOOZE):
        raise Invalid(_("Say until when to snooze it."), field="until")
    if data.until is not None and not now < data.until <= now + LONGEST:
        raise Invalid(_("Choose a time to come, at most a year from now."), field="until")
    changes: dict[Verb, dict[str, datetime | None]] = {
        Verb.READ: {"read_at": now},
        Verb.UNREAD: {"read_at": None},
        Verb.ARCHIVE: {"archived_at": now, "snoozed_until": None},
        Verb.UNARCHIVE: {"archived_at": None},
        Verb.SNOOZE: {"snoozed_until": data.until, "archived_at": None},
        Verb.UNSNOOZE: {"snoozed_until": None},
    }
    return changes[data.verb]


def _differs(row: Notification, verb: Verb) -> bool:
    """Whether the verb changes anything: doing it twice keeps the first time."""
    return {
        Verb.READ: row.read_at is None,
        Verb.UNREAD: row.read_at is not None,
        Verb.ARCHIVE: row.archived_at is None,
        Verb.UNARCHIVE: row.archived_at is not None,
        Verb.SNOOZE: True,
        Verb.UNSNOOZE: row.snoozed_until is not None,
    }[verb]


def _state(row: Notification) -> dict[str, Any]:
    at = {name: getattr(row, name) for name in STATE}
    return {"pk": row.pk, **{name: value and value.isoformat() for name, value in at.items()}}


@action("notifications.inbox.take_back", permission=EDIT.name, target=Sorting, api=False)
def take_back(actor: Actor, row: Sorting, data: Empty) -> Sorting:
    """Put the lines back as they were before."""
    states = {state["pk"]: state for state in row.before}
    lines = Notification.objects.visible_to(actor).filter(pk__in=states).select_for_update().order_by("pk")
    found = list(lines)
    for line in found:
        for name in STATE:
            kept = states[line.pk][name]
            setattr(line, name, parse_datetime(kept) if kept else None)
    Notification.objects.bulk_update(found, STATE)
    hints.tell(actor, SORTED)
    return row


@action("notifications.inbox.wake", permission=WAKE.name, api=False)
def wake(actor: Actor, data: Empty) -> int:
    """Bring back what has been snoozed long enough, unread and on top. Returns how many lines.

    The lines are locked and lose their time in the same transaction: each comes back once, however many run this.
    """
    now = clock.now()
    due = Notification.objects.visible_to(actor).filter(snoozed_until__lte=now, archived_at=None)
    rows = list(
        due.select_for_update(skip_locked=True, of=("self",)).select_related("workspace").order_by("pk")
    )
    for row in rows:
        row.snoozed_until, row.read_at, row.surfaced_at = None, None, now
        row.mailed_at = None  # a digest may tell of it again
        emit(NotificationWoken(kind=row.kind), row)
    Notification.objects.bulk_update(rows, ["snoozed_until", "read_at", "surfaced_at", "mailed_at"])
    return len(rows)


def forget() -> int:
    """Drop what can no longer be taken back. Returns how many."""
    return int(Sorting.objects.filter(at__lt=clock.now() - KEPT).delete()[0])
