"""A file that names people who are members already: what it would change is shown, done if asked, and taken back."""

from __future__ import annotations

import pytest

from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces.actions import member_import as actions
from tongpin.modules.workspaces.actions.department import create_department, delete_department
from tongpin.modules.workspaces.actions.department_member import set_departments
from tongpin.modules.workspaces.actions.member import change_role
from tongpin.modules.workspaces.enums import RowState
from tongpin.modules.workspaces.models import Department, DepartmentMember, Invitation
from tongpin.modules.workspaces.queries import member_import as query

from .test_member_import import made, started, states, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def places(people, actor_of):
    """The member is in 运营; 研发 is there too."""
    admin = actor_of("admin")
    rows = {name: create_department.run(admin, {"name": name}).value for name in ("运营", "研发")}
    data = {"departments": [rows["运营"].public_id]}
    set_departments.run(admin, data, target=people.member)
    return rows


def where(member) -> set[str]:
    return set(DepartmentMember.objects.filter(membership=member).values_list("department__name", flat=True))


def role(member) -> str:
    return Membership.objects.get(pk=member.pk).role


def row_of(member, role="", departments=""):
    return [member.user.email, member.user.name, role, departments, ""]


def test_the_preview_says_what_would_change(people, actor_of, places, client_of):
    row = made(actor_of("admin"), row_of(people.member, "访客", "研发；市场"), row_of(people.guest, "", ""))
    plan = query.plan(actor_of("admin"), row)
    assert [p.state for p in plan.rows] == [RowState.CHANGE, RowState.MEMBER]
    assert plan.rows[0].was == {"role": Role.MEMBER, "departments": [("运营",)]}
    page = client_of("admin").get(f"/w/acme/members/import/{row.public_id}/").content.decode()
    assert "Role: Member → Guest" in page
    assert "Departments: 运营 → 研发; 市场" in page
    assert "Update 1 member whose role or departments" in page


def test_nothing_changes_unless_asked(people, actor_of, places):
    row = started(actor_of("admin"), row_of(people.member, "访客", "研发；市场"))
    work(row)
    assert states(row) == [RowState.MEMBER]
    assert (role(people.member), where(people.member)) == (Role.MEMBER, {"运营"})
    assert not Department.objects.filter(name="市场").exists()


def test_members_are_updated_and_put_back(people, actor_of, places):
    admin = actor_of("admin")
    row = started(
        admin,
        row_of(people.member, "访客", "研发；市场"),
        ["new@acme.example", "新人", "", "市场", ""],
        update_members=True,
    )
    work(row)
    assert states(row) == [RowState.CHANGED, RowState.INVITED]
    assert (role(people.member), where(people.member)) == (Role.GUEST, {"研发", "市场"})
    assert Invitation.objects.get().email == "new@acme.example"
    actions.undo_import.run(admin, {}, target=row)
    assert (role(people.member), where(people.member)) == (Role.MEMBER, {"运营"})
    assert not Department.objects.filter(name="市场", deleted_at=None).exists()


def test_what_somebody_changed_since_stays(people, actor_of, places):
    admin = actor_of("admin")
    row = started(admin, row_of(people.member, "访客", "研发"), update_members=True)
    work(row)
    set_departments.run(admin, {"departments": []}, target=people.member)
    actions.undo_import.run(admin, {}, target=row)
    assert (role(people.member), where(people.member)) == (Role.MEMBER, set())


def test_an_empty_cell_changes_nothing(people, actor_of, places):
    row = started(actor_of("admin"), row_of(people.member, "", "研发"), update_members=True)
    work(row)
    assert (role(people.member), where(people.member)) == (Role.MEMBER, {"研发"})


def test_owners_and_oneself_keep_their_role(people, actor_of, places):
    """An admin's file cannot take the owner's place, nor the admin's own."""
    row = started(
        actor_of("admin"),
        row_of(people.owner, "成员", "研发"),
        row_of(people.admin, "访客", ""),
        update_members=True,
    )
    work(row)
    assert states(row) == [RowState.CHANGED, RowState.MEMBER]
    assert (role(people.owner), where(people.owner)) == (Role.OWNER, {"研发"})
    assert role(people.admin) == Role.ADMIN


def test_departments_that_are_missing_and_not_made_take_nobody_out(people, actor_of, places):
    row = started(
        actor_of("admin"),
        row_of(people.member, "", "没有的部门"),
        update_members=True,
        make_departments=False,
    )
    work(row)
    assert states(row) == [RowState.MEMBER]
    assert where(people.member) == {"运营"}


def test_a_department_deleted_meanwhile_holds_nobody_else_back(people, actor_of, places):
    admin = actor_of("admin")
    row = started(
        admin, row_of(people.member, "访客", "研发"), row_of(people.guest, "成员", ""), update_members=True
    )
    delete_department.run(admin, {}, target=places["研发"])
    work(row)
    assert states(row) == [RowState.REFUSED, RowState.CHANGED]
    assert (role(people.member), where(people.member)) == (Role.MEMBER, {"运营"})  # neither half of the row
    assert role(people.guest) == Role.MEMBER


def test_one_made_owner_meanwhile_is_left_alone(people, actor_of, places):
    row = started(actor_of("admin"), row_of(people.member, "访客", ""), update_members=True)
    change_role.run(actor_of("owner"), {"role": "owner"}, target=people.member)
    work(row)
    assert states(row) == [RowState.REFUSED]
    assert role(people.member) == Role.OWNER


def test_the_page_updates_without_inviting(people, actor_of, places, client_of):
    row = made(actor_of("admin"), row_of(people.member, "", "研发"))
    client = client_of("admin")
    url = f"/w/acme/members/import/{row.public_id}/"
    page = client.get(url).content.decode()
    assert "Update 1 member</h2>" in page
    assert "disabled" not in page[page.index("start-title") : page.index("Another file")]
    client.post(url + "start/", {"by": "links", "update_members": "1"})
    work(row)
    page = client.get(url).content.decode()
    assert "1 member updated." in page
    assert "Download the links" not in page
    assert where(people.member) == {"研发"}
