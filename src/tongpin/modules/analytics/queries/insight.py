"""Saved insights as lists and pages show them."""

from __future__ import annotations

import uuid

from django.db.models import Q

from tongpin.kernel import paging
from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib.ids import parse_id
from tongpin.modules.analytics.catalogue_words import Known
from tongpin.modules.analytics.enums import ValueType
from tongpin.modules.analytics.models import EventName, EventProperty, Insight

MOST_NAMES = 2_000


def page(
    actor: Actor, q: str = "", kind: str = "", cursor: str = "", limit: int = paging.LIMIT
) -> paging.Page[Insight]:
    """Those whose name or description holds ``q``, of one kind if given, the newest first."""
    rows = Insight.objects.visible_to(actor).select_related("owner__user", "workspace")
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(description__icontains=q))
    if kind:
        rows = rows.filter(kind=kind)
    return paging.page(rows, cursor or None, limit, newest_first=True)


def insight(actor: Actor, public_id: uuid.UUID) -> Insight:
    """One insight. Raises NotFound."""
    rows = Insight.objects.visible_to(actor).select_related("owner__user", "workspace")
    row: Insight | None = rows.filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def called(actor: Actor, said: str) -> list[Insight]:
    """Those of this name or with this id."""
    rows = Insight.objects.visible_to(actor).select_related("owner__user", "workspace")
    return list(rows.filter(Q(name=said) | Q(public_id=parse_id(said)))[:2])


def any_saved(actor: Actor) -> bool:
    """Whether the workspace keeps any insight."""
    return Insight.objects.visible_to(actor).exists()


def event_names(actor: Actor) -> list[str]:
    """Events to choose from, by name, at most MOST_NAMES; hidden ones are left out."""
    rows = EventName.objects.visible_to(actor).filter(hidden_at=None)
    return list(rows.order_by("name").values_list("name", flat=True)[:MOST_NAMES])


def property_names(actor: Actor) -> list[str]:
    """Properties of any event to choose from, by name, at most MOST_NAMES."""
    rows = EventProperty.objects.visible_to(actor).order_by("name")
    return list(rows.values_list("name", flat=True).distinct()[:MOST_NAMES])


def known_events(actor: Actor) -> list[Known]:
    """What the catalogue knows of the events that came in, the most frequent MOST_NAMES; not of hidden ones."""
    rows = EventName.objects.visible_to(actor).filter(hidden_at=None, total__gt=0).order_by("-total", "name")
    found = list(rows.values_list("pk", "name", "total", "key_event")[:MOST_NAMES])
    numbers: dict[int, list[str]] = {}
    of_numbers = EventProperty.objects.visible_to(actor).filter(
        event__in=[pk for pk, *_rest in found], types__contains=[ValueType.NUMBER]
    )
    for event, name in of_numbers.order_by("name").values_list("event", "name"):
        numbers.setdefault(event, []).append(name)
    return [Known(name, total, key, numbers.get(pk, [])) for pk, name, total, key in found]


def owned_by(actor: Actor, member: Membership) -> list[Insight]:
    """What a member answers for, newest first."""
    rows = Insight.objects.visible_to(actor).filter(owner=member).select_related("workspace")
    return list(rows.order_by("-public_id"))
