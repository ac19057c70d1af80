"""Notes on the time axis, and which families of markers are shown to whom."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, WorkspaceModel, WorkspaceScopedQuerySet

LONGEST_TEXT = 200
LONGEST_LINK = 500


class NoteQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's workspace that are not deleted."""
        return super().visible_to(actor).filter(deleted_at=None)


class DeletedNoteQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The deleted ones, for taking a deletion back."""
        return super().visible_to(actor).exclude(deleted_at=None)


class Note(WorkspaceModel):
    """What somebody wrote on a day, or on the days from ``first`` to ``last`` (both in it, the workspace's days)."""

    first = models.DateField()
    last = models.DateField()
    text = models.CharField(max_length=LONGEST_TEXT)
    link = models.CharField(max_length=LONGEST_LINK, blank=True)
    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = NoteQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "last"], condition=models.Q(deleted_at=None), name="notes_by_day"
            )
        ]


class DeletedNote(Note):
    """The same rows while they are deleted: the target of taking a deletion back."""

    objects = DeletedNoteQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True


class MarkerChoiceQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The workspace's own and the actor's."""
        own = models.Q(member=None) | models.Q(member=actor.membership)
        return super().visible_to(actor).filter(own)


class MarkerChoice(WorkspaceModel):
    """``families``: by family, whether it is shown; a family that is not in it goes by its own rule. Of a member, or,
    with ``member`` None, of everybody who has not chosen."""

    member = models.ForeignKey(Membership, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    families = models.JSONField(default=dict)

    objects = MarkerChoiceQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "member"], nulls_distinct=False, name="one_choice_of_markers"
            )
        ]
