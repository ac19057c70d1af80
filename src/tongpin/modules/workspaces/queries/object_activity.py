"""What happened to one object and to what belongs to it, in words, for everyone who may see it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Q, QuerySet

from tongpin.kernel import authz, objects
from tongpin.kernel.errors import Denied
from tongpin.kernel.events.models import Event
from tongpin.kernel.objects import Card
from tongpin.kernel.realtime import audience
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces.queries.activity import Reference, Said, cards_for, say, told

PAGE = 40
#: Within this time the same doing of the same person to the same object is one line.
TOGETHER = timedelta(minutes=10)
#: Whose past is the administrators' business, as on the page of the whole workspace's activity.
FOR_ADMINS = frozenset({Membership._meta.label_lower})


@dataclass(frozen=True, slots=True)
class Filters:
    """``kind`` is a type of subject (``app.model``), ``who`` a person's public id; "" for any."""

    kind: str = ""
    who: str = ""


@dataclass(slots=True)
class Line:
    """``events`` did the same, newest first, with what each says; ``card`` is what they are about, unless it is the
    object whose activity this is.
    """

    events: list[tuple[Event, Said]]
    card: Card | None

    @property
    def newest(self) -> Event:
        return self.events[0][0]

    @property
    def said(self) -> Said:
        return self.events[0][1]

    @property
    def others(self) -> list[tuple[Event, Said]]:
        return self.events[1:]


@dataclass(frozen=True, slots=True)
class Page:
    """``following`` is the cursor of the page before in time; ``kinds`` and ``people`` are what can be chosen."""

    lines: list[Line]
    following: uuid.UUID | None
    kinds: list[objects.ObjectType] = field(default_factory=list)
    people: list[User] = field(default_factory=list)


def may_read(actor: Actor, key: str) -> bool:
    """Whether this person may read the past of objects of that type at all."""
    return key not in FOR_ADMINS or actor.role in authz.ADMINS


def of(actor: Actor, reference: Reference, filters: Filters, cursor: uuid.UUID | None) -> Page:
    """A page of the object's activity, newest first, before the event ``cursor``.

    The caller has found the object through ``visible_to``. Of what belongs to it, only what the reader may see is told.
    Raises Denied where its past is the administrators' business.
    """
    if not may_read(actor, reference[0]):
        raise Denied
    every = _events(actor, reference)
    rows = every.select_related("actor")
    if filters.kind:
        rows = rows.filter(subject_type=filters.kind)
    if filters.who:
        rows = rows.filter(actor__public_id=filters.who)
    before = every.filter(uid=cursor).values_list("at", "pk").first() if cursor else None
    if before is not None:
        rows = rows.filter(Q(at__lt=before[0]) | Q(at=before[0], pk__lt=before[1]))
    found = list(rows.order_by("-at", "-pk")[: PAGE + 1])
    shown = found[:PAGE]
    following = shown[-1].uid if len(found) > PAGE else None
    lines = _grouped(actor, reference, shown)
    if cursor is not None:
        return Page(lines, following)
    keys = set(every.order_by().values_list("subject_type", flat=True).distinct())
    kinds = [kind for key, kind in objects.types().items() if key in keys]
    people = User.actors.filter(pk__in=every.order_by().values("actor")).order_by("name", "pk")
    return Page(lines, following, kinds, list(people))


def _events(actor: Actor, reference: Reference) -> QuerySet[Event]:
    key, public_id = reference
    own = Q(subject_type=key, subject_id=public_id)
    below = Q(within__contains=[public_id]) & objects.seen(actor, "subject")
    rows = Event.objects.filter(own | below, workspace=actor.workspace, name__in=told())
    return rows.exclude(subject_type__in=audience.personal_types())


def _grouped(actor: Actor, reference: Reference, events: list[Event]) -> list[Line]:
    cards = cards_for(actor, events, besides=reference)
    lines: list[Line] = []
    for event in events:
        last = lines[-1].newest if lines else None
        if last is not None and _belongs(event, last, lines[-1].events[-1][0]):
            lines[-1].events.append((event, say(event, cards)))
        else:
            about = (event.subject_type, event.subject_id)
            card = cards.get(about) if about != reference else None
            lines.append(Line([(event, say(event, cards))], card))
    return lines


def _belongs(event: Event, first: Event, last: Event) -> bool:
    """Whether the event goes on what the line's events did: by the same person, to the same object, soon before."""
    same = (event.name, event.actor_id, event.subject_id) == (first.name, first.actor_id, first.subject_id)
    return same and last.at - event.at <= TOGETHER
