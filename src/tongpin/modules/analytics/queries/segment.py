"""Segments as lists and pages show them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from tongpin.kernel import paging
from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib.ids import parse_id
from tongpin.modules.analytics.models import Insight, Segment, SegmentSize

MOST_CHOICES = 1_000


def _rows(actor: Actor) -> QuerySet[Segment]:
    rows: QuerySet[Segment] = Segment.objects.visible_to(actor).select_related("owner__user", "workspace")
    return rows


def page(
    actor: Actor, q: str = "", kind: str = "", cursor: str = "", limit: int = paging.LIMIT
) -> paging.Page[Segment]:
    """Those whose name or description holds ``q``, of one kind if given, the newest first; ``size`` is the last one
    kept (None: none yet), ``size_day`` its day."""
    last = SegmentSize.objects.filter(segment=OuterRef("pk")).order_by("-day")
    rows = _rows(actor).annotate(
        size=Subquery(last.values("size")[:1]), size_day=Subquery(last.values("day")[:1])
    )
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(description__icontains=q))
    if kind:
        rows = rows.filter(kind=kind)
    return paging.page(rows, cursor or None, limit, newest_first=True)


def segment(actor: Actor, public_id: uuid.UUID) -> Segment:
    """One segment. Raises NotFound."""
    row = _rows(actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def called(actor: Actor, said: str) -> list[Segment]:
    """Those of this name or with this id."""
    return list(_rows(actor).filter(Q(name=said) | Q(public_id=parse_id(said)))[:2])


def any_kept(actor: Actor) -> bool:
    """Whether the workspace keeps any segment."""
    return Segment.objects.visible_to(actor).exists()


def choices(actor: Actor, unit: str = "") -> dict[str, Any]:
    """Segments to choose from, by name: ``segments`` (id and name) and ``segment_ids``. ``unit`` narrows."""
    rows = Segment.objects.visible_to(actor).order_by("name", "pk")
    if unit:
        rows = rows.filter(unit=unit)
    found = [(str(key), name) for key, name in rows.values_list("public_id", "name")[:MOST_CHOICES]]
    return {"segments": found, "segment_ids": [key for key, _name in found]}


def owned_by(actor: Actor, member: Membership) -> list[Segment]:
    """What a member answers for, newest first."""
    return list(_rows(actor).filter(owner=member).order_by("-public_id"))


@dataclass(frozen=True, slots=True)
class Use:
    """Who asks about a segment."""

    insights: list[Insight]
    segments: list[Segment]

    @property
    def count(self) -> int:
        return len(self.insights) + len(self.segments)


MOST_USES = 50


def used_by(actor: Actor, row: Segment) -> Use:
    """Insights and segments that ask about it, the newest first, at most MOST_USES of each."""
    said = str(row.public_id)
    insights = Insight.objects.visible_to(actor).annotate(said=Cast("question", TextField()))
    segments = _rows(actor).exclude(pk=row.pk).annotate(said=Cast("rule", TextField()))
    return Use(
        list(
            insights.filter(said__contains=said)
            .select_related("workspace")
            .order_by("-public_id")[:MOST_USES]
        ),
        list(segments.filter(said__contains=said).order_by("-public_id")[:MOST_USES]),
    )


def sizes(row: Segment, today: date, days: int) -> list[tuple[date, SegmentSize | None]]:
    """The days before today, the earliest first, with the size kept of each; None where there is none. From the first
    day kept on, at most ``days``."""
    first = today - timedelta(days=days)
    kept = {each.day: each for each in row.sizes.filter(day__gte=first, day__lt=today)}
    if not kept:
        return []
    begin = min(kept)
    return [
        (begin + timedelta(days=at), kept.get(begin + timedelta(days=at)))
        for at in range((today - begin).days)
    ]
