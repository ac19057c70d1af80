"""What an import changes of people who are members already, and how it is taken back."""

from __future__ import annotations

from django.db import transaction

from tongpin.kernel.errors import DomainError
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces.actions.department_member import set_departments
from tongpin.modules.workspaces.actions.member import change_role
from tongpin.modules.workspaces.enums import RowState
from tongpin.modules.workspaces.models import Department, DepartmentMember, MemberImportRow


def _member(actor: Actor, one: MemberImportRow) -> Membership | None:
    rows = Membership.objects.visible_to(actor).active().select_related("user", "workspace")
    found: Membership | None = rows.filter(user__email=one.email).first()
    return found


def update_member(actor: Actor, one: MemberImportRow) -> None:
    """Give a member the role and the departments of their row, and note what was before; else say why not. The caller
    saves the row.
    """
    member = _member(actor, one)
    try:
        with transaction.atomic():
            if member is None:
                raise Membership.DoesNotExist
            if "role" in one.before:
                one.before["role"] = member.role
                change_role.run(actor, {"role": one.role}, target=member)
            if "departments" in one.before:
                done = set_departments.run(actor, {"departments": one.departments}, target=member)
                one.before["departments"] = done.value.departments_before  # type: ignore[attr-defined]
    except (DomainError, Membership.DoesNotExist):
        one.state, one.reason = RowState.REFUSED, "changed_meanwhile"
    else:
        one.state = RowState.CHANGED


def put_back(actor: Actor, one: MemberImportRow) -> bool:
    """Give a member back what the row took. What somebody has changed since stays as it is now."""
    member = _member(actor, one)
    if member is None:
        return False
    did = False
    try:
        with transaction.atomic():
            if one.before.get("role") and member.role == one.role:
                change_role.run(actor, {"role": one.before["role"]}, target=member)
                did = True
            if "departments" in one.before and _places(actor, member) == set(one.departments):
                still = Department.objects.visible_to(actor).filter(public_id__in=one.before["departments"])
                before = list(still.values_list("public_id", flat=True))
                set_departments.run(actor, {"departments": before}, target=member)
                did = True
    except DomainError:
        return False
    return did


def _places(actor: Actor, member: Membership) -> set[object]:
    rows = DepartmentMember.objects.visible_to(actor).filter(membership=member)
    return set(rows.values_list("department__public_id", flat=True))
