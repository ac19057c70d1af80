"""Markers and notes for programs. Writing goes through the actions (``POST …/actions/analytics.note.add``)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from tongpin.kernel import authz, paging
from tongpin.kernel.errors import Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import markers
from tongpin.modules.analytics.models import Note
from tongpin.modules.analytics.permissions import VIEW_NOTES
from tongpin.modules.analytics.queries import note as queries

router = Router(tags=["analytics"])

MOST_DAYS = 4_000


class NoteOwner(BaseModel):
    id: UUID
    name: str


class NoteShape(BaseModel):
    """A note on the time axis; both days are in it."""

    id: UUID
    version: int
    first: date
    last: date
    text: str
    link: str
    owner: NoteOwner
    created_at: datetime
    changed_at: datetime
    url: str = Field(description="Its page, for people.")


class NotePage(BaseModel):
    items: list[NoteShape]
    next: str | None = Field(description="The cursor of the next piece; null at the end.")


class MarkerShape(BaseModel):
    """What happened on the days from `first` to `last`."""

    first: date
    last: date
    family: str = Field(description="Its kind, such as `analytics.holidays`.")
    label: str
    url: str = Field(description="Where it leads; empty where it leads nowhere.")


@router.get("/markers", response=list[MarkerShape], operation_id="markers")
def list_markers(
    request: HttpRequest,
    slug: Annotated[str, Path()],
    first: Annotated[date, Query(description="The first day.")],
    last: Annotated[date, Query(description="The last day, at most 4000 days later.")],
    family: Annotated[
        list[str] | None, Query(max_length=50, description="Of these families; else of all.")
    ] = None,
) -> list[MarkerShape]:
    """Everything known of these days, by day: notes, holidays, make-up workdays, shopping days."""
    actor = _actor(request)
    if last < first or (last - first).days > MOST_DAYS:
        raise Invalid(_("Ask for at most %(n)d days.") % {"n": MOST_DAYS}, field="last")
    found = markers.over(actor, first, last, family or markers.families())
    base = f"{settings.SITE_URL}/"
    return [
        MarkerShape(
            first=each.first,
            last=each.last,
            family=each.family,
            label=each.label,
            url=urljoin(base, each.url) if each.url else "",
        )
        for each in found
    ]


@router.get("/notes", response=NotePage, operation_id="notes")
def list_notes(
    request: HttpRequest,
    slug: Annotated[str, Path()],
    q: Annotated[str, Query(max_length=200, description="Part of the text.")] = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=paging.MOST)] = paging.LIMIT,
) -> NotePage:
    """Notes, the latest day first."""
    page = queries.page(_actor(request), q, cursor or "", limit)
    return NotePage(items=[_shape(row) for row in page.items], next=page.next)


@router.get("/notes/{note}", response=NoteShape, operation_id="note")
def get_note(request: HttpRequest, slug: Annotated[str, Path()], note: UUID) -> NoteShape:
    """One note."""
    return _shape(queries.note(_actor(request), note))


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    authz.require(actor, VIEW_NOTES.name)
    return actor


def _shape(row: Note) -> NoteShape:
    page = reverse("analytics:note", args=[row.workspace.slug, row.public_id])
    return NoteShape(
        id=row.public_id,
        version=row.version,
        first=row.first,
        last=row.last,
        text=row.text,
        link=row.link,
        owner=NoteOwner(id=row.owner.public_id, name=row.owner.user.name),
        created_at=row.created_at,
        changed_at=row.changed_at,
        url=urljoin(f"{settings.SITE_URL}/", page),
    )
