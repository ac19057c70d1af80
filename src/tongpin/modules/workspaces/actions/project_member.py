"""Who is in a project and as what; joining, leaving, pinning."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Denied, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.enums import ProjectRole
from tongpin.modules.workspaces.models import Project, ProjectMember, ProjectPin


class Place(BaseModel):
    """A member's role in the project; None takes them out of it."""

    model_config = ConfigDict(extra="forbid")

    member: uuid.UUID
    role: ProjectRole | None


class SetMembers(BaseModel):
    """Members that are not named stay as they are."""

    model_config = ConfigDict(extra="forbid")

    members: list[Place] = Field(min_length=1, max_length=200)


def require_may_lead(member: Membership, *, field: str) -> None:
    """Refuse a guest as a lead: they do not see the workspace around the project."""
    if member.role == Role.GUEST:
        raise Invalid(
            _("%(name)s is a guest and cannot lead.") % {"name": member.user.name},
            field=field,
            code="guest_cannot_lead",
        )


@action(
    "workspaces.project.set_members",
    permission="workspaces.project.edit",
    target=Project,
    inverse="workspaces.project.set_members",
    inverse_data=lambda before, row: {"members": row.places_before},
)
def set_members(actor: Actor, row: Project, data: SetMembers) -> Project:
    """Take members into a project, give them other roles, or take them out. A new lead replaces the present one."""
    now = {p.membership.public_id: p for p in row.members.select_related("membership__user")}
    wanted: dict[uuid.UUID, ProjectRole | None] = {place.member: place.role for place in data.members}
    lead = next((member for member, place in now.items() if place.role == ProjectRole.LEAD), None)
    if lead is not None and ProjectRole.LEAD in wanted.values():
        wanted.setdefault(lead, ProjectRole.MEMBER)
    people = _people(actor, row, wanted, now)
    _require_one_lead(wanted, lead)
    changes = []
    # The lead last: a project has one at most at any moment.
    for member, role in sorted(wanted.items(), key=lambda item: item[1] == ProjectRole.LEAD):
        before = ProjectRole(now[member].role) if member in now else None
        if role != before:
            _place(row, people[member], now.get(member), role)
            changes.append((people[member], before, role))
    row.places_before = [{"member": str(m.public_id), "role": before} for m, before, _role in changes]
    _tell(row, changes)
    return row


def _people(
    actor: Actor, row: Project, wanted: dict[uuid.UUID, Any], now: dict[uuid.UUID, ProjectMember]
) -> dict[uuid.UUID, Membership]:
    """The memberships named. Raises Invalid for one that is not there, or cannot have the role."""
    new = Membership.objects.visible_to(actor).active().select_related("user")
    people = {m.public_id: m for m in new.filter(public_id__in=wanted.keys() - now.keys())}
    people |= {member: place.membership for member, place in now.items()}
    for member, role in wanted.items():
        if member not in people:
            raise Invalid(_("This is not a member of the workspace."), field="members", code="no_member")
        if role == ProjectRole.LEAD:
            require_may_lead(people[member], field="members")
    return people


def _require_one_lead(wanted: dict[uuid.UUID, ProjectRole | None], lead: uuid.UUID | None) -> None:
    leads = list(wanted.values()).count(ProjectRole.LEAD)
    if leads > 1:
        raise Invalid(_("A project has one lead."), field="members", code="one_lead")
    if leads == 0 and lead in wanted:
        raise Conflict(
            _("A project keeps a lead."), code="last_lead", hint=_("Make someone else its lead first.")
        )


def _place(row: Project, member: Membership, place: ProjectMember | None, role: ProjectRole | None) -> None:
    if role is None:
        if place is not None:
            place.delete()
    elif place is None:
        ProjectMember.objects.create(workspace=row.workspace, project=row, membership=member, role=role)
    else:
        place.role = role
        place.save(update_fields=["role"])


def _tell(row: Project, changes: list[tuple[Membership, ProjectRole | None, ProjectRole | None]]) -> None:
    if changes:
        told = [
            {
                "member": str(member.public_id),
                "name": member.user.name,
                "before": before.value if before else "",
                "after": after.value if after else "",
            }
            for member, before, after in changes
        ]
        emit(events.ProjectMembersChanged(project=row.name, changes=told), row)


def _own(actor: Actor) -> Membership:
    """The membership of who acts. Raises Denied for the server itself, which is in no project."""
    if actor.membership is None:
        raise Denied
    return actor.membership


@action(
    "workspaces.project.join",
    permission="workspaces.project.join",
    target=Project,
    inverse="workspaces.project.leave",
)
def join_project(actor: Actor, row: Project, data: Empty) -> Project:
    """Become a member of a project one sees. Who is in it already keeps their role."""
    member = _own(actor)
    if not row.members.filter(membership=member).exists():
        _place(row, member, None, ProjectRole.MEMBER)
        _tell(row, [(member, None, ProjectRole.MEMBER)])
    return row


@action(
    "workspaces.project.leave",
    permission="workspaces.project.leave",
    target=Project,
    inverse="workspaces.project.join",
)
def leave_project(actor: Actor, row: Project, data: Empty) -> Project:
    """Go out of a project. Its lead hands it over first."""
    place = row.members.select_related("membership__user").filter(membership=_own(actor)).first()
    if place is None:
        return row
    if place.role == ProjectRole.LEAD:
        raise Conflict(
            _("You lead this project."), code="last_lead", hint=_("Make someone else its lead first.")
        )
    place.delete()
    _tell(row, [(place.membership, ProjectRole(place.role), None)])
    return row


@action(
    "workspaces.project.pin",
    permission="workspaces.project.pin",
    target=Project,
    inverse="workspaces.project.unpin",
)
def pin_project(actor: Actor, row: Project, data: Empty) -> Project:
    """Keep a project at the top of one's own sidebar."""
    pin, fresh = ProjectPin.objects.get_or_create(
        project=row, membership=_own(actor), defaults={"workspace": row.workspace}
    )
    if not fresh and pin.pinned_at is None:
        pin.pinned_at, fresh = clock.now(), True
        pin.save(update_fields=["pinned_at"])
    if fresh:
        emit(events.ProjectPinned(project=row.public_id), pin)
    return row


@action(
    "workspaces.project.unpin",
    permission="workspaces.project.pin",
    target=Project,
    inverse="workspaces.project.pin",
)
def unpin_project(actor: Actor, row: Project, data: Empty) -> Project:
    """Take a project off the top of one's own sidebar."""
    pin = ProjectPin.objects.filter(project=row, membership=_own(actor), pinned_at__isnull=False).first()
    if pin is not None:
        pin.pinned_at = None
        pin.save(update_fields=["pinned_at"])
        emit(events.ProjectUnpinned(project=row.public_id), pin)
    return row
