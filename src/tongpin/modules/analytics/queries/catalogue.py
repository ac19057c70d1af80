"""The catalogue as pages and files show it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import BigIntegerField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from tongpin.kernel import clock
from tongpin.kernel.errors import NotFound
from tongpin.kernel.paging import Page, ordered
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.enums import CatalogueState
from tongpin.modules.analytics.models import EventDay, EventName, EventProperty, LeftOut

WEEK = 7
SHOWN_DAYS = 30

_STATES = {
    CatalogueState.SEEN: Q(expected=True) & ~Q(first_seen_at=None),
    CatalogueState.MISSING: Q(expected=True, first_seen_at=None),
    CatalogueState.UNPLANNED: Q(expected=False),
    CatalogueState.KEY: Q(key_event=True),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many events there are of each state, hidden ones apart."""

    seen: int
    missing: int
    unplanned: int
    key: int
    hidden: int

    @property
    def all(self) -> int:
        return self.seen + self.missing + self.unplanned


def counts(actor: Actor) -> Counts:
    """How many events there are of each state."""
    shown = Q(hidden_at=None)
    found = EventName.objects.visible_to(actor).aggregate(
        **{state.value: Count("pk", filter=condition & shown) for state, condition in _STATES.items()},
        hidden=Count("pk", filter=~shown),
    )
    return Counts(**found)


def _week(rows: QuerySet[EventName], actor: Actor) -> QuerySet[EventName]:
    """With ``week``: how many of each in the last seven days of the workspace's zone, and ``rarity``, its negative, to
    sort by."""
    zone = actor.workspace.time_zone if actor.workspace else "UTC"
    since = clock.today(zone) - timedelta(days=WEEK - 1)
    of_week = (
        EventDay.objects.filter(event=OuterRef("pk"), day__gte=since)
        .order_by()
        .values("event")
        .annotate(n=Sum("count"))
        .values("n")
    )
    return rows.annotate(week=Coalesce(Subquery(of_week, BigIntegerField()), 0)).annotate(rarity=-F("week"))


def events(actor: Actor, q: str = "", state: str = "") -> QuerySet[EventName]:
    """Events whose name or description holds ``q``, of a ``CatalogueState`` ("": all that are not hidden).

    With ``week`` and ``owner``; unordered."""
    rows = EventName.objects.visible_to(actor)
    if state == CatalogueState.HIDDEN:
        rows = rows.exclude(hidden_at=None)
    else:
        rows = rows.filter(
            _STATES.get(CatalogueState(state), Q()) if state in CatalogueState else Q(), hidden_at=None
        )
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(description__icontains=q))
    return _week(rows, actor).select_related("owner__user", "workspace")


def page(actor: Actor, q: str = "", state: str = "", cursor: str = "") -> Page[EventName]:
    """A piece of the list, what came most often this week first."""
    return ordered(events(actor, q, state), ("rarity", "name"), cursor or None)


def event(actor: Actor, public_id: uuid.UUID) -> EventName:
    """One event with ``week`` and ``owner``. Raises NotFound."""
    row: EventName | None = (
        _week(EventName.objects.visible_to(actor).filter(public_id=public_id), actor)
        .select_related("owner__user", "workspace")
        .first()
    )
    if row is None:
        raise NotFound
    return row


def properties(actor: Actor, row: EventName) -> list[EventProperty]:
    """Every property of an event: the expected ones first, then by name."""
    return list(EventProperty.objects.visible_to(actor).filter(event=row).order_by("-expected", "name"))


def property_of(actor: Actor, public_id: uuid.UUID) -> EventProperty:
    """One property with its event. Raises NotFound."""
    row: EventProperty | None = (
        EventProperty.objects.visible_to(actor)
        .filter(public_id=public_id)
        .select_related("event", "workspace")
        .first()
    )
    if row is None:
        raise NotFound
    return row


def by_day(row: EventName) -> list[tuple[date, int]]:
    """The last SHOWN_DAYS days of the workspace's zone, oldest first, days without any as 0."""
    today = clock.today(row.workspace.time_zone)
    since = today - timedelta(days=SHOWN_DAYS - 1)
    found = dict(
        EventDay.objects.filter(event=row, day__gte=since, day__lte=today).values_list("day", "count")
    )
    days = (since + timedelta(days=n) for n in range(SHOWN_DAYS))
    return [(day, found.get(day, 0)) for day in days]


def left_out(actor: Actor) -> LeftOut | None:
    """What the catalogue had no room for, if anything."""
    return LeftOut.objects.visible_to(actor).first()
