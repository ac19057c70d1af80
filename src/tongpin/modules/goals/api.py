"""Look backs for programs. Writing goes through the actions (``POST …/actions/goals.lookback.create``)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from tongpin.kernel import authz, paging
from tongpin.kernel.errors import Denied
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.effects import Direction, Evidence, Result, Scale, SizeUnit
from tongpin.modules.goals import queries
from tongpin.modules.goals.enums import LookBackState
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.wording import results

router = Router(tags=["goals"])


class Author(BaseModel):
    id: UUID
    name: str


class Change(BaseModel):
    """The change a result leads with. With ``relative`` and ``points`` it is a share: 0.05 is 5 % or 5 points."""

    unit: SizeUnit
    value: float
    low: float | None = Field(description="null where there is no honest interval (evidence D).")
    high: float | None


class LookBackShape(BaseModel):
    """A look back as the list shows it. It was not locked before its launch and never counts in calibration."""

    id: UUID
    version: int
    title: str
    metric: str
    unit: str
    state: LookBackState
    launch: date | None
    window_days: int
    result: Result | None = Field(description="null while there is none.")
    evidence: Evidence | None
    change: Change | None
    created_at: datetime
    evaluated_at: datetime | None
    author: Author
    owner: Author
    url: str = Field(description="Its page, for people.")


class LookBackDetail(LookBackShape):
    """With its question, its series and the whole result."""

    source_name: str
    direction: Direction
    expected: float | None = Field(
        description="In the good direction; 0.05 with relative is 5 %, 6 with points is 6 points."
    )
    expected_unit: SizeUnit
    worth: float | None
    worth_unit: SizeUnit
    scale: Scale
    country: str
    partial_days: int
    others: list[dict[str, Any]]
    progress: float = Field(description="0 to 1 while it is computed.")
    failure: dict[str, Any] | None
    answer: str = Field(
        description="The result in a sentence, in the token owner's language; empty while there is none."
    )
    reading: str = Field(description="What people wrote beside the result; it does not change it.")
    series: dict[str, Any] = Field(
        description="version, start, step_days, unit, name, values (null is missing)."
    )
    findings: list[dict[str, Any]] = Field(description="What was noticed while reading the table.")
    effect: dict[str, Any] | None = Field(description="The result with its days, versioned by `version`.")


class LookBackPage(BaseModel):
    items: list[LookBackShape]
    next: str | None = Field(description="The cursor of the next piece; null at the end.")


@router.get("/lookbacks", response=LookBackPage, operation_id="lookbacks")
def list_lookbacks(
    request: HttpRequest,
    slug: Annotated[str, Path()],
    result: Annotated[
        str,
        Query(
            pattern="^(|met|partly|missed|negative|unclear|open)$",
            description="Only these; open: without a result.",
        ),
    ] = "",
    cursor: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=paging.MOST)] = paging.LIMIT,
) -> LookBackPage:
    """Look backs, newest first."""
    page = queries.lookbacks(_actor(request), result=result, cursor=cursor or "", limit=limit)
    return LookBackPage(items=[LookBackShape(**_shape(row)) for row in page.items], next=page.next)


@router.get("/lookbacks/{lookback}", response=LookBackDetail, operation_id="lookback")
def get_lookback(request: HttpRequest, slug: Annotated[str, Path()], lookback: UUID) -> LookBackDetail:
    """One look back with its series and result."""
    row = queries.lookback(_actor(request), lookback)
    effect = row.to_effect()
    series = row.to_series()
    return LookBackDetail(
        **_shape(row),
        source_name=row.source_name,
        direction=Direction(row.direction),
        expected=row.expected,
        expected_unit=SizeUnit(row.expected_unit),
        worth=row.worth,
        worth_unit=SizeUnit(row.worth_unit),
        scale=Scale(row.scale),
        country=row.country,
        partial_days=row.partial_days,
        others=row.others,
        progress=row.progress,
        failure=row.failure,
        answer=results.answer(effect, row.metric, row.unit) if effect else "",
        reading=row.reading,
        series=series.to_json(),
        findings=row.findings,
        effect=row.result,
    )


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not authz.can(actor, "goals.lookback.view"):
        raise Denied
    return actor


def _shape(row: LookBack) -> dict[str, Any]:
    told = row.summary
    return {
        "id": row.public_id,
        "version": row.version,
        "title": row.title,
        "metric": row.metric,
        "unit": row.unit,
        "state": LookBackState(row.state),
        "launch": row.launch,
        "window_days": row.window_days,
        "result": row.word or None,
        "evidence": row.evidence or None,
        "change": {name: told[name] for name in ("unit", "value", "low", "high")}
        if "value" in told
        else None,
        "created_at": row.created_at,
        "evaluated_at": row.evaluated_at,
        "author": {"id": row.author.public_id, "name": row.author.name},
        "owner": {"id": row.owner.public_id, "name": row.owner.name},
        "url": urljoin(
            f"{settings.SITE_URL}/", reverse("goals:lookback", args=[row.workspace.slug, row.public_id])
        ),
    }
