"""Insights for programs: asking, and reading what is saved. Saving goes through the actions
(``POST …/actions/analytics.insight.create``)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from ninja import Body, Path, Query, Router
from pydantic import BaseModel, Field

from tongpin.kernel import authz, paging
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import alert_api, dashboard_api, marker_api, segment_api
from tongpin.modules.analytics.enums import InsightKind
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.models import Insight
from tongpin.modules.analytics.permissions import VIEW_INSIGHTS
from tongpin.modules.analytics.queries import insight as queries

router = Router(tags=["analytics"])
router.add_router("", alert_api.router)
router.add_router("", marker_api.router)
router.add_router("", segment_api.router)
router.add_router("", dashboard_api.router)


class InsightOwner(BaseModel):
    id: UUID
    name: str


class InsightShape(BaseModel):
    """A saved insight."""

    id: UUID
    version: int
    name: str
    description: str
    kind: InsightKind
    question: dict[str, Any] = Field(description="As `ask` takes it; what it leaves out has its usual value.")
    owner: InsightOwner
    created_at: datetime
    changed_at: datetime
    url: str = Field(description="Its page, for people.")


class InsightPage(BaseModel):
    items: list[InsightShape]
    next: str | None = Field(description="The cursor of the next piece; null at the end.")


class InsightAnswer(BaseModel):
    """What came back for a question."""

    question: dict[str, Any] = Field(description="The question as it was understood.")
    result: dict[str, Any] = Field(description="The result of its kind (docs/guides/insights.md).")
    asked_at: datetime = Field(description="When the event store was asked.")
    time_zone: str = Field(description="The zone of the workspace: its days are the days of the result.")


@router.post("/ask", response=InsightAnswer, operation_id="insight_ask")
def ask(
    request: HttpRequest, slug: Annotated[str, Path()], question: Annotated[dict[str, Any], Body()]
) -> InsightAnswer:
    """Ask a question; this changes nothing. What is wrong in it comes back as 422 with its place, 503 says that the
    store is away, and what is too heavy is refused with what to do about it."""
    return _answer(_actor(request), question)


@router.get("/insights", response=InsightPage, operation_id="insights")
def list_insights(
    request: HttpRequest,
    slug: Annotated[str, Path()],
    q: Annotated[str, Query(max_length=200, description="Part of the name or description.")] = "",
    kind: Annotated[InsightKind | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=paging.MOST)] = paging.LIMIT,
) -> InsightPage:
    """Saved insights, newest first."""
    page = queries.page(_actor(request), q=q, kind=kind or "", cursor=cursor or "", limit=limit)
    return InsightPage(items=[_shape(row) for row in page.items], next=page.next)


@router.get("/insights/{insight}", response=InsightShape, operation_id="insight")
def get_insight(request: HttpRequest, slug: Annotated[str, Path()], insight: UUID) -> InsightShape:
    """One saved insight with its question."""
    return _shape(queries.insight(_actor(request), insight))


@router.get("/insights/{insight}/answer", response=InsightAnswer, operation_id="insight_answer")
def get_answer(request: HttpRequest, slug: Annotated[str, Path()], insight: UUID) -> InsightAnswer:
    """Ask the question of a saved insight now."""
    actor = _actor(request)
    return _answer(actor, queries.insight(actor, insight).question)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    authz.require(actor, VIEW_INSIGHTS.name)
    return actor


def _answer(actor: Actor, said: Any) -> InsightAnswer:
    assert actor.workspace is not None
    question = running.read(said)
    found = running.answer(question, Scope.of(actor.workspace, actor.user))
    return InsightAnswer(
        question=running.told(question),
        result=found.result,
        asked_at=found.at,
        time_zone=actor.workspace.time_zone,
    )


def _shape(row: Insight) -> InsightShape:
    page = reverse("analytics:insight", args=[row.workspace.slug, row.public_id])
    return InsightShape(
        id=row.public_id,
        version=row.version,
        name=row.name,
        description=row.description,
        kind=InsightKind(row.kind),
        question=row.question,
        owner=InsightOwner(id=row.owner.public_id, name=row.owner.user.name),
        created_at=row.created_at,
        changed_at=row.changed_at,
        url=urljoin(f"{settings.SITE_URL}/", page),
    )
