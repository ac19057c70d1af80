"""Who is who: the ids something is known of, and what links them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tongpin.kernel.tenancy.models import Workspace, WorkspaceScopedQuerySet
from tongpin.modules.analytics.enums import LinkKind


class DistinctId(models.Model):
    """An id of which more is known than that events came with it: it is linked, identified, or has properties.

    ``did`` is its hash (signed), ``person`` the did of the person it belongs to: the smallest of those linked with it,
    its own while it is alone. ``identified``: some ``$identify`` names it as the known id. ``changes`` is what events
    said of its properties (``profiles``), kept by id so that ids which come apart take their own along.
    ``revision`` counts what the store's copy must learn, ``mirrored`` how far it has.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    did = models.BigIntegerField()
    value = models.TextField()
    identified = models.BooleanField(default=False)
    person = models.BigIntegerField()
    changes = models.JSONField(default=dict)
    revision = models.PositiveBigIntegerField(default=1)
    mirrored = models.PositiveBigIntegerField(default=0)

    objects = WorkspaceScopedQuerySet.as_manager()

    class Meta:
        ordering = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "did"], name="one_row_per_id")]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "person"], name="ids_of_person"),
            models.Index(fields=["id"], name="ids_to_mirror", condition=Q(revision__gt=F("mirrored"))),
        ]


class IdLink(models.Model):
    """What events claimed: that ``one`` is ``other`` (dids), with the stamp of the first event that did.

    ``holds``: whether the claim decides anything. An alias always does; of the ``$identify`` claims of one anonymous id
    only the first, and none when the id turns out to be a known one itself. ``one`` is the anonymous or aliased id.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=LinkKind)
    one = models.BigIntegerField()
    other = models.BigIntegerField()
    at = models.DateTimeField()
    uuid = models.UUIDField()
    holds = models.BooleanField(default=False)

    objects = WorkspaceScopedQuerySet.as_manager()

    class Meta:
        ordering = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "kind", "one", "other"], name="one_claim_per_pair")
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "one", "at", "uuid"], name="claims_by_time"),
            models.Index(fields=["workspace", "other"], name="claims_on_id"),
        ]
