"""What can be found: one document per object, a derived copy that ``reindex`` can always make again."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from tongpin.kernel import clock


class SearchDocument(models.Model):
    """The text of one object as search compares it (``lib.grams.normalise``); what is shown comes from the
    object.

    ``grams`` holds the one- and two-character pieces of title and body, and, each after a tab (which no
    normalised text has), the first one and two letters of every pinyin key in ``pinyin``.
    """

    workspace = models.ForeignKey("tenancy.Workspace", on_delete=models.CASCADE, related_name="+")
    type = models.CharField(max_length=60)
    object_id = models.UUIDField()
    title = models.TextField()
    body = models.TextField(blank=True)
    pinyin = models.TextField(blank=True)
    grams = ArrayField(models.TextField())
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar[list[str]] = []
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["type", "object_id"], name="search_one_per_object")
        ]
        indexes: ClassVar = [
            GinIndex(fields=["grams"], name="search_grams"),
            models.Index(fields=["workspace", "type"], name="search_workspace_type"),
        ]
