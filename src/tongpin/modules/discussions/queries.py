"""A discussion as its page shows it: in a number of queries that does not grow with what is said."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tongpin.kernel import authz
from tongpin.kernel.files import public as files
from tongpin.kernel.files.models import StoredFile
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib import markdown
from tongpin.lib.differences import Piece, compare
from tongpin.modules.discussions import subjects
from tongpin.modules.discussions.models import Comment, CommentVersion, Discussion, Nudge, Reaction, Watch
from tongpin.ui import prose

THREADS = 30
"""How many threads a page begins with; “load earlier” adds as many."""
MOST_THREADS = 600
CHANGES = 30
"""Edits of a comment that its history shows."""
IMAGES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
MENTIONABLE, TRIED = 8, 40


@dataclass(slots=True)
class Reacted:
    """One emoji on a comment, and who put it there."""

    emoji: str
    names: list[str] = field(default_factory=list)
    is_own: bool = False

    @property
    def who(self) -> str:
        """The names, as a list in the reader's language."""
        return _(", ").join(self.names)


@dataclass(slots=True)
class Said:
    """One comment as it is shown. ``may_*`` is what the reader may do with it."""

    row: Comment
    html: SafeString
    reactions: list[Reacted]
    may_edit: bool
    may_delete: bool
    may_resolve: bool
    replies: list[Said] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The first words, for a thread that is folded away."""
        return markdown.plain(self.row.text, 120)

    @property
    def is_deleted(self) -> bool:
        return self.row.deleted_at is not None


@dataclass(slots=True)
class Nudged:
    """How often a member was nudged about the object, and when last."""

    name: str
    times: int
    last: datetime


@dataclass(slots=True)
class Talk:
    """The whole panel. ``earlier``, ``later``: how many threads are before and after those shown; ``at``: the comment
    around which they are, None for the newest.
    """

    about_type: str
    about_id: uuid.UUID
    ident: uuid.UUID
    threads: list[Said] = field(default_factory=list)
    count: int = 0
    show: int = THREADS
    earlier: int = 0
    later: int = 0
    at: uuid.UUID | None = None
    is_watching: bool = False
    watchers: list[Membership] = field(default_factory=list)
    nudged: list[Nudged] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many threads are shown after “load earlier”."""
        return min(self.show + THREADS, MOST_THREADS)


def watchers_of(row: Any) -> QuerySet[Membership]:
    """Who watches an object, and who follows it from the start, but for those who said no (``user`` is loaded)."""
    own = Watch.objects.filter(
        discussion__subject_type=row._meta.label_lower, discussion__subject_id=row.public_id
    )
    words = dict(own.values_list("member", "watching"))
    members = Membership.objects.active().filter(workspace=row.workspace_id)
    rows = members.filter(pk__in=[pk for pk, watching in words.items() if watching]) | members.filter(
        user__in=subjects.followers_of(row)
    ).exclude(pk__in=words)
    return rows.select_related("user", "workspace").order_by("pk")


def about(actor: Actor, row: Any) -> QuerySet[Comment]:
    """What is said about an object the actor was found to see, deleted comments included, oldest first."""
    rows = Comment.objects.filter(
        workspace=actor.workspace,
        discussion__subject_type=row._meta.label_lower,
        discussion__subject_id=row.public_id,
    )
    return rows.select_related("author", "resolved_by").order_by("public_id")


def talk(actor: Actor, row: Any, show: int = THREADS, at: uuid.UUID | None = None) -> Talk:
    """The panel of an object: its newest ``show`` threads, each with its answers. ``at``: rather those up to a few
    after the one that comment is in.
    """
    key = row._meta.label_lower
    found = Talk(key, row.public_id, subjects.discussion_id(key, row.public_id))
    found.show = max(THREADS, min(show, MOST_THREADS))
    discussion = Discussion.objects.filter(workspace=actor.workspace, public_id=found.ident).first()
    watches: list[Watch] = []
    if discussion is not None:  # most objects nobody has spoken about yet
        _said(actor, row, discussion, found, at)
        watches = list(Watch.objects.filter(discussion=discussion).select_related("member__user"))
        found.nudged = _nudged(discussion)
    found.watchers = [w.member for w in watches if w.watching and w.member.deactivated_at is None]
    own = next((watch for watch in watches if watch.member == actor.membership), None)
    follows = own is None and actor.user is not None and actor.user.pk in subjects.followers_of(row)
    found.is_watching = own.watching if own else follows
    return found


def _said(actor: Actor, row: Any, discussion: Discussion, found: Talk, at: uuid.UUID | None) -> None:
    said = discussion.comments.select_related("author", "resolved_by").order_by("public_id")
    # A deleted comment is still shown, as that, while something answers it.
    answered = Exists(Comment.objects.filter(parent=OuterRef("pk"), deleted_at=None))
    begun = discussion.comments.filter(Q(deleted_at=None) | answered, parent=None)
    until = _until(discussion, begun, at) if at else None
    if until is not None:
        found.at, found.later = at, begun.filter(public_id__gt=until).count()
        begun = begun.filter(public_id__lte=until)
    newest = begun.order_by("-public_id").values("pk")[: found.show + 1]
    rows = list(said.filter(Q(pk__in=newest) | Q(parent__in=newest, deleted_at=None)))
    threads = [comment for comment in rows if comment.parent_id is None]
    if len(threads) > found.show:
        threads = threads[1:]
        found.earlier = begun.count() - found.show
    begins = {thread.pk for thread in threads}
    rows = [comment for comment in rows if (comment.parent_id or comment.pk) in begins]
    there = said.filter(deleted_at=None).count() if found.earlier or found.later else None
    found.count = sum(comment.deleted_at is None for comment in rows) if there is None else there
    shown = {one.row.pk: one for one in _shown(actor, row, rows)}
    for comment in rows:
        if comment.parent_id is not None:
            shown[comment.parent_id].replies.append(shown[comment.pk])
    found.threads = [shown[thread.pk] for thread in threads]


def _until(discussion: Discussion, begun: QuerySet[Comment], at: uuid.UUID) -> uuid.UUID | None:
    """The last thread to show so that a comment stands among those around it; None for one that is not there."""
    comment = discussion.comments.filter(public_id=at).select_related("parent").first()
    if comment is None:
        return None
    begins = (comment.parent or comment).public_id
    after = begun.filter(public_id__gt=begins).order_by("public_id").values_list("public_id", flat=True)
    shown: list[uuid.UUID] = [begins, *after[: THREADS // 2]]
    return shown[-1]


def _nudged(discussion: Discussion) -> list[Nudged]:
    rows = Nudge.objects.filter(discussion=discussion).values("member", "member__user__name")
    counted = rows.annotate(times=Count("pk"), last=Max("at")).order_by("-last")
    return [Nudged(one["member__user__name"], one["times"], one["last"]) for one in counted]


def _shown(actor: Actor, row: Any, comments: list[Comment]) -> list[Said]:
    known = references(actor, row, [comment.text for comment in comments if comment.deleted_at is None])
    reacted = reactions(actor, comments)
    return [
        Said(
            comment,
            prose.shown(comment.text, known),
            reacted[comment.pk],
            may_edit=authz.can(actor, "discussions.comment.edit", comment),
            may_delete=authz.can(actor, "discussions.comment.delete", comment),
            may_resolve=comment.parent_id is None
            and authz.can(actor, "discussions.comment.resolve", comment),
        )
        for comment in comments
    ]


def reactions(actor: Actor, comments: list[Comment]) -> dict[int, list[Reacted]]:
    """By comment (primary key): its emoji in the order they came. One query."""
    rows = Reaction.objects.filter(comment__in=comments).select_related("member__user").order_by("pk")
    found: dict[int, dict[str, Reacted]] = defaultdict(dict)
    for row in rows if comments else ():
        one = found[row.comment_id].setdefault(row.emoji, Reacted(row.emoji))
        one.names.append(row.member.user.get_short_name())
        one.is_own |= row.member == actor.membership
    return {comment.pk: list(found[comment.pk].values()) for comment in comments}


def references(actor: Actor, row: Any, texts: Iterable[str]) -> dict[markdown.Key, markdown.Reference]:
    """What texts about the object lead to: members of the workspace, and files of this discussion."""
    keys = {key for text in texts for key in markdown.everything(text)}
    members = [public_id for scheme, public_id in keys if scheme == "member"]
    stored = [public_id for scheme, public_id in keys if scheme == "file"]
    found: dict[markdown.Key, markdown.Reference] = {}
    if members and actor.workspace is not None:
        rows = Membership.objects.filter(workspace=actor.workspace, public_id__in=members)
        for member in rows.select_related("user"):
            url = reverse("workspaces:member", args=[actor.workspace.slug, member.public_id])
            found["member", member.public_id] = markdown.Reference(
                url, member.user.get_short_name(), is_own=member == actor.membership
            )
    if stored:
        hung = StoredFile.objects.filter(
            subject_type=Discussion._meta.label_lower,
            subject_id=subjects.discussion_id(row._meta.label_lower, row.public_id),
            public_id__in=stored,
        )
        for file in hung:
            found["file", file.public_id] = markdown.Reference(
                files.url(file), file.name, is_image=file.media_type in IMAGES
            )
    return found


def is_among_newest(comment: Comment) -> bool:
    """Whether the comment is in one of the threads that a page begins with."""
    begins = comment.parent or comment
    later = Comment.objects.filter(
        discussion=comment.discussion_id, parent=None, public_id__gte=begins.public_id
    )
    return len(later.values("pk")[: THREADS + 1]) <= THREADS


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit made of a comment's text; the first one wrote it."""

    at: datetime
    pieces: list[Piece]
    is_first: bool = False


def changes(comment: Comment) -> list[Change]:
    """How the comment came to its text, newest first: the last CHANGES edits, and how it was written."""
    versions = list(CommentVersion.objects.filter(comment=comment).order_by("-pk")[: CHANGES + 1])
    found, after = [], markdown.as_typed(comment.text)
    for version in versions[:CHANGES]:
        before = markdown.as_typed(version.text)
        found.append(Change(version.until, compare(before, after)))
        after = before
    if len(versions) <= CHANGES:
        found.append(Change(comment.created_at, [Piece("same", after)], is_first=True))
    return found


def mentionable(actor: Actor, row: Any, rows: QuerySet[Membership]) -> list[Membership]:
    """Of these members the first few who see the object."""
    found: list[Membership] = []
    for member in rows.select_related("user", "workspace")[:TRIED]:
        found += subjects.seers(row, [member])
        if len(found) == MENTIONABLE:
            break
    return found


def discussion_of(actor: Actor, public_id: uuid.UUID) -> Discussion | None:
    """The discussion, if the actor sees its object."""
    return (
        Discussion.objects.visible_to(actor).select_related("workspace").filter(public_id=public_id).first()
    )
