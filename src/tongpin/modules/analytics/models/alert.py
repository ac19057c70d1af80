"""Alerts 告警 on a series of a saved insight, and when they rang."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.analytics.enums import AlertRule, Unjudged
from tongpin.modules.analytics.models.insight import LONGEST_NAME, Insight


class AlertQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's workspace that are not deleted, nor is their insight."""
        return super().visible_to(actor).filter(deleted_at=None, insight__deleted_at=None)


class DeletedAlertQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The deleted ones, for taking a deletion back."""
        return super().visible_to(actor).exclude(deleted_at=None)


class Alert(WorkspaceModel):
    """Rings when a day of ``series`` (``alert_series``) is as ``rule`` says.

    ``value``: the threshold, or the change as a share of 1; None for unusual ones, whose least changes are
    ``least_absolute`` (the series' unit) and ``least_relative`` (a share of 1 of what was expected).
    ``judged_until``: the last day that is over with (the workspace's), None before the first. ``ringing_since``: the
    first day of the run of anomalies that lasts, None while quiet. ``trouble``: why the last attempt judged nothing.
    ``muted_until``: the last day of which nobody is told.
    """

    insight = models.ForeignKey(Insight, on_delete=models.CASCADE, related_name="alerts")
    name = models.CharField(max_length=LONGEST_NAME)
    series = models.CharField(max_length=80)
    rule = models.CharField(max_length=10, choices=AlertRule)
    value = models.FloatField(null=True, blank=True)
    least_absolute = models.FloatField(default=0)
    least_relative = models.FloatField(default=0.1)
    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    muted_until = models.DateField(null=True, blank=True)
    judged_until = models.DateField(null=True, blank=True)
    ringing_since = models.DateField(null=True, blank=True)
    trouble = models.CharField(max_length=10, choices=Unjudged, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = AlertQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "-public_id"],
                condition=models.Q(deleted_at=None),
                name="alerts_of_workspace",
            )
        ]


class DeletedAlert(Alert):
    """The same rows while they are deleted: the target of taking a deletion back."""

    objects = DeletedAlertQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True


class Firing(WorkspaceModel):
    """One run of anomalies: ``day`` is its first, ``last_day`` its last so far. ``value`` and what was expected are of
    the first day; ``low`` and ``high`` the band, or the threshold, that it left."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="firings")
    day = models.DateField()
    last_day = models.DateField()
    value = models.FloatField()
    expected = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    reason = models.CharField(max_length=10, choices=AlertRule)
    at = models.DateTimeField(default=clock.now)

    objects = WorkspaceScopedQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["alert", "day"], name="one_firing_of_a_day")]
