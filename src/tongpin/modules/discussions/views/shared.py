"""What the addresses of a discussion share: the object, and how a refusal is told beside what was typed."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tongpin.kernel.errors import DomainError, NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.discussions import panel, subjects
from tongpin.modules.discussions.models import Comment


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def comment_of(actor: Actor, public_id: uuid.UUID) -> Comment:
    """The comment, if the actor sees it. Raises NotFound."""
    rows = Comment.objects.visible_to(actor).select_related("discussion", "author", "parent")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def about_of(actor: Actor, comment: Comment) -> Any:
    """The object the comment is about."""
    return subjects.find(actor, comment.discussion.subject_type, comment.discussion.subject_id)


def whole(request: HttpRequest, row: Any) -> HttpResponse:
    """The panel anew: the answer to whatever was done in it."""
    return render(request, "discussions/panel.html", panel.context(request, row))


def refused(request: HttpRequest, error: DomainError, target: str) -> HttpResponse:
    """Why it was not taken, shown in ``target``: the form, and what was typed in it, stay as they are."""
    context = {"message": error.in_short, "hint": error.hint}
    response = render(request, "discussions/_refused.html", context, status=422)
    response.headers["HX-Retarget"] = f"#{target}"
    response.headers["HX-Reswap"] = "innerHTML"
    return response
