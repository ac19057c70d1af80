"""A discussion belongs to one object of any registered type, and is seen by whoever sees that object."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.models import Membership, User, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.discussions import subjects

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor

TEXT_MAX = 20_000
"""Characters of a comment."""
TITLE_MAX = 300


def _seen(actor: Actor, path: str = "") -> models.Q:
    """Rows whose object the actor sees; ``path`` leads to the discussion.

    Each type asks for the one object by its id, so that a single comment costs a look into indexes, not into tables.
    """
    found = models.Q(pk=None)
    for kind in subjects.kinds():
        rows = kind.model.objects.visible_to(actor).filter(public_id=models.OuterRef(f"{path}subject_id"))  # type: ignore[attr-defined]
        found |= models.Q(models.Exists(rows), **{f"{path}subject_type": kind.key})
    return found


class DiscussionQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Those of objects the actor sees."""
        return super().visible_to(actor).filter(_seen(actor))


class Discussion(WorkspaceModel):
    """What is said about one object: made with the first comment or watcher. Its public id follows from the object's
    (``subjects.discussion_id``). ``title`` is the object's, which it follows within a moment.
    """

    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    title = models.CharField(max_length=TITLE_MAX)

    objects = DiscussionQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject_type", "subject_id"], name="one_discussion_per_object")
        ]


class OfDiscussionQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What belongs to a discussion is seen with its object."""
        return super().visible_to(actor).filter(_seen(actor, "discussion__"))


class CommentQuerySet(OfDiscussionQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Those on objects the actor sees, without the deleted ones."""
        return super().visible_to(actor).filter(deleted_at=None)


class DeletedCommentQuerySet(OfDiscussionQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The deleted ones, for taking a deletion back."""
        return super().visible_to(actor).exclude(deleted_at=None)


class Comment(WorkspaceModel):
    """``text`` is markdown. One without ``parent`` begins a thread 话题, others answer it."""

    discussion = models.ForeignKey(Discussion, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="replies")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=TEXT_MAX)
    created_at = models.DateTimeField(default=clock.now)
    edited_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    deleted_at = models.DateTimeField(null=True)

    objects = CommentQuerySet.as_manager()

    #: The emoji that was just put on it or taken off, for taking that back.
    reacted: str = ""

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [
            models.Index(
                fields=["discussion", "-public_id"],
                condition=models.Q(parent=None),
                name="discussion_threads",
            )
        ]


class DeletedComment(Comment):
    """The same rows while they are deleted: the target of taking a deletion back."""

    objects = DeletedCommentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True


class OfCommentQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What belongs to a comment is seen with it."""
        return super().visible_to(actor).filter(comment__in=Comment.objects.visible_to(actor))


class CommentVersion(WorkspaceModel):
    """A text a comment had before; ``until`` is when its author replaced it."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="versions")
    text = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField(default=clock.now)

    objects = OfCommentQuerySet.as_manager()


class Reaction(WorkspaceModel):
    """One member's emoji on a comment."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="reactions")
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=32)
    created_at = models.DateTimeField(default=clock.now)

    objects = OfCommentQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["comment", "member", "emoji"], name="reacted_once")
        ]


class Watch(WorkspaceModel):
    """Whether a member hears of what is written here. A member's own word (``watching`` False) outlives what would
    make them a watcher by itself.
    """

    discussion = models.ForeignKey(Discussion, on_delete=models.CASCADE, related_name="watches")
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    watching = models.BooleanField(default=True)

    objects = OfDiscussionQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["discussion", "member"], name="watched_once")
        ]


class Nudge(WorkspaceModel):
    """A member was asked to hurry 催办: at most once a ``day`` (the workspace's) for one object, whoever asks."""

    discussion = models.ForeignKey(Discussion, on_delete=models.CASCADE, related_name="nudges")
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    message = models.CharField(max_length=300, blank=True)
    day = models.DateField()
    at = models.DateTimeField(default=clock.now)

    objects = OfDiscussionQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["discussion", "member", "day"], name="nudged_once_a_day")
        ]
