"""Relations for programs. They are made and removed through the actions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from tongpin.kernel import authz, objects, paging
from tongpin.kernel.errors import Denied, NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.relations import queries
from tongpin.modules.relations.enums import Kind
from tongpin.modules.relations.permissions import VIEW

router = Router(tags=["relations"])


class RelatedObject(BaseModel):
    type: str = Field(description="The kind of object, such as goals.lookback.")
    id: UUID
    title: str
    url: str = Field(description="Its page, for people.")


class RelationShape(BaseModel):
    """A relation, as the object that was asked about says it."""

    id: UUID
    kind: Kind
    backward: bool = Field(description="True: the other one blocks (caused, answers, duplicates) this one.")
    words: str = Field(description="The same in the token owner's language, to stand between the two.")
    other: RelatedObject
    created_at: datetime


class RelationPage(BaseModel):
    items: list[RelationShape]
    next: str | None = Field(description="The cursor of the next piece; null at the end.")


@router.get("/{kind}/{subject}", response=RelationPage, operation_id="relations")
def list_relations(
    request: HttpRequest,
    slug: str,
    kind: str,
    subject: UUID,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=paging.MOST)] = paging.LIMIT,
) -> RelationPage:
    """What one object is linked with, grouped by what they are to each other. Only what the token may read."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not authz.can(actor, VIEW.name):
        raise Denied
    if kind not in objects.types() or not authz.may_read(actor, objects.types()[kind].module):
        raise NotFound
    objects.find(actor, kind, subject)
    rows, following = queries.related(actor, (kind, subject), cursor or "", limit)
    return RelationPage(items=[_shape(shown) for shown in rows], next=following)


def _shape(shown: queries.Shown) -> RelationShape:
    return RelationShape(
        id=shown.row.public_id,
        kind=shown.phrase.kind,
        backward=shown.phrase.backward,
        words=shown.phrase.words,
        other=RelatedObject(
            type=shown.card.type,
            id=shown.card.id,
            title=shown.card.title,
            url=urljoin(f"{settings.SITE_URL}/", shown.card.url),
        ),
        created_at=shown.row.created_at,
    )
