"""Bringing people of the company's directory (LDAP) in, ending who is gone, and putting people into departments.

What was done to a person because of the directory is noted at their link (``SocialAccount.extra_data``): ``ended``
(the memberships that were ended with the account; only those come back) and ``department`` (where the directory put
them; a place somebody else gave them is left alone).
"""

from __future__ import annotations

import contextlib
import uuid

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from tongpin.kernel.errors import DomainError
from tongpin.kernel.events.recording import emit, recording
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, User, Workspace
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.actions.department import create_department
from tongpin.modules.workspaces.actions.department_member import set_department_members
from tongpin.modules.workspaces.actions.directory_account import end_sessions
from tongpin.modules.workspaces.actions.member import deactivate_member, reactivate_member
from tongpin.modules.workspaces.actions.token import revoke_all
from tongpin.modules.workspaces.models import Department, DepartmentMember

ACTION = "workspaces.account.follow_directory"


def join(user: User, workspace: Workspace) -> Membership:
    """Make the person a member, unless they are or were one: whoever was deactivated here stays so."""
    with transaction.atomic(), recording(Actor.system(workspace), ACTION):
        row, made = Membership.objects.get_or_create(workspace=workspace, user=user)
        if made:
            emit(events.MemberJoined(role=str(row.role)), row)
    return row


def end_access(link: SocialAccount, workspace: Workspace | None) -> None:
    """Switch the person's account off: sessions and API tokens end at once, and their membership of the workspace."""
    user = link.user
    with transaction.atomic():
        user.is_active = False
        user.save(update_fields=["is_active"])
        end_sessions(user)
        revoke_all(user)
        with recording(Actor.system(), ACTION):
            emit(events.AccountEnded(), user)
        _note(link, ended=_deactivated(user, workspace))


def _deactivated(user: User, workspace: Workspace | None) -> list[str]:
    rows = Membership.objects.active().filter(user=user, workspace=workspace) if workspace else []
    done = []
    for row in rows:
        with contextlib.suppress(
            DomainError
        ):  # a workspace's last owner stays one, and is not let in all the same
            deactivate_member.run(Actor.system(row.workspace), target=row)
            done.append(str(row.public_id))
    return done


def restore_access(link: SocialAccount) -> None:
    """Switch an account on again that ``end_access`` had switched off. API tokens stay ended."""
    with transaction.atomic():
        link.user.is_active = True
        link.user.save(update_fields=["is_active"])
        with recording(Actor.system(), ACTION):
            emit(events.AccountRestored(), link.user)
        given = link.extra_data.get("ended") or []
        for row in Membership.objects.filter(public_id__in=given).select_related("workspace"):
            reactivate_member.run(Actor.system(row.workspace), target=row)
        _note(link, ended=None)


def place(link: SocialAccount, member: Membership, units: tuple[str, ...]) -> None:
    """Put a member into the department these names lead to, outermost first; make those that are missing.

    Only when the directory says something new: who moves somebody by hand is not contradicted every hour.
    Raises DomainError where the tree would become too deep.
    """
    key = " / ".join(units)
    if link.extra_data.get("units", "") == key:
        return
    actor = Actor.system(member.workspace)
    with transaction.atomic():
        wanted = _department(actor, units) if units else None
        before = link.extra_data.get("department")
        placed = DepartmentMember.objects.filter(membership=member, department__deleted_at=None)
        old = (
            placed.select_related("department").filter(department__public_id=before).first()
            if before
            else None
        )
        if old is not None and old.department != wanted:
            set_department_members.run(actor, {"remove": [member.public_id]}, target=old.department)
        if wanted is not None:
            set_department_members.run(actor, {"add": [member.public_id]}, target=wanted)
        _note(link, units=key, department=str(wanted.public_id) if wanted else None)


def _department(actor: Actor, units: tuple[str, ...]) -> Department:
    found: Department | None = None
    for name in units:
        rows = Department.objects.visible_to(actor).filter(parent=found, name=name[:80])
        parent: uuid.UUID | None = found.public_id if found else None
        found = rows.first() or create_department.run(actor, {"name": name[:80], "parent": parent}).value
    assert found is not None
    return found


def _note(link: SocialAccount, **what: object) -> None:
    kept = {**link.extra_data, **what}
    link.extra_data = {name: value for name, value in kept.items() if value is not None}
    link.save(update_fields=["extra_data"])
