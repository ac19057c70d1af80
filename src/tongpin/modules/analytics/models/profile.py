"""Customers 客户: the companies in whose name users do what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User, WorkspaceModel, WorkspaceScopedQuerySet

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor


class CustomerQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's workspace; guests see none."""
        rows = super().visible_to(actor)
        return rows.none() if actor.role == Role.GUEST else rows


class Customer(WorkspaceModel):
    """One customer, as events name it: ``kind`` (company, shop, …) and ``key``, exactly.

    ``changes`` is what events said of its properties (``profiles``), ``properties`` what that comes to, ``name`` what
    it is called by them ("" if nothing says). ``owner`` is the member of our own team who looks after it. Times are by
    the events' own clock. ``revision`` and ``mirrored`` as in ``DistinctId``.
    """

    kind = models.CharField(max_length=100)
    key = models.CharField(max_length=400)
    name = models.CharField(max_length=200, blank=True)
    changes = models.JSONField(default=dict)
    properties = models.JSONField(default=dict)
    owner = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    revision = models.PositiveBigIntegerField(default=1)
    mirrored = models.PositiveBigIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    objects = CustomerQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "kind", "key"], name="one_row_per_customer")
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "last_seen_at"], name="customers_by_last_seen"),
            models.Index(fields=["id"], name="customers_to_mirror", condition=Q(revision__gt=F("mirrored"))),
        ]

    @property
    def title(self) -> str:
        """Its name, or the key it is known by."""
        return self.name or self.key


class PersonalLook(WorkspaceModel):
    """That somebody looked at personal data: once for each person, ``about`` and hour, for the audit log.

    ``about`` is ``user:`` and the hash its page is named by, ``customer:`` and its public id, or a list.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    about = models.CharField(max_length=60)
    hour = models.DateTimeField()

    objects = WorkspaceScopedQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "user", "about", "hour"], name="one_look_an_hour")
        ]
