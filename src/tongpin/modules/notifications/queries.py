"""What the inbox and the preferences page show."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import Count, Q

from tongpin.kernel.news import Delivery, Kind, kinds
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.notifications.enums import Tab
from tongpin.modules.notifications.models import Notification, Preference

PAGE = 30


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are in each list."""

    unread: int
    all: int
    archived: int


def unread(actor: Actor) -> int:
    """How many unread notifications wait for this member."""
    return int(Notification.objects.visible_to(actor).in_tab(Tab.UNREAD).count())


def counts(actor: Actor) -> Counts:
    """The three lists' sizes, in one query."""
    kept = Q(archived_at=None)
    found = Notification.objects.visible_to(actor).aggregate(
        unread=Count("pk", filter=kept & Q(read_at=None)),
        all=Count("pk", filter=kept),
        archived=Count("pk", filter=~kept),
    )
    return Counts(**found)


def inbox(actor: Actor, tab: Tab, cursor: uuid.UUID | None) -> tuple[list[Notification], uuid.UUID | None]:
    """One page of a list, newest first, below the row ``cursor`` names; and the cursor of the next page.

    The cursor row may have left the list meanwhile (read, archived): the page still begins below it.
    """
    own = Notification.objects.visible_to(actor)
    rows = own.in_tab(tab).select_related("by")
    if cursor is not None:
        below = own.filter(public_id=cursor).values_list("pk", flat=True).first()
        if below is not None:
            rows = rows.filter(pk__lt=below)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    page = found[:PAGE]
    return page, page[-1].public_id if len(found) > PAGE else None


def newer(actor: Actor, tab: Tab, than: uuid.UUID | None) -> int:
    """How many have come into this list since the row ``than`` (None: since it was empty)."""
    own = Notification.objects.visible_to(actor)
    rows = own.in_tab(tab)
    if than is not None:
        above = own.filter(public_id=than).values_list("pk", flat=True).first()
        rows = rows.filter(pk__gt=above or 0)
    return int(rows.count())


@dataclass(frozen=True, slots=True)
class Choice:
    """One kind of news with what this member chose."""

    kind: Kind
    delivery: Delivery


def choices(actor: Actor) -> list[Choice]:
    """Every kind with the member's choice, in the order of the preferences page."""
    chosen = dict(Preference.objects.visible_to(actor).values_list("kind", "delivery"))
    return [Choice(kind, Delivery(chosen.get(kind.key, kind.default))) for kind in kinds().values()]


def deliveries(members: list[Membership], kind: Kind) -> dict[int, Delivery]:
    """How each of these members wants to hear of this kind, by the membership's key."""
    chosen = dict(
        Preference.objects.filter(member__in=members, kind=kind.key).values_list("member", "delivery")
    )
    return {member.pk: Delivery(chosen.get(member.pk, kind.default)) for member in members}
