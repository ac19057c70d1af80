"""What can be found: one document per object, a derived copy that ``reindex`` can always make again."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from tongpin.kernel import clock


class SearchDocument(models.Model):
    """The text of one object as search compares it (``lib.grams.normalise``); what is shown comes from the object.

    ``title_grams`` holds the one- and two-character pieces of the title and, after START, its first one and two
    characters. ``grams`` holds the pieces of title and body and, after SPOKEN, the first one and two letters of every
    pinyin key in ``pinyin``. No normalised text has START or SPOKEN in it.
    """

    START = "\n"
    SPOKEN = "\t"

    workspace = models.ForeignKey("tenancy.Workspace", on_delete=models.CASCADE, related_name="+")
    type = models.CharField(max_length=60)
    object_id = models.UUIDField()
    title = models.TextField()
    body = models.TextField(blank=True)
    pinyin = models.TextField(blank=True)
    title_grams = ArrayField(models.TextField(), default=list)
    grams = ArrayField(models.TextField())
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar[list[str]] = []
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["type", "object_id"], name="search_one_per_object")
        ]
        indexes: ClassVar = [
            GinIndex(fields=["grams"], name="search_grams"),
            GinIndex(fields=["title_grams"], name="search_title_grams"),
            # What half of all documents hold is found by walking from the newest, not by collecting them all.
            models.Index(
                "workspace", models.F("changed_at").desc(), models.F("id").desc(), name="search_newest"
            ),
        ]
