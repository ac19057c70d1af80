"""Segments for programs: reading, counting, and counting a rule nobody keeps yet. Making goes through the actions
(``POST …/actions/analytics.segment.create`` and ``….list``)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from ninja import Body, Path, Query, Router
from pydantic import BaseModel, Field

from tongpin.kernel import authz, clock, paging
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.enums import SegmentKind
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.insights.segment import told
from tongpin.modules.analytics.models import Segment
from tongpin.modules.analytics.permissions import VIEW_SEGMENTS
from tongpin.modules.analytics.queries import behind, segment_members, segment_rules
from tongpin.modules.analytics.queries import segment as queries

router = Router(tags=["analytics"])


class SegmentOwner(BaseModel):
    id: UUID
    name: str


class SegmentShape(BaseModel):
    """A segment."""

    id: UUID
    version: int
    name: str
    description: str
    kind: SegmentKind
    unit: Literal["user", "customer"] = Field(description="What it is made of.")
    customer_kind: str = Field(description="The kind of customers, where it is made of them.")
    rule: dict[str, Any] | None = Field(description="As docs/guides/segments.md says; null for a list.")
    report: dict[str, int] | None = Field(description="What became of the lines of a list that was uploaded.")
    owner: SegmentOwner
    created_at: datetime
    changed_at: datetime
    url: str = Field(description="Its page, for people.")


class SegmentPage(BaseModel):
    items: list[SegmentShape]
    next: str | None = Field(description="The cursor of the next piece; null at the end.")


class SegmentDay(BaseModel):
    day: date
    size: int | None = Field(description="Null where it was not counted.")
    later: bool = Field(description="Counted afterwards, with the properties of then.")


class SegmentCount(BaseModel):
    """How many, now and day by day."""

    size: int
    of: int = Field(description="All users, or all customers of the kind.")
    asked_at: datetime
    time_zone: str = Field(description="The zone of the workspace: days are days of it.")
    days: list[SegmentDay] = Field(description="The days before today, at most the last 90.")


class RuleCount(BaseModel):
    """How many fulfil a rule that nobody keeps yet."""

    rule: dict[str, Any] = Field(description="The rule as it was understood.")
    size: int
    of: int = Field(description="All users, or all customers of the kind.")
    asked_at: datetime


@router.get("/segments", response=SegmentPage, operation_id="segments")
def list_segments(
    request: HttpRequest,
    slug: Annotated[str, Path()],
    q: Annotated[str, Query(max_length=200, description="Part of the name or description.")] = "",
    kind: Annotated[SegmentKind | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=paging.MOST)] = paging.LIMIT,
) -> SegmentPage:
    """Segments, newest first."""
    page = queries.page(_actor(request), q=q, kind=kind or "", cursor=cursor or "", limit=limit)
    return SegmentPage(items=[_shape(row) for row in page.items], next=page.next)


@router.post("/segments/ask", response=RuleCount, operation_id="segment_ask")
def ask_rule(
    request: HttpRequest, slug: Annotated[str, Path()], rule: Annotated[dict[str, Any], Body()]
) -> RuleCount:
    """Count who fulfils a rule; this changes nothing. What is wrong in it comes back as 422 with its place."""
    scope = _scope(_actor(request))
    found = segment_rules.read(rule)
    return RuleCount(
        rule=told(found),
        size=behind.count(*segment_members.of_rule(found, scope)),
        of=segment_members.everybody(found.unit, found.customer_kind, scope),
        asked_at=clock.now(),
    )


@router.get("/segments/{segment}", response=SegmentShape, operation_id="segment")
def get_segment(request: HttpRequest, slug: Annotated[str, Path()], segment: UUID) -> SegmentShape:
    """One segment with its rule."""
    return _shape(queries.segment(_actor(request), segment))


@router.get("/segments/{segment}/size", response=SegmentCount, operation_id="segment_size")
def get_size(request: HttpRequest, slug: Annotated[str, Path()], segment: UUID) -> SegmentCount:
    """How many are in a segment now, and were at the end of each day."""
    actor = _actor(request)
    row, scope = queries.segment(actor, segment), _scope(actor)
    size = behind.count(*segment_members.of(row, scope))
    return SegmentCount(
        size=size,
        of=segment_members.everybody(row.unit, row.customer_kind, scope),
        asked_at=clock.now(),
        time_zone=scope.zone,
        days=[
            SegmentDay(day=day, size=kept.size if kept else None, later=bool(kept and kept.later))
            for day, kept in queries.sizes(row, scope.today, 90)
        ],
    )


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    authz.require(actor, VIEW_SEGMENTS.name)
    return actor


def _scope(actor: Actor) -> Scope:
    assert actor.workspace is not None
    return Scope.of(actor.workspace)


def _shape(row: Segment) -> SegmentShape:
    page = reverse("analytics:segment", args=[row.workspace.slug, row.public_id])
    return SegmentShape(
        id=row.public_id,
        version=row.version,
        name=row.name,
        description=row.description,
        kind=SegmentKind(row.kind),
        unit=row.unit,
        customer_kind=row.customer_kind,
        rule=row.rule,
        report=row.report,
        owner=SegmentOwner(id=row.owner.public_id, name=row.owner.user.name),
        created_at=row.created_at,
        changed_at=row.changed_at,
        url=urljoin(f"{settings.SITE_URL}/", page),
    )
