"""Dashboards: tiles on a grid, and the link a stranger may look at one by."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.urls import reverse

from tongpin.kernel import clock, keyring
from tongpin.kernel.mail import compose
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, User, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.analytics.dashboard_layout import Box
from tongpin.modules.analytics.enums import TileKind
from tongpin.modules.analytics.models.insight import LONGEST_NAME, Insight

LONGEST_TEXT = 10_000


class DashboardQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's workspace that are not deleted."""
        return super().visible_to(actor).filter(deleted_at=None)


class DeletedDashboardQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The deleted ones, for taking a deletion back."""
        return super().visible_to(actor).exclude(deleted_at=None)


class Dashboard(WorkspaceModel):
    """Insights and texts side by side. ``override`` is the JSON of ``insights.override``: dates and conditions for all.

    ``places`` counts arrangements, so that an old one is not put back over a newer one.
    """

    name = models.CharField(max_length=LONGEST_NAME)
    description = models.CharField(max_length=2000, blank=True)
    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    override = models.JSONField(default=dict, blank=True)
    places = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = DashboardQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "-public_id"],
                condition=models.Q(deleted_at=None),
                name="dashboards_of_workspace",
            )
        ]


class DeletedDashboard(Dashboard):
    """The same rows while they are deleted: the target of taking a deletion back."""

    objects = DeletedDashboardQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True


class TileQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What stands on a dashboard is seen with it."""
        return super().visible_to(actor).filter(dashboard__deleted_at=None, removed_at=None)


class Tile(WorkspaceModel):
    """A saved insight or a text (markdown) on a dashboard; ``title`` stands instead of the insight's name.

    ``x`` and ``w`` count the grid's twelve columns, ``y`` and ``h`` its rows (``dashboard_layout``).
    """

    dashboard = models.ForeignKey(Dashboard, on_delete=models.CASCADE, related_name="tiles")
    kind = models.CharField(max_length=8, choices=TileKind)
    insight = models.ForeignKey(Insight, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=LONGEST_NAME, blank=True)
    text = models.CharField(max_length=LONGEST_TEXT, blank=True)
    x = models.PositiveSmallIntegerField()
    y = models.PositiveSmallIntegerField()
    w = models.PositiveSmallIntegerField()
    h = models.PositiveSmallIntegerField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = TileQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [models.Index(fields=["dashboard", "y", "x"], name="tiles_of_dashboard")]

    @property
    def box(self) -> Box:
        """Its place."""
        return Box(self.public_id, self.x, self.y, self.w, self.h)

    @property
    def name(self) -> str:
        """What it is called: its own title, else its insight's name; "" for a text without one."""
        return self.title or (self.insight.name if self.insight is not None else "")

    @property
    def is_gone(self) -> bool:
        """Whether the insight it shows was deleted."""
        return self.insight is not None and self.insight.deleted_at is not None


def digest(secret: str) -> str:
    """What a link is found by: the SHA-256 of its 256 random bits, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


class DashboardLink(WorkspaceModel):
    """A secret address at which anybody may look at a dashboard. ``sealed`` is its secret, encrypted, for its owner to
    copy again; it is wiped when the link ends."""

    dashboard = models.ForeignKey(Dashboard, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    sealed = models.TextField(blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = WorkspaceScopedQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dashboard"], condition=models.Q(ended_at=None), name="one_link_of_a_dashboard"
            )
        ]

    def begin(self) -> None:
        """Give it a secret."""
        secret = secrets.token_urlsafe(32)
        self.token_hash, self.sealed = digest(secret), keyring.encrypt(secret)

    def is_open(self, now: datetime) -> bool:
        """Whether it still leads anywhere."""
        return self.ended_at is None and (self.expires_at is None or self.expires_at > now)

    @property
    def shown_once(self) -> str:
        """The address. Raises KeyLost."""
        return compose.absolute(reverse("analytics:dashboard_shared", args=[keyring.decrypt(self.sealed)]))
