"""What a member does with their own inbox.

None of it is news to anybody, so none of it is in the event stream; their other pages hear of it by a hint.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.realtime import hints
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.notifications.enums import Tab
from tongpin.modules.notifications.models import Notification
from tongpin.modules.notifications.permissions import EDIT

#: The type by which a member's pages hear that lines of their inbox changed by their own hand.
SORTED = "notifications.sorting"


@action(
    "notifications.notification.mark_read",
    permission=EDIT.name,
    target=Notification,
    inverse="notifications.notification.mark_unread",
)
def mark_read(actor: Actor, row: Notification, data: Empty) -> Notification:
    """Note that it has been read."""
    if row.read_at is None:
        row.read_at = clock.now()
        row.save(update_fields=["read_at"])
        hints.tell(actor, SORTED)
    return row


@action(
    "notifications.notification.mark_unread",
    permission=EDIT.name,
    target=Notification,
    inverse="notifications.notification.mark_read",
)
def mark_unread(actor: Actor, row: Notification, data: Empty) -> Notification:
    """Put it back among the unread."""
    if row.read_at is not None:
        row.read_at = None
        row.save(update_fields=["read_at"])
        hints.tell(actor, SORTED)
    return row


@action(
    "notifications.notification.archive",
    permission=EDIT.name,
    target=Notification,
    inverse="notifications.notification.unarchive",
)
def archive(actor: Actor, row: Notification, data: Empty) -> Notification:
    """Take it out of the inbox; it stays in the archive."""
    if row.archived_at is None:
        row.archived_at, row.snoozed_until = clock.now(), None
        row.save(update_fields=["archived_at", "snoozed_until"])
        hints.tell(actor, SORTED)
    return row


@action(
    "notifications.notification.unarchive",
    permission=EDIT.name,
    target=Notification,
    inverse="notifications.notification.archive",
)
def unarchive(actor: Actor, row: Notification, data: Empty) -> Notification:
    """Bring it back into the inbox, read or unread as it was."""
    if row.archived_at is not None:
        row.archived_at = None
        row.save(update_fields=["archived_at"])
        hints.tell(actor, SORTED)
    return row


@dataclass(frozen=True, slots=True)
class Marked:
    """How many were marked, all with the same instant: by it the marking is taken back."""

    count: int
    at: datetime


class MarkedAt(BaseModel):
    model_config = ConfigDict(extra="forbid")

    at: datetime


@action(
    "notifications.inbox.mark_all_read",
    permission=EDIT.name,
    inverse="notifications.inbox.unmark_all_read",
    inverse_data=lambda before, marked: {"at": marked.at.isoformat()},
)
def mark_all_read(actor: Actor, data: Empty) -> Marked:
    """Mark everything in one's inbox as read."""
    at = clock.now()
    count = Notification.objects.visible_to(actor).in_tab(Tab.UNREAD).update(read_at=at)
    hints.tell(actor, SORTED)
    return Marked(count, at)


@action(
    "notifications.inbox.unmark_all_read",
    permission=EDIT.name,
)
def unmark_all_read(actor: Actor, data: MarkedAt) -> int:
    """Take back one marking of everything: those marked at that instant are unread again. Returns how many."""
    count = Notification.objects.visible_to(actor).filter(read_at=data.at).update(read_at=None)
    hints.tell(actor, SORTED)
    return int(count)
