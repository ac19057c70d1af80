"""What one digest says: the unread threads that no mail has told of yet."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from tongpin.kernel import objects
from tongpin.kernel.mail.compose import absolute
from tongpin.kernel.news import Delivery, kinds
from tongpin.kernel.objects import Card
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.notifications.enums import Tab
from tongpin.modules.notifications.models import MutedThread, Notification, NotificationQuerySet
from tongpin.modules.notifications.queries import choices, unread

MOST_THREADS = 20
MOST_LINES = 3  # of one thread
READ_AHEAD = 2000  # lines looked through for one mail


@dataclass(frozen=True, slots=True)
class Told:
    """One object with its newest lines, newest first; ``further`` are so many lines more."""

    card: Card
    url: str
    lines: list[Notification]
    further: int


@dataclass(frozen=True, slots=True)
class Digest:
    """``more`` counts the unread threads of the inbox that are not among ``threads``."""

    threads: list[Told]
    more: int


def unmailed(actor: Actor) -> NotificationQuerySet:
    """The member's lines that a digest may tell: unread, of kinds wanted by mail, not muted, in no mail before."""
    wanted = [choice.kind for choice in choices(actor) if choice.delivery == Delivery.MAIL]
    muted = MutedThread.objects.visible_to(actor).filter(
        about_type=OuterRef("about_type"), about_id=OuterRef("about_id")
    )
    direct = [key for key, kind in kinds().items() if kind.direct]
    return (
        Notification.objects.visible_to(actor)
        .in_tab(Tab.UNREAD)
        .filter(mailed_at=None, kind__in=[kind.key for kind in wanted])
        .filter(Q(kind__in=direct) | ~Exists(muted))
    )


def written(actor: Actor, rows: NotificationQuerySet) -> Digest | None:
    """The digest of these lines, by objects the member may see now; None where nothing is left to tell."""
    assert actor.workspace is not None
    threads: dict[tuple[str, uuid.UUID], list[Notification]] = {}
    for row in rows.order_by("-surfaced_at", "-pk")[:READ_AHEAD]:
        threads.setdefault(row.thread, []).append(row)
    cards = objects.cards(actor, threads)
    told = [
        Told(
            cards[thread],
            _address(actor, cards[thread], lines[0]),
            lines[:MOST_LINES],
            len(lines[MOST_LINES:]),
        )
        for thread, lines in threads.items()
        if thread in cards
    ][:MOST_THREADS]
    return Digest(told, unread(actor) - len(told)) if told else None


def _address(actor: Actor, card: Card, newest: Notification) -> str:
    """By way of the inbox, which notes that it was read."""
    slug = actor.workspace.slug  # type: ignore[union-attr]
    return absolute(reverse("notifications:open", args=[slug, newest.public_id]) if newest.url else card.url)
