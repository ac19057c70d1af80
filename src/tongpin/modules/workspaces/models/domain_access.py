"""Whom a workspace lets in by the domain of their address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import WorkspaceModel, WorkspaceScopedQuerySet

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor


class DomainAccessQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Owners and admins see it, nobody else."""
        rows = super().visible_to(actor)
        return rows if actor.is_system or actor.role in (Role.OWNER, Role.ADMIN) else rows.none()


class DomainAccess(WorkspaceModel):
    """One of a workspace. Without ``domains`` (lower case, without the @) nobody comes in this way."""

    domains = ArrayField(models.CharField(max_length=253), default=list)
    role = models.CharField(max_length=8, choices=Role, default=Role.MEMBER)

    objects = DomainAccessQuerySet.as_manager()

    #: What an action found, for taking it back.
    found: dict[str, Any] | None = None

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace"], name="one_domain_access_per_workspace")
        ]
        indexes: ClassVar = [GinIndex(fields=["domains"], name="access_by_domain")]
