"""Comments for programs. Writing goes through the actions (``POST …/actions/discussions.comment.write``)."""

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
from tongpin.kernel.errors import Denied
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.discussions import queries, subjects
from tongpin.modules.discussions.models import Comment

router = Router(tags=["discussions"])


class Author(BaseModel):
    id: UUID
    name: str


class CommentShape(BaseModel):
    """A comment. ``thread`` is the comment it answers, null for one that begins a thread."""

    id: UUID
    thread: UUID | None
    text: str = Field(description="Markdown; @[name](member:<id>) is a mention, file:<id> a file.")
    author: Author
    created_at: datetime
    edited_at: datetime | None
    resolved_at: datetime | None
    reactions: dict[str, int] = Field(description="Emoji and how many put it there.")
    url: str = Field(description="Its place on the page, for people.")


class CommentPage(BaseModel):
    items: list[CommentShape]
    next: str | None = Field(description="The cursor of the next piece; null at the end.")


@router.get("/{about_type}/{about_id}/comments", response=CommentPage, operation_id="comments")
def list_comments(
    request: HttpRequest,
    slug: Annotated[str, Path()],
    about_type: str,
    about_id: UUID,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=paging.MOST)] = paging.LIMIT,
) -> CommentPage:
    """What is said about an object (``about_type`` is ``app.model``, such as ``goals.lookback``), oldest first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not authz.can(actor, "discussions.comment.view"):
        raise Denied
    row = subjects.find(actor, about_type, about_id)
    page = paging.page(
        queries.about(actor, row).filter(deleted_at=None).select_related("parent"), cursor, limit
    )
    reacted = queries.reactions(actor, page.items)
    return CommentPage(
        items=[_shape(slug, comment, reacted[comment.pk]) for comment in page.items], next=page.next
    )


def _shape(slug: str, row: Comment, reacted: list[queries.Reacted]) -> CommentShape:
    place = reverse("discussions:comment", args=[slug, row.public_id])
    shape: dict[str, Any] = {
        "id": row.public_id,
        "thread": row.parent.public_id if row.parent else None,
        "text": row.text,
        "author": Author(id=row.author.public_id, name=row.author.name),
        "created_at": row.created_at,
        "edited_at": row.edited_at,
        "resolved_at": row.resolved_at,
        "reactions": {one.emoji: len(one.names) for one in reacted},
        "url": urljoin(f"{settings.SITE_URL}/", place),
    }
    return CommentShape(**shape)
