"""What this module says happened. The subject is always the discussion, so that whoever listens to it hears of all."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from tongpin.kernel.events.payloads import event


@event("discussions.comment_written")
@dataclass(frozen=True)
class CommentWritten:
    """``thread`` is the comment it answers, None for one that begins a thread; ``mentioned`` are members."""

    comment: uuid.UUID
    thread: uuid.UUID | None
    mentioned: list[uuid.UUID]
    excerpt: str
    title: str


@event("discussions.comment_edited")
@dataclass(frozen=True)
class CommentEdited:
    """``mentioned``: members who were not mentioned before."""

    comment: uuid.UUID
    mentioned: list[uuid.UUID]
    excerpt: str
    title: str


@event("discussions.comment_deleted")
@dataclass(frozen=True)
class CommentDeleted:
    comment: uuid.UUID
    title: str


@event("discussions.comment_restored")
@dataclass(frozen=True)
class CommentRestored:
    comment: uuid.UUID
    title: str


@event("discussions.thread_resolved")
@dataclass(frozen=True)
class ThreadResolved:
    comment: uuid.UUID
    title: str


@event("discussions.thread_reopened")
@dataclass(frozen=True)
class ThreadReopened:
    comment: uuid.UUID
    title: str


@event("discussions.reaction_added")
@dataclass(frozen=True)
class ReactionAdded:
    comment: uuid.UUID
    emoji: str


@event("discussions.reaction_removed")
@dataclass(frozen=True)
class ReactionRemoved:
    comment: uuid.UUID
    emoji: str


@event("discussions.watching_changed")
@dataclass(frozen=True)
class WatchingChanged:
    watching: bool


@event("discussions.member_nudged")
@dataclass(frozen=True)
class MemberNudged:
    """``times``: how often this member has been nudged about this object, this time included."""

    member: uuid.UUID
    name: str
    message: str
    times: int
    title: str


@event("discussions.members_copied")
@dataclass(frozen=True)
class MembersCopied:
    """Members who were made watchers by someone else, and told so."""

    members: list[uuid.UUID]
    names: list[str]
    message: str
    title: str
