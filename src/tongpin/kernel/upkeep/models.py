"""Backups, restore drills and outgoing calls: when, where, how they went."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tongpin.kernel import clock


class Kind(models.TextChoices):
    BACKUP = "backup", _("Backup")
    DRILL = "drill", _("Restore drill")


class Run(models.Model):
    """One of them. ``good`` is None while it runs, or if its process was killed; ``words`` is a summary or the error.

    ``facts`` of a drill: rows by table, files, and when the archive was made.
    """

    kind = models.CharField(max_length=8, choices=Kind)
    began_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    good = models.BooleanField(null=True)
    host = models.CharField(max_length=255)
    file = models.TextField(blank=True)
    size = models.BigIntegerField(null=True)
    words = models.TextField(blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = []
        indexes: ClassVar = [models.Index(fields=["kind", "-began_at"], name="upkeep_newest")]


class Contact(models.Model):
    """Somebody this server calls of its own accord, by ``name`` such as directory or upgrade: when that last went well,
    when it last did not and why (``words``), and what else it said (``facts``).
    """

    name = models.CharField(max_length=120, unique=True)
    good_at = models.DateTimeField(null=True)
    bad_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=300, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = []
