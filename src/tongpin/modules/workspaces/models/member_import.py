"""Imports of members from a file: what was read, and what became of each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import User, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.workspaces.enums import ImportState, RowState
from tongpin.modules.workspaces.models.access import Invitation

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor


class AdminsQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Owners and admins see the workspace's imports, nobody else."""
        rows = super().visible_to(actor)
        return rows if actor.is_system or actor.role in (Role.OWNER, Role.ADMIN) else rows.none()


class MemberImport(WorkspaceModel):
    """One file of people. ``lines`` are ``[row number, [cells]]``; ``columns`` says which column (from 0) is what:
    a key of ``columns.FIELDS`` to its place. ``departments_made`` are public ids.
    """

    name = models.CharField(max_length=200)
    head = models.JSONField(default=list)
    lines = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=ImportState, default=ImportState.DRAFT)
    by_mail = models.BooleanField(default=True)
    departments_made = ArrayField(models.UUIDField(), default=list)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    version = models.PositiveIntegerField(default=1)

    objects = AdminsQuerySet.as_manager()

    #: Addresses with the links just made for them; known only where they were made.
    links: Sequence[list[str]] = ()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [models.Index(fields=["workspace", "-id"], name="import_newest")]


class MemberImportRow(WorkspaceModel):
    """What a row asks for and what became of it. ``departments`` are public ids; ``projects`` are
    ``{"project": public id, "role": …}``. Whoever accepts ``invitation`` is put into both. Of a member to be changed
    ``before`` has what the row changes, as it was: ``role``, ``departments`` (public ids).
    """

    member_import = models.ForeignKey(MemberImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    email = models.CharField(max_length=500, blank=True)
    name = models.CharField(max_length=500, blank=True)
    role = models.CharField(max_length=8, choices=Role, default=Role.MEMBER)
    language = models.CharField(max_length=8, blank=True)
    departments = ArrayField(models.UUIDField(), default=list)
    projects: models.JSONField[Any, Any] = models.JSONField(default=list)
    before: models.JSONField[Any, Any] = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=RowState)
    reason = models.CharField(max_length=40, blank=True)
    about = models.CharField(max_length=500, blank=True)
    invitation = models.OneToOneField(
        Invitation, on_delete=models.SET_NULL, null=True, related_name="imported_row"
    )

    objects = AdminsQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member_import", "number"], name="one_result_a_row")
        ]
        indexes: ClassVar = [models.Index(fields=["member_import", "state"], name="import_rows_to_do")]
