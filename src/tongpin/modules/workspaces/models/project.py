"""Projects 项目: what a cross-department team works around, who is in it, and who may know of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.workspaces.enums import ProjectKind, ProjectRole, Visibility

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor


class ProjectQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Open ones for members, private ones for those in them, all for owners and admins; a guest sees only those
        they are in. Archived ones count, deleted ones do not.
        """
        return self._of(actor).filter(deleted_at=None)

    def _of(self, actor: Actor) -> Self:
        rows = super().visible_to(actor)
        if actor.is_system or actor.role in (Role.OWNER, Role.ADMIN):
            return rows
        mine = models.Q(pk__in=ProjectMember.objects.filter(membership=actor.membership).values("project"))
        return rows.filter(mine if actor.role == Role.GUEST else mine | models.Q(visibility=Visibility.OPEN))


class DeletedProjectQuerySet(ProjectQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The deleted ones, for taking a deletion back."""
        return self._of(actor).exclude(deleted_at=None)


class Project(WorkspaceModel):
    """``key`` stands before the numbers of what is in it (STO-12) and in its address; keys it had before lead on
    (``OldProjectKey``). ``pinyin`` holds the syllables of the name, apart by spaces.
    """

    kind = models.CharField(max_length=12, choices=ProjectKind, default=ProjectKind.PRODUCT)
    name = models.CharField(max_length=80)
    pinyin = models.CharField(max_length=500, blank=True, editable=False)
    key = models.CharField(max_length=6)
    purpose = models.TextField(max_length=2000, blank=True)
    icon = models.CharField(max_length=32)
    hue = models.PositiveSmallIntegerField(default=1)
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.OPEN)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ProjectQuerySet.as_manager()

    #: What ``set_members`` found, for taking it back: ``{"member", "role"}`` each.
    places_before: Sequence[dict[str, str | None]] = ()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "key"], condition=models.Q(deleted_at=None), name="one_project_per_key"
            )
        ]

    @property
    def is_private(self) -> bool:
        return self.visibility == Visibility.PRIVATE


class DeletedProject(Project):
    """The same rows while they are deleted: the target of taking a deletion back."""

    objects = DeletedProjectQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True


class OfProjectQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What belongs to a project is seen with it."""
        return super().visible_to(actor).filter(project__in=Project.objects.visible_to(actor))


class OldProjectKey(WorkspaceModel):
    """A key a project had before; its addresses still lead there."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="old_keys")
    key = models.CharField(max_length=6)

    objects = OfProjectQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "key"], name="one_project_per_old_key")
        ]


class ProjectMember(WorkspaceModel):
    """A member of the workspace in a project, as its lead, member or viewer."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="members")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=8, choices=ProjectRole, default=ProjectRole.MEMBER)
    since = models.DateTimeField(default=clock.now)

    objects = OfProjectQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "membership"], name="once_in_a_project"),
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(role=ProjectRole.LEAD), name="one_lead_per_project"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["membership", "project"], name="projects_of_member")]


class ProjectPinQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """One's own."""
        return super().visible_to(actor).filter(membership=actor.membership)


class ProjectPin(WorkspaceModel):
    """A project that a member keeps in their sidebar, in the order of pinning. The row outlives an unpinning, so that
    the member's other tabs can be told of it.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    pinned_at = models.DateTimeField(null=True, default=clock.now)

    objects = ProjectPinQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["membership", "project"], name="pinned_once")
        ]
