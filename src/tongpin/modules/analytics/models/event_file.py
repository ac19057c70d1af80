"""Files of events that people upload to be imported: how much of one is there, and what it is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.models import User, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.analytics.models.event_import import EventImport
from tongpin.modules.analytics.models.source import Source


class EventFile(WorkspaceModel):
    """A file on its way here, or here until its import is over. Its bytes lie under ``public_id`` in a folder of their
    own (``importing.keeping``); of ``size`` bytes ``received`` are there.

    ``stamp`` is when it was changed last, as the browser says (milliseconds since 1970): with name and size it tells
    that somebody chose the same file again. Once all of it is there: ``digest`` (SHA-256 of the bytes), ``shape``
    (``importing.reading.Shape`` but for its size), ``total`` (about how many rows) and ``sample`` (the first, JSON).
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    stamp = models.BigIntegerField(default=0)
    received = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    shape = models.JSONField(default=dict)
    total = models.PositiveBigIntegerField(default=0)
    sample = models.BinaryField(default=b"")
    event_import = models.OneToOneField(
        EventImport, on_delete=models.CASCADE, null=True, blank=True, related_name="file"
    )
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    touched_at = models.DateTimeField(default=clock.now)

    objects = WorkspaceScopedQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [models.Index(fields=["touched_at"], name="event_files_by_touch")]

    @property
    def percent(self) -> int:
        """How much of it is here."""
        return self.received * 100 // max(self.size, 1)
