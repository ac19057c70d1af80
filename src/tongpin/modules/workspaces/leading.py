"""What of this module's a member answers for, and how it goes to another: projects and departments they lead."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from tongpin.kernel import ownership
from tongpin.kernel.actions.door import Outcome
from tongpin.kernel.ownership import Owned
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces.actions.department import edit_department
from tongpin.modules.workspaces.actions.project_member import set_members
from tongpin.modules.workspaces.enums import ProjectRole
from tongpin.modules.workspaces.models import Department, Project, ProjectMember


def _projects(actor: Actor, member: Membership) -> Iterable[Project]:
    led = ProjectMember.objects.filter(membership=member, role=ProjectRole.LEAD).values("project")
    rows = Project.objects.visible_to(actor).select_related("workspace")
    return list(rows.filter(pk__in=led, archived_at=None).order_by("pinyin", "name", "pk"))


def _give_project(actor: Actor, row: Project, member: Membership) -> Outcome[Project]:
    place = {"member": member.public_id, "role": ProjectRole.LEAD}
    return set_members.run(actor, {"members": [place]}, target=row)


def _departments(actor: Actor, member: Membership) -> Iterable[Department]:
    rows = Department.objects.visible_to(actor).select_related("workspace", "parent")
    return list(rows.filter(lead=member).order_by("pinyin", "name", "pk"))


def _give_department(actor: Actor, row: Department, member: Membership) -> Outcome[Department]:
    return edit_department.run(actor, {"lead": member.public_id}, target=row)


def register() -> None:
    """Called once, from ``ready()``."""
    ownership.register(
        Owned(
            "workspaces.projects",
            _("Projects they lead"),
            "folder",
            _projects,
            _give_project,
            undone_by="workspaces.project.set_members",
        )
    )
    ownership.register(
        Owned(
            "workspaces.departments",
            _("Departments they lead"),
            "network",
            _departments,
            _give_department,
            undone_by="workspaces.department.edit",
        )
    )
