"""The catalogue 埋点目录: which events and properties there are, what is known of them, and what should arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.models import Membership, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.analytics.enums import ValueType

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor

LONGEST_NAME = 200


class EventNameQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's workspace."""
        return super().visible_to(actor)


class EventName(WorkspaceModel):
    """An event by its exact name (SPEC I3), seen or only planned (``first_seen_at`` is None).

    ``expected``: the tracking plan says it should arrive. ``key_event``: a session with it counts as engaged.
    ``total``: how many came into the store. Seen: by the events' own times (SPEC I2), UTC. ``hidden_at``: left out of
    lists and pickers; it is still taken.
    """

    name = models.CharField(max_length=LONGEST_NAME)
    description = models.TextField(blank=True, max_length=2000)
    owner = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    expected = models.BooleanField(default=False)
    key_event = models.BooleanField(default=False)
    total = models.BigIntegerField(default=0)
    first_seen_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = EventNameQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "name"], name="one_event_of_a_name")
        ]


class EventPropertyQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's workspace."""
        return super().visible_to(actor)


class EventProperty(WorkspaceModel):
    """A property of an event by its exact name. ``types`` are names of JSON's types, every one that came.

    ``samples``: a few values that came, as text; none while it is ``personal``.
    """

    event = models.ForeignKey(EventName, on_delete=models.CASCADE, related_name="properties")
    name = models.CharField(max_length=LONGEST_NAME)
    types = ArrayField(models.CharField(max_length=10), default=list)
    samples = ArrayField(models.CharField(max_length=100), default=list)
    personal = models.BooleanField(default=False)
    expected = models.BooleanField(default=False)
    description = models.TextField(blank=True, max_length=2000)
    first_seen_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    objects = EventPropertyQuerySet.as_manager()

    @property
    def shown_types(self) -> list[str]:
        """The types in the reader's language."""
        return [str(ValueType(each).label) for each in self.types]

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "name"], name="one_property_of_a_name")
        ]


class EventDayQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's workspace."""
        return super().visible_to(actor)


class EventDay(WorkspaceModel):
    """How many of an event came into the store with a time on a day, in the zone the workspace had then.
    Erasure and retention do not lower it."""

    event = models.ForeignKey(EventName, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    count = models.BigIntegerField()

    objects = EventDayQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "day"], name="one_count_a_day")]


class LeftOutQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """That of the actor's workspace."""
        return super().visible_to(actor)


class LeftOut(WorkspaceModel):
    """Names the catalogue has no room for: their events are in the store and counted as ever, only not listed here.

    ``events`` counts events of such a name, ``properties`` how often a property was not listed; the last of each.
    """

    events = models.BigIntegerField(default=0)
    properties = models.BigIntegerField(default=0)
    last_event = models.CharField(max_length=LONGEST_NAME, blank=True)
    last_property = models.CharField(max_length=LONGEST_NAME, blank=True)
    last_at = models.DateTimeField()

    objects = LeftOutQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_notice_of_room")]
