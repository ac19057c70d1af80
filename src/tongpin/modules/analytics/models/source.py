"""Sources 数据源: an app, a site or a server whose events come in, and the keys they come in by."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.models import WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.analytics.enums import CountryFrom, IpPolicy, Platform

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor


class SourceQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's workspace that are not deleted."""
        return super().visible_to(actor).filter(deleted_at=None)


class DeletedSourceQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The deleted ones, for taking a deletion back."""
        return super().visible_to(actor).exclude(deleted_at=None)


class Source(WorkspaceModel):
    """One app, site or server. What it accepts is decided here, in the request, before an event is kept.

    Lists of names are exact (SPEC I3) and may end in ``*``. ``allow_*`` lets only these through when it is not empty;
    ``deny_*`` is asked afterwards. ``consent_property``: an event whose property of that name is false is refused.
    ``country_from``: the country is worked out before the address is treated as ``ip_policy`` says, and kept alone.
    ``rate_limit`` is events a minute (0: no limit), ``retention_days`` how long events are kept by their own time
    (0: for ever), ``forward_to`` the old vendor's host that each request is also sent to.
    """

    name = models.CharField(max_length=80)
    platform = models.CharField(max_length=8, choices=Platform, default=Platform.WEB)
    allowed_origins = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    ip_policy = models.CharField(max_length=8, choices=IpPolicy, default=IpPolicy.DROP)
    country_from = models.CharField(max_length=8, choices=CountryFrom, default=CountryFrom.ADDRESS)
    drop_bots = models.BooleanField(default=True)
    honour_opt_out = models.BooleanField(default=True)
    consent_property = models.CharField(max_length=200, blank=True)
    allow_events = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    deny_events = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    allow_properties = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    deny_properties = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    rate_limit = models.PositiveIntegerField(default=0)
    forward_to = models.CharField(max_length=200, blank=True)
    retention_days = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    paused_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = SourceQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [models.Index(fields=["workspace", "name"], name="sources_of_workspace")]


class DeletedSource(Source):
    """The same rows while they are deleted: the target of taking a deletion back."""

    objects = DeletedSourceQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True


class SourceKeyQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What belongs to a source is seen with it."""
        return super().visible_to(actor).filter(source__deleted_at=None)


class SourceKey(WorkspaceModel):
    """A key that names a source in a request. It is public (pages carry it) and only lets events in.

    ``value`` is ours, or the one an SDK already sends to its old vendor (a write key, a measurement id, a website id,
    a project's name): then only the address in the app has to change. One server knows each value once.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="keys")
    value = models.CharField(max_length=200, unique=True)
    own = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)
    retired_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = SourceKeyQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [models.Index(fields=["source", "created_at"], name="keys_of_source")]
