"""Group robots, the updates that wait for them, and the messages they became."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.enums import Language, Role
from tongpin.kernel.tenancy.models import Membership, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.digests.enums import MessageState, VendorName, Why
from tongpin.modules.workspaces.public import Project, ProjectRole, projects_seen_by

if TYPE_CHECKING:
    from datetime import time

    from tongpin.kernel.tenancy.actor import Actor


class RobotQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the projects one leads; all of them for owners and admins."""
        return self._of(actor).filter(deleted_at=None)

    def _of(self, actor: Actor) -> Self:
        rows = super().visible_to(actor).filter(project__in=projects_seen_by(actor))
        if actor.is_system or actor.role in (Role.OWNER, Role.ADMIN):
            return rows
        # One filter, so that both stand for the same place in the project; there is one at most.
        return rows.filter(
            project__members__membership=actor.membership, project__members__role=ProjectRole.LEAD
        )

    def at_work(self) -> Self:
        return self.filter(deleted_at=None, paused_at=None)


class DeletedRobotQuerySet(RobotQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The deleted ones, for taking a deletion back."""
        return self._of(actor).exclude(deleted_at=None)


class Robot(WorkspaceModel):
    """Posts a project's news into one group. ``address`` and ``secret`` are encrypted (``kernel.keyring``); whoever has
    the address can write to the group. ``owner``: it acts with this member's rights and stops with them. ``quiet_from``
    to ``quiet_until``, in the workspace's zone, nothing is sent; what happens then comes afterwards.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    vendor = models.CharField(max_length=8, choices=VendorName)
    address = models.TextField()
    address_end = models.CharField(max_length=4)
    secret = models.TextField(blank=True)
    topics = ArrayField(models.CharField(max_length=60))
    language = models.CharField(max_length=8, choices=Language)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_why = models.CharField(max_length=12, choices=Why, blank=True)
    paused_said = models.CharField(max_length=300, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = RobotQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [models.Index(fields=["project"], name="robots_of_project")]

    @property
    def signed(self) -> bool:
        """Whether messages carry a signature."""
        return bool(self.secret)

    def quiet_end(self, now: datetime) -> datetime | None:
        """When the quiet hours end that ``now`` lies in; None outside them. ``workspace`` is joined."""
        begin, end = self.quiet_from, self.quiet_until
        if begin is None or end is None or begin == end:
            return None
        local = now.astimezone(ZoneInfo(self.workspace.time_zone))
        return _end_of(local, begin, end)


def _end_of(local: datetime, begin: time, end: time) -> datetime | None:
    at = local.time()
    quiet = begin <= at < end if begin < end else at >= begin or at < end
    if not quiet:
        return None
    until = local.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0, fold=0)
    if until <= local:
        until = datetime.combine(datetime.fromordinal(local.toordinal() + 1).date(), end, tzinfo=local.tzinfo)
    return until


class DeletedRobot(Robot):
    """The same rows while they are deleted: the target of taking a deletion back."""

    objects = DeletedRobotQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True


class OfRobotQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What belongs to a robot is seen with it."""
        return super().visible_to(actor).filter(robot__in=Robot.objects.visible_to(actor))


class Pace(WorkspaceModel):
    """When a robot sent lately, and when it may be looked at again (None: nothing waits). Kept apart from the robot,
    so that sending and editing do not wait for each other. ``sent``: when the vendor got the last messages, at the
    latest; while one is on its way ``lease`` names it, until ``lease_until``.
    """

    robot = models.OneToOneField(Robot, on_delete=models.CASCADE, related_name="pace")
    sent = ArrayField(models.DateTimeField(), default=list)
    next_at = models.DateTimeField(null=True)
    blocked_until = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    objects = OfRobotQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="robots_due", condition=models.Q(next_at__isnull=False))
        ]


class Message(WorkspaceModel):
    """One post into the group: ``count`` updates, the first of them ``first``. ``answer`` is the vendor's own words."""

    robot = models.ForeignKey(Robot, on_delete=models.CASCADE, related_name="messages")
    is_test = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=MessageState, default=MessageState.WAITING)
    count = models.PositiveIntegerField(default=1)
    first = models.CharField(max_length=300)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=clock.now)
    why = models.CharField(max_length=12, choices=Why, blank=True)
    answer = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)

    objects = OfRobotQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [
            models.Index(fields=["robot", "-id"], name="messages_of_robot"),
            models.Index(
                fields=["robot", "id"],
                name="messages_to_send",
                condition=models.Q(state__in=["waiting", "sending"]),
            ),
        ]


class Update(WorkspaceModel):
    """One event for one robot, in its language as it was then. ``message`` is the one that carries it.

    ``run`` is the sending of a report whose picture goes with it; such an update has a message of its own.
    """

    robot = models.ForeignKey(Robot, on_delete=models.CASCADE, related_name="updates")
    event = models.UUIDField()
    said = models.CharField(max_length=300)
    about = models.CharField(max_length=300, blank=True)
    url = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    message = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, related_name="updates")
    run = models.ForeignKey("digests.ReportRun", on_delete=models.CASCADE, null=True, related_name="+")

    objects = OfRobotQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["robot", "event"], name="update_once_per_event")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["robot", "id"], name="updates_waiting", condition=models.Q(message__isnull=True)
            )
        ]
