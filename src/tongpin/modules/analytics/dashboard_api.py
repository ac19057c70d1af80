"""Dashboards for programs: what stands on them and what their tiles say. Writing goes through the actions
(``POST …/actions/analytics.dashboard.create``)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from tongpin.kernel import authz, paging
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import dashboard_answers
from tongpin.modules.analytics.enums import TileKind
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.models import Dashboard, Tile
from tongpin.modules.analytics.permissions import VIEW_DASHBOARDS
from tongpin.modules.analytics.queries import dashboard as queries

router = Router(tags=["analytics"])


class DashboardOwner(BaseModel):
    id: UUID
    name: str


class DashboardSummary(BaseModel):
    """A dashboard without its tiles."""

    id: UUID
    version: int
    name: str
    description: str
    override: dict[str, Any] = Field(
        description="Dates and conditions put over every insight on it; `{}` for none."
    )
    owner: DashboardOwner
    created_at: datetime
    changed_at: datetime
    url: str = Field(description="Its page, for people.")


class DashboardTile(BaseModel):
    """What stands on a dashboard, and where: columns of twelve and rows, from 0."""

    id: UUID
    kind: TileKind
    title: str = Field(description="What stands above it: its own title, else the name of its insight.")
    insight: UUID | None = Field(description="Null for a text, and where the insight was deleted.")
    text: str = Field(description="Markdown.")
    x: int
    y: int
    w: int
    h: int


class DashboardShape(DashboardSummary):
    """A dashboard with its tiles, as they are read: row by row, from the left."""

    tiles: list[DashboardTile]


class DashboardPage(BaseModel):
    items: list[DashboardSummary]
    next: str | None = Field(description="The cursor of the next piece; null at the end.")


class TileProblem(BaseModel):
    """Why a tile has no answer."""

    code: str
    message: str
    hint: str


class TileAnswer(BaseModel):
    """A tile with what its insight said."""

    tile: DashboardTile
    question: dict[str, Any] | None = Field(
        description="As it was asked: the dashboard's dates and conditions in it."
    )
    result: dict[str, Any] | None = Field(description="The result of its kind (docs/guides/insights.md).")
    asked_at: datetime | None = Field(description="When the event store was asked; at most ten minutes ago.")
    problem: TileProblem | None


@router.get("/dashboards", response=DashboardPage, operation_id="dashboards")
def list_dashboards(
    request: HttpRequest,
    slug: Annotated[str, Path()],
    q: Annotated[str, Query(max_length=200, description="Part of the name or description.")] = "",
    cursor: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=paging.MOST)] = paging.LIMIT,
) -> DashboardPage:
    """Dashboards, newest first."""
    page = queries.page(_actor(request), q=q, cursor=cursor or "", limit=limit)
    return DashboardPage(items=[DashboardSummary(**_summary(row)) for row in page.items], next=page.next)


@router.get("/dashboards/{dashboard}", response=DashboardShape, operation_id="dashboard")
def get_dashboard(request: HttpRequest, slug: Annotated[str, Path()], dashboard: UUID) -> DashboardShape:
    """One dashboard with its tiles."""
    row = queries.dashboard(_actor(request), dashboard)
    return DashboardShape(**_summary(row), tiles=[_tile(each) for each in queries.tiles(row)])


@router.get("/dashboards/{dashboard}/answers", response=list[TileAnswer], operation_id="dashboard_answers")
def get_answers(request: HttpRequest, slug: Annotated[str, Path()], dashboard: UUID) -> list[TileAnswer]:
    """What every tile says, with the dates and conditions kept with the dashboard. A tile that could not be asked says
    why; the others have their answers all the same."""
    actor = _actor(request)
    return [_answer(each) for each in dashboard_answers.answers(actor, queries.dashboard(actor, dashboard))]


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    authz.require(actor, VIEW_DASHBOARDS.name)
    return actor


def _summary(row: Dashboard) -> dict[str, Any]:
    page = reverse("analytics:dashboard", args=[row.workspace.slug, row.public_id])
    return {
        "id": row.public_id,
        "version": row.version,
        "name": row.name,
        "description": row.description,
        "override": row.override,
        "owner": DashboardOwner(id=row.owner.public_id, name=row.owner.user.name),
        "created_at": row.created_at,
        "changed_at": row.changed_at,
        "url": urljoin(f"{settings.SITE_URL}/", page),
    }


def _tile(row: Tile) -> DashboardTile:
    return DashboardTile(
        id=row.public_id,
        kind=TileKind(row.kind),
        title=row.name,
        insight=row.insight.public_id if row.insight is not None and not row.is_gone else None,
        text=row.text,
        x=row.x,
        y=row.y,
        w=row.w,
        h=row.h,
    )


def _answer(each: dashboard_answers.Answered) -> TileAnswer:
    problem = each.problem
    return TileAnswer(
        tile=_tile(each.tile),
        question=running.told(each.question) if each.question else None,
        result=each.answer.result if each.answer else None,
        asked_at=each.at,
        problem=TileProblem(code=problem.code, message=str(problem.message), hint=str(problem.hint))
        if problem
        else None,
    )
