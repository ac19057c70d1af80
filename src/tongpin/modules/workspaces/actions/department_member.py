"""Who is in which department."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.models import Department, DepartmentMember


class SetDepartmentMembers(BaseModel):
    """Members that are not named stay as they are."""

    model_config = ConfigDict(extra="forbid")

    add: list[uuid.UUID] = Field(default=[], max_length=500)
    remove: list[uuid.UUID] = Field(default=[], max_length=500)


class SetDepartments(BaseModel):
    """All departments the member is to be in."""

    model_config = ConfigDict(extra="forbid")

    departments: list[uuid.UUID] = Field(max_length=50)


@action(
    "workspaces.department.set_members",
    permission="workspaces.department.staff",
    target=Department,
    inverse="workspaces.department.set_members",
    inverse_data=lambda before, row: {"add": row.removed, "remove": row.added},
)
def set_department_members(actor: Actor, row: Department, data: SetDepartmentMembers) -> Department:
    """Take members into a department, or out of it. They may be in several."""
    present = {place.membership.public_id: place for place in row.members.select_related("membership__user")}
    wanted = set(data.add) - present.keys()
    found = Membership.objects.visible_to(actor).active().select_related("user").filter(public_id__in=wanted)
    coming = sorted(found, key=lambda member: member.pk)
    if len(coming) < len(wanted):
        raise Invalid(_("This is not a member of the workspace."), field="add", code="no_member")
    going = [present[member] for member in data.remove if member in present]
    for member in coming:
        put_in(row, member)
    for place in going:
        place.delete()
    row.added = [str(member.public_id) for member in coming]
    row.removed = [str(place.membership.public_id) for place in going]
    _tell(row, coming, [place.membership for place in going])
    return row


@action(
    "workspaces.member.set_departments",
    permission="workspaces.department.edit",
    target=Membership,
    inverse="workspaces.member.set_departments",
    inverse_data=lambda before, row: {"departments": row.departments_before},
)
def set_departments(actor: Actor, row: Membership, data: SetDepartments) -> Membership:
    """Say which departments a member is in."""
    places = DepartmentMember.objects.visible_to(actor).filter(membership=row).select_related("department")
    present = {place.department.public_id: place for place in places}
    row.departments_before = [str(department) for department in present]  # type: ignore[attr-defined]
    found = Department.objects.visible_to(actor).filter(public_id__in=data.departments)
    wanted = {department.public_id: department for department in found}
    if len(wanted) < len(set(data.departments)):
        raise Invalid(
            _("This department does not exist any more."), field="departments", code="no_department"
        )
    for public_id in wanted.keys() - present.keys():
        put_in(wanted[public_id], row)
        _tell(wanted[public_id], [row], [])
    for public_id in present.keys() - wanted.keys():
        present[public_id].delete()
        _tell(present[public_id].department, [], [row])
    return row


def put_in(row: Department, member: Membership) -> None:
    """Write the member's place; who is in the department already stays."""
    DepartmentMember.objects.get_or_create(
        department=row, membership=member, defaults={"workspace": row.workspace}
    )


def _tell(row: Department, came: Iterable[Membership], went: Iterable[Membership]) -> None:
    added, removed = [m.user.name for m in came], [m.user.name for m in went]
    if added or removed:
        emit(events.DepartmentMembersChanged(department=row.name, added=added, removed=removed), row)
