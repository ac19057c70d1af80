"""Reports: what a dashboard says, sent by the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.core import signing
from django.db import models
from django.urls import reverse
from django.utils.dates import WEEKDAYS

from tongpin.kernel import clock
from tongpin.kernel.mail.compose import absolute
from tongpin.kernel.tenancy.enums import Language
from tongpin.kernel.tenancy.models import Membership, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.analytics.public import Dashboard
from tongpin.modules.digests.enums import Every, ReportWhy, RunState
from tongpin.modules.digests.models.robot import Robot
from tongpin.modules.digests.rhythm import Rhythm

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor

KEPT = timedelta(days=30)
"""How long a picture is kept, and its address leads to it."""
PICTURE = "digests.report_picture"


class ReportQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Those of dashboards one sees."""
        return self._of(actor).filter(deleted_at=None)

    def _of(self, actor: Actor) -> Self:
        return super().visible_to(actor).filter(dashboard__deleted_at=None)


class DeletedReportQuerySet(ReportQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The deleted ones, for taking a deletion back."""
        return self._of(actor).exclude(deleted_at=None)


class Report(WorkspaceModel):
    """A dashboard sent to ``readers`` by mail and into the groups of ``robots``. It reads with its owner's rights.

    ``at`` is the workspace's local time. ``next_at`` is when it is due, None while it is paused; ``held_until``: a
    worker is at it, and until then others leave it alone.
    """

    dashboard = models.ForeignKey(Dashboard, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    every = models.CharField(max_length=8, choices=Every)
    weekday = models.PositiveSmallIntegerField(default=0)
    day = models.PositiveSmallIntegerField(default=1)
    at = models.TimeField()
    language = models.CharField(max_length=8, choices=Language)
    readers = models.ManyToManyField(Membership, related_name="+")
    robots = models.ManyToManyField(Robot, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    next_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_why = models.CharField(max_length=12, choices=ReportWhy, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ReportQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="reports_due", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["dashboard"], name="reports_of_dashboard"),
        ]

    @property
    def weekday_name(self) -> str:
        """In the reader's language."""
        return str(WEEKDAYS[self.weekday])

    @property
    def rhythm(self) -> Rhythm:
        """How often it is sent."""
        return Rhythm(Every(self.every), self.at, self.weekday, self.day)


class DeletedReport(Report):
    """The same rows while they are deleted: the target of taking a deletion back."""

    objects = DeletedReportQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True


class ReportRunQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What belongs to a report is seen with it."""
        return super().visible_to(actor).filter(report__in=Report.objects.visible_to(actor))


class ReportRun(WorkspaceModel):
    """One sending: ``due`` is the instant it was due at. ``picture`` (PNG) is kept for KEPT, then None."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="runs")
    due = models.DateTimeField()
    at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=8, choices=RunState)
    mails = models.PositiveIntegerField(default=0)
    groups = models.PositiveIntegerField(default=0)
    troubled = models.PositiveSmallIntegerField(default=0)
    picture = models.BinaryField(null=True)

    objects = ReportRunQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "due"], name="report_once_when_due")
        ]

    @property
    def picture_url(self) -> str:
        """An address nobody can guess, at which a group's server finds the picture without signing in."""
        token = signing.Signer(salt=PICTURE).sign(self.public_id.hex)
        return absolute(reverse("digests:picture", args=[token]))
