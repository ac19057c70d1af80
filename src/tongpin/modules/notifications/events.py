"""What this module says happened. Both are one person's own: nobody else gets a live hint of them."""

from __future__ import annotations

from dataclasses import dataclass

from tongpin.kernel.events.payloads import event


@event("notifications.notification_arrived")
@dataclass(frozen=True)
class NotificationArrived:
    """A line in someone's inbox; ``kind`` is the kind of news."""

    kind: str


@event("notifications.notification_woken")
@dataclass(frozen=True)
class NotificationWoken:
    """A snoozed line is back, unread."""

    kind: str


@event("notifications.preference_set")
@dataclass(frozen=True)
class PreferenceSet:
    """``push``: whether browsers show this kind as well."""

    kind: str
    delivery: str
    push: bool = False


@event("notifications.rhythm_set")
@dataclass(frozen=True)
class RhythmSet:
    """When a member's mail comes from now on; ``hour`` and ``weekday`` (Monday 0) are in their zone."""

    rhythm: str
    hour: int
    weekday: int
    direct_at_once: bool


@event("notifications.browser_added")
@dataclass(frozen=True)
class BrowserAdded:
    """A browser is told of the member's news from now on."""


@event("notifications.browser_removed")
@dataclass(frozen=True)
class BrowserRemoved:
    pass
