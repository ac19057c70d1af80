"""Alerts for programs. Writing goes through the actions (``POST …/actions/analytics.alert.create``)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from tongpin.kernel import authz, paging
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.models import Alert, Firing
from tongpin.modules.analytics.permissions import VIEW_ALERTS
from tongpin.modules.analytics.queries import alert as queries

router = Router(tags=["analytics"])


class AlertOwner(BaseModel):
    id: UUID
    name: str


class AlertShape(BaseModel):
    """An alert on a series of a saved insight; days are the workspace's."""

    id: UUID
    version: int
    name: str
    insight: UUID
    series: str
    rule: str
    value: float | None = Field(
        description="The threshold, or the change as a share of 1; null for unusual days."
    )
    owner: AlertOwner
    ringing_since: date | None = Field(
        description="The first day of the run of anomalies that lasts; null while quiet."
    )
    judged_until: date | None = Field(description="The last day that was judged.")
    trouble: str = Field(description="Why the last attempt judged nothing; empty if it did.")
    paused_at: datetime | None
    muted_until: date | None
    created_at: datetime
    changed_at: datetime
    url: str = Field(description="Its page, for people.")


class AlertPage(BaseModel):
    items: list[AlertShape]
    next: str | None = Field(description="The cursor of the next piece; null at the end.")


class FiringShape(BaseModel):
    """One run of anomalies. `low` and `high` are the band, or the threshold, that its first day left."""

    day: date
    last_day: date
    value: float
    expected: float | None
    low: float | None
    high: float | None
    reason: str


class AlertWithFirings(AlertShape):
    firings: list[FiringShape] = Field(description="When it rang, the latest first, at most 100.")


@router.get("/alerts", response=AlertPage, operation_id="alerts")
def list_alerts(
    request: HttpRequest,
    slug: Annotated[str, Path()],
    q: Annotated[str, Query(max_length=200, description="Part of its name or its insight's.")] = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=paging.MOST)] = paging.LIMIT,
) -> AlertPage:
    """Alerts, the newest first."""
    page = queries.page(_actor(request), q, cursor or "", limit)
    return AlertPage(items=[AlertShape(**_told(row)) for row in page.items], next=page.next)


@router.get("/alerts/{alert}", response=AlertWithFirings, operation_id="alert")
def get_alert(request: HttpRequest, slug: Annotated[str, Path()], alert: UUID) -> AlertWithFirings:
    """One alert and when it rang."""
    row = queries.alert(_actor(request), alert)
    return AlertWithFirings(**_told(row), firings=[_firing(each) for each in queries.firings(row)])


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    authz.require(actor, VIEW_ALERTS.name)
    return actor


def _told(row: Alert) -> dict[str, object]:
    page = reverse("analytics:alert", args=[row.workspace.slug, row.public_id])
    same = (
        "version", "name", "series", "rule", "value", "ringing_since", "judged_until", "trouble", "paused_at",
        "muted_until", "created_at", "changed_at",
    )  # fmt: skip
    return {name: getattr(row, name) for name in same} | {
        "id": row.public_id,
        "insight": row.insight.public_id,
        "owner": AlertOwner(id=row.owner.public_id, name=row.owner.user.name),
        "url": urljoin(f"{settings.SITE_URL}/", page),
    }


def _firing(row: Firing) -> FiringShape:
    return FiringShape(
        day=row.day, last_day=row.last_day, value=row.value, expected=row.expected, low=row.low, high=row.high,
        reason=row.reason,
    )  # fmt: skip
