"""Segments: users or customers by a rule, or on a list; and how many there were day by day."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.analytics.enums import SegmentKind, Subject

LONGEST_NAME = 120


class SegmentQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's workspace that are not deleted."""
        return super().visible_to(actor).filter(deleted_at=None)


class DeletedSegmentQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The deleted ones, for taking a deletion back."""
        return super().visible_to(actor).exclude(deleted_at=None)


class Segment(WorkspaceModel):
    """``rule`` is the JSON of ``insights.segment``, None for a list, whose members are in the store
    (``segment_members``). ``report`` says what became of an uploaded list's lines."""

    name = models.CharField(max_length=LONGEST_NAME)
    description = models.CharField(max_length=2000, blank=True)
    kind = models.CharField(max_length=8, choices=SegmentKind)
    unit = models.CharField(max_length=8, choices=Subject)
    customer_kind = models.CharField(max_length=200, default="company")
    rule = models.JSONField(null=True)
    report = models.JSONField(null=True)
    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = SegmentQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "-public_id"],
                condition=models.Q(deleted_at=None),
                name="segments_of_workspace",
            )
        ]


class DeletedSegment(Segment):
    """The same rows while they are deleted: the target of taking a deletion back."""

    objects = DeletedSegmentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True


class SegmentSize(WorkspaceModel):
    """How many a segment had at the end of a local day. ``later``: counted afterwards, with the properties people
    have by then and not those they had on the day."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="sizes")
    day = models.DateField()
    size = models.PositiveBigIntegerField()
    later = models.BooleanField(default=False)

    objects = WorkspaceScopedQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["segment", "day"], name="one_size_a_day")]
