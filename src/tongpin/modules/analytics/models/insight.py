"""Saved insights: questions with a name, an owner and an address."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.analytics.enums import InsightKind

LONGEST_NAME = 120


class InsightQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's workspace that are not deleted."""
        return super().visible_to(actor).filter(deleted_at=None)


class DeletedInsightQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The deleted ones, for taking a deletion back."""
        return super().visible_to(actor).exclude(deleted_at=None)


class Insight(WorkspaceModel):
    """A question somebody keeps. ``question`` is the JSON of ``insights.schema``, ``kind`` its kind, to list by."""

    name = models.CharField(max_length=LONGEST_NAME)
    description = models.CharField(max_length=2000, blank=True)
    kind = models.CharField(max_length=12, choices=InsightKind)
    question = models.JSONField()
    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = InsightQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "-public_id"],
                condition=models.Q(deleted_at=None),
                name="insights_of_workspace",
            )
        ]


class DeletedInsight(Insight):
    """The same rows while they are deleted: the target of taking a deletion back."""

    objects = DeletedInsightQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True
