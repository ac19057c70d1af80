"""The example company's people, departments and projects, made through the same doors as anyone's."""

from __future__ import annotations

from datetime import date

from tongpin.kernel import clock
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Via
from tongpin.kernel.tenancy.models import Membership, User, Workspace
from tongpin.modules.workspaces.actions.account import create_account
from tongpin.modules.workspaces.actions.calendar import mark_days
from tongpin.modules.workspaces.actions.department import create_department
from tongpin.modules.workspaces.actions.department_member import set_department_members
from tongpin.modules.workspaces.actions.invitation import accept_invitation, create_link
from tongpin.modules.workspaces.actions.member import change_role
from tongpin.modules.workspaces.actions.project import create_project
from tongpin.modules.workspaces.actions.project_member import pin_project, set_members
from tongpin.modules.workspaces.actions.workspace import create_workspace
from tongpin.modules.workspaces.demo_people import OWNER, PASSWORD, PEOPLE, WORKSPACE, Person
from tongpin.modules.workspaces.demo_places import DEPARTMENTS, PROJECTS
from tongpin.modules.workspaces.models import Department, Project, WorkCalendar


def seed() -> Workspace:
    """Write the accounts and the workspace with what is in it, as far as it is not there yet. Again changes nothing."""
    accounts = {person.login: _account(person) for person in PEOPLE}
    name, slug = WORKSPACE
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        founder = Actor.of(accounts[OWNER], Via.SYSTEM)
        workspace = create_workspace.run(founder, {"name": name, "slug": slug, "language": "zh-hans"}).value
        _admit(workspace, accounts)
    rows = Membership.objects.filter(workspace=workspace).select_related("user", "workspace")
    members = {row.user.email.partition("@")[0]: row for row in rows}
    if not Department.objects.filter(workspace=workspace).exists():  # what a visitor deleted counts
        _departments(members)
    if not Project.objects.filter(workspace=workspace).exists():
        _projects(members)
    if not WorkCalendar.objects.filter(workspace=workspace).exists():
        _own_days(Actor.in_workspace(accounts[OWNER], workspace.slug, Via.SYSTEM))
    return workspace


def _own_days(owner: Actor) -> None:
    """The company's birthday off in spring, the Saturday before 双11 worked, stocktaking on 31 December."""
    assert owner.workspace is not None
    year = clock.today(owner.workspace.time_zone).year
    saturday = next(day for n in range(4, 11) if (day := date(year, 11, n)).weekday() == 5)
    days = [
        {"day": date(year, 3, 20), "mark": "off", "name": "公司生日"},
        {"day": saturday, "mark": "work", "name": "双11 备战"},
        {"day": date(year, 12, 31), "mark": "off", "name": "年终盘点"},
    ]
    mark_days.run(owner, {"days": days})


def _account(person: Person) -> User:
    found = User.objects.filter(email=person.email).first()
    return found or create_account(
        person.email, person.name, PASSWORD, language=person.language, time_zone=person.time_zone
    )


def _admit(workspace: Workspace, accounts: dict[str, User]) -> None:
    """Everyone but the founder comes in through a link for their role; admins are made so by the owner."""
    owner = Actor.in_workspace(accounts[OWNER], workspace.slug, Via.SYSTEM)
    links = {
        role: create_link.run(owner, {"role": role, "days": 1, "max_uses": len(PEOPLE)}).value
        for role in ("member", "guest")
    }
    for person in PEOPLE:
        if person.login == OWNER:
            continue
        link = links["guest" if person.role == "guest" else "member"]
        accept_invitation.run(Actor.of(accounts[person.login], Via.SYSTEM), {"token": link.secret})
        if person.role == "admin":
            row = Membership.objects.get(workspace=workspace, user=accounts[person.login])
            change_role.run(owner, {"role": "admin"}, target=row)


def _departments(members: dict[str, Membership]) -> None:
    """The owner builds the tree."""
    owner = Actor.for_member(members[OWNER], Via.SYSTEM)
    made: dict[str, Department] = {}
    for demo in DEPARTMENTS:
        data = {
            "name": demo.name,
            "parent": made[demo.inside].public_id if demo.inside else None,
            "lead": members[demo.lead].public_id if demo.lead else None,
        }
        made[demo.name] = create_department.run(owner, data).value
        people = [members[login].public_id for login in demo.members.split()]
        set_department_members.run(owner, {"add": people}, target=made[demo.name])


def _projects(members: dict[str, Membership]) -> None:
    """Each project is made by its lead, who also adds the others."""
    for demo in PROJECTS:
        lead = Actor.for_member(members[demo.lead], Via.SYSTEM)
        data = {name: getattr(demo, name) for name in ("key", "name", "kind", "purpose", "icon", "hue")}
        project = create_project.run(lead, data).value
        places = [{"member": members[login].public_id, "role": "member"} for login in demo.members.split()]
        places += [{"member": members[login].public_id, "role": "viewer"} for login in demo.viewers.split()]
        set_members.run(lead, {"members": places}, target=project)
        for login in demo.pinned_by.split():
            pin_project.run(Actor.for_member(members[login], Via.SYSTEM), target=project)
