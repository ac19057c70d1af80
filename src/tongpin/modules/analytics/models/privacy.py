"""What is done with one person's or customer's data at their wish: given out, and erased for good."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.models import User, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.analytics.enums import Subject


class Erasure(WorkspaceModel):
    """One erasure, from the wish to the proof. Holds hashes alone: ``digests`` are the dids of a user's ids, or the
    hash of a customer's kind and key.

    ``arrivals_until``: what waited in the inbox then must have gone before it is done. ``proof``: rows found and
    removed by table, once a question to every table has found none any more (``finished_at``).
    """

    subject = models.CharField(max_length=8, choices=Subject)
    digests = ArrayField(models.BigIntegerField())
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    arrivals_until = models.BigIntegerField(default=0)
    proof = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = WorkspaceScopedQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [models.Index(fields=["workspace", "asked_at"], name="erasures_by_time")]


class Tombstone(WorkspaceModel):
    """That something was erased: of what happened before ``at``, nothing may come in again, however late it arrives."""

    subject = models.CharField(max_length=8, choices=Subject)
    digest = models.BigIntegerField()
    at = models.DateTimeField()

    objects = WorkspaceScopedQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "subject", "digest"], name="one_tombstone_each")
        ]


class Export(WorkspaceModel):
    """All data of one user or customer in a file of ``pieces``, kept for a day. ``about`` as in ``PersonalLook``;
    ``done`` of ``total`` events are in it so far."""

    about = models.CharField(max_length=60)
    asked_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = WorkspaceScopedQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [models.Index(fields=["workspace", "asked_at"], name="exports_by_time")]


class ExportPiece(WorkspaceModel):
    """A part of an export's file, in the order of ``number``: no process holds the whole."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    objects = WorkspaceScopedQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["export", "number"], name="one_piece_each")]
