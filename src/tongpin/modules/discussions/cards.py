"""Discussions and comments as the rest of the program meets them."""

from __future__ import annotations

from django.urls import reverse

from tongpin.kernel.objects import Card, SearchText
from tongpin.lib import markdown
from tongpin.modules.discussions.models import Comment, Discussion

BODY_MAX = 40_000
"""Characters of a discussion that can be found, the newest."""


def of_discussion(row: Discussion) -> Card:
    """Named after the object it is about, and leads there. ``workspace`` is joined."""
    return Card(
        type=Discussion._meta.label_lower,
        id=row.public_id,
        title=row.title,
        url=reverse("discussions:discussion", args=[row.workspace.slug, row.public_id]),
        icon="message-square-text",
    )


def search(row: Discussion) -> SearchText | None:
    """A discussion is found by what was said in it; None once nothing of it is left."""
    said, room = [], BODY_MAX
    for text in (
        Comment.objects.filter(discussion=row, deleted_at=None).order_by("-pk").values_list("text", flat=True)
    ):
        if room <= 0:
            break
        said.append(markdown.plain(text, room))
        room -= len(said[-1])
    return SearchText(title=row.title, body="\n".join(said)) if said else None


def of_comment(row: Comment) -> Card:
    """Its first words. ``workspace`` is joined."""
    return Card(
        type=Comment._meta.label_lower,
        id=row.public_id,
        title=markdown.plain(row.text, 80),
        url=reverse("discussions:comment", args=[row.workspace.slug, row.public_id]),
        icon="message-square-text",
    )
