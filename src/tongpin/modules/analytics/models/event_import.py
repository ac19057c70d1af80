"""Imports of events from a file: what was asked, how far it is, which rows were refused."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.models import User, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.analytics.enums import ImportState
from tongpin.modules.analytics.models.source import Source


class EventImport(WorkspaceModel):
    """One file on its way in. ``columns`` is ``importing.mapping.Columns``; ``digest`` the SHA-256 of the bytes, so
    that going on after a stop can tell whether it is the same file. ``last_arrival`` is the primary key of the last
    ``Arrival`` made of it: once the inbox has none up to it, all of it is in the store.

    ``total``: about how many rows the file has, 0 if nobody counted. ``events`` were handed in, ``stored`` of them were
    new to the store. ``trouble``: the code of ``FileRefused`` it failed with. ``taking``: what an undo is about to
    remove, as [event, day, count]; written before anything goes, so that the catalogue can follow after a crash.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="imports")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=ImportState, default=ImportState.RUNNING)
    trouble = models.CharField(max_length=20, blank=True)
    total = models.PositiveBigIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    events = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    stored = models.PositiveBigIntegerField(default=0)
    last_arrival = models.BigIntegerField(default=0)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    taking = models.JSONField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = WorkspaceScopedQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [models.Index(fields=["workspace", "-id"], name="event_import_newest")]


class RefusedRow(WorkspaceModel):
    """A row that is no event, and why. The first few thousand of an import are kept."""

    event_import = models.ForeignKey(EventImport, on_delete=models.CASCADE, related_name="refused_rows")
    number = models.PositiveBigIntegerField()
    detail = models.CharField(max_length=300)

    objects = WorkspaceScopedQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event_import", "number"], name="refused_row_once")
        ]
