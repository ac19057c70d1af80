"""Where an imported person belongs, once they come in: departments and projects that the file named."""

from __future__ import annotations

from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.actions.department_member import put_in
from tongpin.modules.workspaces.enums import ProjectRole
from tongpin.modules.workspaces.models import (
    Department,
    Invitation,
    MemberImportRow,
    Project,
    ProjectMember,
)


def take_places(invitation: Invitation, member: Membership) -> None:
    """Put who accepted an imported invitation into its departments and projects, as far as they are still there."""
    row = MemberImportRow.objects.filter(invitation=invitation).first()
    if row is None:
        return
    departments = Department.objects.filter(
        workspace=member.workspace, public_id__in=row.departments, deleted_at=None
    )
    for department in departments:
        put_in(department, member)
        told = events.DepartmentMembersChanged(
            department=department.name, added=[member.user.name], removed=[]
        )
        emit(told, department)
    roles = {place["project"]: ProjectRole(place["role"]) for place in row.projects}
    projects = Project.objects.filter(workspace=member.workspace, public_id__in=roles, deleted_at=None)
    for project in projects.filter(archived_at=None):
        role = roles[str(project.public_id)]
        _place, fresh = ProjectMember.objects.get_or_create(
            project=project, membership=member, defaults={"workspace": member.workspace, "role": role}
        )
        if fresh:
            change = {
                "member": str(member.public_id),
                "name": member.user.name,
                "before": "",
                "after": role.value,
            }
            emit(events.ProjectMembersChanged(project=project.name, changes=[change]), project)
