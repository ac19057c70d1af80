"""Emoji on comments."""

from __future__ import annotations

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import Conflict, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.emoji import is_emoji
from tongpin.modules.discussions import events
from tongpin.modules.discussions.actions.about import own
from tongpin.modules.discussions.models import Comment, Reaction

#: Different emoji on one comment.
KINDS_MAX = 20


class React(BaseModel):
    """``emoji`` is one emoji, with its skin tone or as joined people use it."""

    model_config = ConfigDict(extra="forbid")

    emoji: str = Field(min_length=1, max_length=32)


def _emoji(data: React) -> str:
    """Raises Invalid for what is not one emoji."""
    emoji = data.emoji.strip()
    if not is_emoji(emoji):
        raise Invalid(_("This is not one emoji."), field="emoji", code="not_an_emoji")
    return emoji


@action(
    "discussions.comment.react",
    permission="discussions.comment.react",
    target=Comment,
    inverse="discussions.comment.unreact",
    inverse_data=lambda before, row: {"emoji": row.reacted},
)
def react(actor: Actor, row: Comment, data: React) -> Comment:
    """Put an emoji on a comment; the same one twice counts once."""
    emoji = row.reacted = _emoji(data)
    others = set(row.reactions.values_list("emoji", flat=True)) - {emoji}
    if len(others) >= KINDS_MAX:
        raise Conflict(_("There are enough different emoji on this comment."), code="too_many_emoji")
    _reaction, fresh = Reaction.objects.get_or_create(
        comment=row, member=own(actor), emoji=emoji, defaults={"workspace": row.workspace}
    )
    if fresh:
        emit(events.ReactionAdded(comment=row.public_id, emoji=emoji), row.discussion)
    return row


@action(
    "discussions.comment.unreact",
    permission="discussions.comment.react",
    target=Comment,
    inverse="discussions.comment.react",
    inverse_data=lambda before, row: {"emoji": row.reacted},
)
def unreact(actor: Actor, row: Comment, data: React) -> Comment:
    """Take one's own emoji off a comment."""
    emoji = row.reacted = _emoji(data)
    gone, _rows = Reaction.objects.filter(comment=row, member=own(actor), emoji=emoji).delete()
    if gone:
        emit(events.ReactionRemoved(comment=row.public_id, emoji=emoji), row.discussion)
    return row
