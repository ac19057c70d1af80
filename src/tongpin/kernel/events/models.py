"""The stream: what happened, appended in the transaction that did it, never changed afterwards.

The database holds to it: triggers (migration 0002) refuse to change or remove what is younger than 180 days.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.enums import Via
from tongpin.lib.ids import new_id


class Event(models.Model):
    """One fact. ``workspace`` is empty only for facts about an account or the server.

    ``within``: public ids of what its subject belonged to when it happened (``objects.within``): a comment's event is
    told in the activity of what it is on, and of its project.

    ``agent``: which browser and system it came from, in words, or what a program calls itself.

    ``xid`` is the writing transaction's id: readers go by (xid, id) below the oldest running transaction, because
    a plain ``id`` cursor would step over rows that commit late. It is a signed bigint rather than ``xid8`` so that
    a restore into a fresh server can move old positions below zero (see ``stream.rebase``).
    """

    uid = models.UUIDField(default=new_id, unique=True)
    workspace = models.ForeignKey("tenancy.Workspace", on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=80)
    v = models.PositiveSmallIntegerField()
    payload = models.JSONField()
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    within = ArrayField(models.UUIDField(), default=list)
    subject_version = models.PositiveIntegerField(null=True)
    changed = ArrayField(models.CharField(max_length=60), default=list)
    actor = models.ForeignKey("tenancy.User", on_delete=models.PROTECT, null=True, related_name="+")
    via = models.CharField(max_length=8, choices=Via)
    ip = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=40, blank=True, db_default="")
    action = models.CharField(max_length=80)
    causation = models.UUIDField(null=True)
    depth = models.PositiveSmallIntegerField(default=0)
    is_import = models.BooleanField(default=False)
    at = models.DateTimeField(default=clock.now)
    xid = models.BigIntegerField(
        db_default=models.Func(
            template="(pg_current_xact_id()::text::bigint)", output_field=models.BigIntegerField()
        )
    )

    class Meta:
        ordering: ClassVar[list[str]] = []
        indexes: ClassVar = [
            models.Index(fields=["xid", "id"], name="event_position"),
            models.Index(fields=["subject_type", "subject_id", "id"], name="event_subject"),
            GinIndex(fields=["within"], name="event_within"),
            models.Index(fields=["workspace", "at"], name="event_workspace_at"),
            models.Index(fields=["at", "id"], name="event_of_accounts", condition=models.Q(workspace=None)),
        ]


class SubscriberCursor(models.Model):
    """How far one subscriber has read: everything at or before (xid, id) has been handed to it."""

    subscriber = models.CharField(max_length=60, primary_key=True)
    xid = models.BigIntegerField(default=-(2**62))
    last_id = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(default=clock.now)


class ParkedEvent(models.Model):
    """One event one subscriber failed on. The rest of the stream goes on; this one is tried again, then shown."""

    subscriber = models.CharField(max_length=60)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=1)
    error = models.TextField()
    parked_at = models.DateTimeField(default=clock.now)
    next_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = []
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscriber", "event"], name="parked_once_per_subscriber")
        ]
