"""Comments: written, edited, deleted; threads resolved and reopened."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tongpin.kernel import clock, objects
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Denied, Invalid, NotFound
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib import markdown
from tongpin.modules.discussions import events
from tongpin.modules.discussions.actions.about import (
    About,
    begin_watching,
    members_who_see,
    open_discussion,
    own,
)
from tongpin.modules.discussions.models import TEXT_MAX, Comment, CommentVersion, DeletedComment

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_MAX)]
MENTIONS_MAX = 50


class WriteComment(About):
    """``text`` is markdown, ``@[name](member:<id>)`` mentions. ``thread`` is the comment it answers."""

    text: Text
    thread: uuid.UUID | None = None


class EditComment(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Text = Field(description="Markdown; @[name](member:<id>) mentions a member.")


@action(
    "discussions.comment.write",
    permission="discussions.comment.write",
    inverse="discussions.comment.delete",
)
def write_comment(actor: Actor, data: WriteComment) -> Comment:
    """Say something about an object. Who writes or is mentioned watches it from then on."""
    author = own(actor)
    row, discussion = open_discussion(actor, data)
    thread = _thread(discussion.pk, data.thread)
    mentioned = _mentioned(actor, row, data.text)
    comment = Comment.objects.create(
        workspace=row.workspace,
        discussion=discussion,
        parent=thread,
        author=author.user,
        text=data.text,
    )
    begin_watching(discussion, [author, *mentioned])
    emit(
        events.CommentWritten(
            comment=comment.public_id,
            thread=thread.public_id if thread else None,
            mentioned=[member.public_id for member in mentioned],
            excerpt=markdown.plain(data.text),
            title=discussion.title,
        ),
        discussion,
    )
    return comment


def _thread(discussion: int, public_id: uuid.UUID | None) -> Comment | None:
    """The comment that begins the thread. Raises Invalid for one that is not there, or only answers another."""
    if public_id is None:
        return None
    found: Comment | None = Comment.objects.filter(
        discussion=discussion, public_id=public_id, deleted_at=None
    ).first()
    if found is None or found.parent_id is not None:
        raise Invalid(
            _("What you answer is not there any more."),
            field="thread",
            code="no_thread",
            hint=_("Copy your text and write it as a new comment."),
        )
    return found


def _mentioned(actor: Actor, row: Any, text: str, before: str = "") -> list[Membership]:
    """Whom the text mentions that ``before`` did not. Raises Invalid for those who cannot see the object."""
    known = {key for key, _name in markdown.references(before)}
    new = [key[1] for key, _name in markdown.references(text) if key[0] == "member" and key not in known]
    if len(new) > MENTIONS_MAX:
        raise Invalid(
            _("At most %(most)d people can be mentioned at once.") % {"most": MENTIONS_MAX},
            field="text",
            code="too_many_mentions",
        )
    return members_who_see(actor, row, new, field="text") if new else []


@action(
    "discussions.comment.edit",
    permission="discussions.comment.edit",
    target=Comment,
    inverse="discussions.comment.edit",
    inverse_data=lambda before, row: {"text": before["text"]},
)
def edit_comment(actor: Actor, row: Comment, data: EditComment) -> Comment:
    """Change what one wrote. The text before stays in the comment's history."""
    if data.text == row.text:
        return row
    discussion = row.discussion
    about = objects.find(actor, discussion.subject_type, discussion.subject_id)
    mentioned = _mentioned(actor, about, data.text, row.text)
    now = clock.now()
    CommentVersion.objects.create(
        workspace=row.workspace,
        comment=row,
        text=row.text,
        since=row.edited_at or row.created_at,
        until=now,
    )
    row.text, row.edited_at = data.text, now
    row.save(update_fields=["text", "edited_at"])
    begin_watching(discussion, mentioned)
    emit(
        events.CommentEdited(
            comment=row.public_id,
            mentioned=[member.public_id for member in mentioned],
            excerpt=markdown.plain(data.text),
            title=discussion.title,
        ),
        discussion,
    )
    return row


@action(
    "discussions.comment.delete",
    permission="discussions.comment.delete",
    target=Comment,
    inverse="discussions.comment.restore",
)
def delete_comment(actor: Actor, row: Comment, data: Empty) -> Comment:
    """Take a comment out of sight. Answers to it stay where they are."""
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    emit(events.CommentDeleted(comment=row.public_id, title=row.discussion.title), row.discussion)
    return row


@action(
    "discussions.comment.restore",
    permission="discussions.comment.delete",
    target=DeletedComment,
    inverse="discussions.comment.delete",
)
def restore_comment(actor: Actor, row: DeletedComment, data: Empty) -> Comment:
    """Bring a deleted comment back as it was."""
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    emit(events.CommentRestored(comment=row.public_id, title=row.discussion.title), row.discussion)
    return row


@action(
    "discussions.comment.resolve",
    permission="discussions.comment.resolve",
    target=Comment,
    inverse="discussions.comment.reopen",
)
def resolve_thread(actor: Actor, row: Comment, data: Empty) -> Comment:
    """Mark a thread as settled. It folds away and can be reopened."""
    _require_thread(row)
    if row.resolved_at is None:
        if actor.user is None:
            raise Denied
        row.resolved_at, row.resolved_by = clock.now(), actor.user
        row.save(update_fields=["resolved_at", "resolved_by"])
        emit(events.ThreadResolved(comment=row.public_id, title=row.discussion.title), row.discussion)
    return row


@action(
    "discussions.comment.reopen",
    permission="discussions.comment.resolve",
    target=Comment,
    inverse="discussions.comment.resolve",
)
def reopen_thread(actor: Actor, row: Comment, data: Empty) -> Comment:
    """Take up a settled thread again."""
    _require_thread(row)
    if row.resolved_at is not None:
        row.resolved_at = row.resolved_by = None
        row.save(update_fields=["resolved_at", "resolved_by"])
        emit(events.ThreadReopened(comment=row.public_id, title=row.discussion.title), row.discussion)
    return row


def _require_thread(row: Comment) -> None:
    if row.parent_id is not None:
        raise NotFound(_("Only a whole thread can be resolved."), code="not_a_thread")
