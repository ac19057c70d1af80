"""Who is told of what is said: those mentioned, those who watch, those nudged and those copied in."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tongpin.kernel import objects
from tongpin.kernel.events import payloads
from tongpin.kernel.events.models import Event
from tongpin.kernel.news import Kind, Wording, rule
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.discussions import queries
from tongpin.modules.discussions.models import Comment, Discussion
from tongpin.modules.workspaces.public import describe

MENTIONS = Kind(
    "discussions.mention",
    gettext_lazy("Mentions"),
    gettext_lazy("Someone wrote @ and your name in a comment."),
    icon="at-sign",
    direct=True,
)
COMMENTS = Kind(
    "discussions.comment",
    gettext_lazy("Comments on what you watch"),
    gettext_lazy("You watch what you made, what you commented on and where you were mentioned."),
    icon="message-square-text",
)
NUDGES = Kind(
    "discussions.nudge",
    gettext_lazy("Nudges"),
    gettext_lazy("Someone asks you to hurry with something."),
    icon="bell-ring",
    direct=True,
)
COPIES = Kind(
    "discussions.cc",
    gettext_lazy("Copied in"),
    gettext_lazy("Someone made you a watcher of something."),
    icon="user-plus",
    direct=True,
)


def register() -> None:
    """Called once, from ``ready()``."""
    rule(
        "discussions.comment_written", kind=MENTIONS, recipients=_mentioned, wording=_mention_words, about=_about
    )  # fmt: skip
    rule(
        "discussions.comment_written", kind=COMMENTS, recipients=_watchers, wording=_comment_words, about=_about
    )  # fmt: skip
    rule(
        "discussions.comment_edited", kind=MENTIONS, recipients=_mentioned, wording=_mention_words, about=_about
    )  # fmt: skip
    rule("discussions.member_nudged", kind=NUDGES, recipients=_nudged, wording=_nudge_words, about=_about)
    rule("discussions.members_copied", kind=COPIES, recipients=_copied, wording=_copy_words, about=_about)
    describe(
        "discussions.comment_written",
        lambda p: _("replied:") if p.thread else _("commented:"),
        names=_comment,
    )
    describe("discussions.comment_edited", lambda p: _("changed a comment:"), names=_comment)
    describe("discussions.comment_deleted", lambda p: _("deleted a comment"))
    describe("discussions.comment_restored", lambda p: _("brought a deleted comment back"))
    describe("discussions.thread_resolved", lambda p: _("resolved a thread:"), names=_comment)
    describe("discussions.thread_reopened", lambda p: _("reopened a thread:"), names=_comment)
    describe(
        "discussions.reaction_added",
        lambda p: _("reacted with %(emoji)s") % {"emoji": p.emoji},
        quiet=True,
    )
    describe(
        "discussions.reaction_removed",
        lambda p: _("took back the reaction %(emoji)s") % {"emoji": p.emoji},
        quiet=True,
    )
    describe(
        "discussions.watching_changed",
        lambda p: _("began to watch") if p.watching else _("stopped watching"),
        quiet=True,
    )
    describe("discussions.member_nudged", lambda p: _("nudged %(name)s") % {"name": p.name})
    describe(
        "discussions.members_copied", lambda p: _("copied in %(names)s") % {"names": _(", ").join(p.names)}
    )


def _comment(payload: Any) -> tuple[str, uuid.UUID]:
    """The comment as it now is: what was deleted is not read in the activity either."""
    return Comment._meta.label_lower, payload.comment


def _payload(event: Event) -> Any:
    return payloads.from_row(event.name, event.v, event.payload)


def _discussion(event: Event) -> Discussion | None:
    return (
        Discussion.objects.select_related("workspace")
        .filter(workspace=event.workspace, public_id=event.subject_id)
        .first()
    )


def _about(event: Event) -> tuple[str, uuid.UUID]:
    found = _discussion(event)
    return (found.subject_type, found.subject_id) if found else (event.subject_type, event.subject_id)


def _object(event: Event) -> tuple[Discussion | None, Any]:
    discussion = _discussion(event)
    if discussion is None:
        return None, None
    return discussion, objects.unscoped(discussion.subject_type, event.workspace, discussion.subject_id)


def _is_there(event: Event) -> bool:
    """Whether the comment has not been deleted since, so that nobody is led to nothing."""
    return Comment.objects.filter(public_id=_payload(event).comment, deleted_at=None).exists()


def _here(event: Event, ids: Iterable[str]) -> list[Membership]:
    """Those of them who are here still. Whether they see the object is asked of everybody who is told anything."""
    if _object(event)[1] is None:
        return []
    rows = Membership.objects.active().filter(workspace=event.workspace_id, public_id__in=list(ids))
    return list(rows.select_related("user", "workspace"))


def _mentioned(event: Event) -> Iterable[Membership]:
    ids = _payload(event).mentioned
    return _here(event, ids) if ids and _is_there(event) else []


def _watchers(event: Event) -> Iterable[Membership]:
    """Who watches, and who follows the object from the start, but for those who said no."""
    discussion, row = _object(event)
    if discussion is None or row is None or not _is_there(event):
        return []
    return queries.watchers_of(row)


def _nudged(event: Event) -> Iterable[Membership]:
    return _here(event, [_payload(event).member])


def _copied(event: Event) -> Iterable[Membership]:
    return _here(event, _payload(event).members)


def _by(event: Event) -> str:
    return event.actor.get_short_name() if event.actor else _("The server")


def _comment_url(event: Event) -> str:
    slug = event.workspace.slug if event.workspace else ""
    return reverse("discussions:comment", args=[slug, _payload(event).comment])


def _object_url(event: Event) -> str:
    slug = event.workspace.slug if event.workspace else ""
    return reverse("discussions:discussion", args=[slug, event.subject_id])


def _mention_words(event: Event, language: str) -> Wording:
    said = _payload(event)
    title = _("%(name)s mentioned you: %(title)s") % {"name": _by(event), "title": said.title}
    return Wording(title, said.excerpt, _comment_url(event))


def _comment_words(event: Event, language: str) -> Wording:
    said = _payload(event)
    words = _("%(name)s replied: %(title)s") if said.thread else _("%(name)s commented: %(title)s")
    return Wording(words % {"name": _by(event), "title": said.title}, said.excerpt, _comment_url(event))


def _nudge_words(event: Event, language: str) -> Wording:
    said = _payload(event)
    times = ngettext("Nudged %(n)d time so far.", "Nudged %(n)d times so far.", said.times) % {
        "n": said.times
    }
    title = _("%(name)s nudges you: %(title)s") % {"name": _by(event), "title": said.title}
    return Wording(title, f"{said.message}\n{times}" if said.message else times, _object_url(event))


def _copy_words(event: Event, language: str) -> Wording:
    said = _payload(event)
    title = _("%(name)s copied you in: %(title)s") % {"name": _by(event), "title": said.title}
    return Wording(title, said.message, _object_url(event))
