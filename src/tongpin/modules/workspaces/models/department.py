"""Departments 部门: the company's tree, and who is where in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, WorkspaceModel, WorkspaceScopedQuerySet

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor


class DepartmentQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """All of the workspace for its members; a guest knows nothing of how the company is built."""
        return self._of(actor).filter(deleted_at=None)

    def _of(self, actor: Actor) -> Self:
        rows = super().visible_to(actor)
        return rows.none() if actor.role == Role.GUEST else rows


class DeletedDepartmentQuerySet(DepartmentQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The deleted ones, for taking a deletion back."""
        return self._of(actor).exclude(deleted_at=None)


class Department(WorkspaceModel):
    """``rank`` orders those with the same parent (``lib.ranks``); None is the top of the tree."""

    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")
    rank = models.CharField(max_length=200, db_collation="C")
    name = models.CharField(max_length=80)
    pinyin = models.CharField(max_length=500, blank=True, editable=False)
    lead = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = DepartmentQuerySet.as_manager()

    #: What an action found, for taking it back: where it stood, what stood in it, who came in and went out.
    place_before: tuple[str | None, str | None] = (None, None)
    children_before: Sequence[str] = ()
    added: Sequence[str] = ()
    removed: Sequence[str] = ()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "parent", "name"],
                condition=models.Q(deleted_at=None),
                nulls_distinct=False,
                name="one_department_per_name",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "parent", "rank"], name="departments_in_order")
        ]


class DeletedDepartment(Department):
    """The same rows while they are deleted: the target of taking a deletion back."""

    objects = DeletedDepartmentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True


class DepartmentMemberQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Who is where is seen with the departments."""
        return super().visible_to(actor).filter(department__in=Department.objects.visible_to(actor))


class DepartmentMember(WorkspaceModel):
    """A member in a department; one may be in several."""

    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="members")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="departments")

    objects = DepartmentMemberQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["department", "membership"], name="once_in_a_department")
        ]
        indexes: ClassVar = [models.Index(fields=["membership"], name="departments_of_member")]
