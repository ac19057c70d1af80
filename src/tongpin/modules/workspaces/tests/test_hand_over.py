"""When somebody leaves, what they led goes to others in one step; and back."""

from __future__ import annotations

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Invalid, NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.workspaces.actions.department import create_department
from tongpin.modules.workspaces.actions.hand_over import hand_over, take_back
from tongpin.modules.workspaces.actions.project import create_project
from tongpin.modules.workspaces.actions.project_member import set_members
from tongpin.modules.workspaces.actions.token import create_token
from tongpin.modules.workspaces.enums import ProjectRole
from tongpin.modules.workspaces.models import Department, ProjectMember
from tongpin.modules.workspaces.public import authenticate

from .denied import denied, unchanged

pytestmark = pytest.mark.django_db

KINDS = ("workspaces.projects", "workspaces.departments")


@pytest.fixture
def led(people, actor_of):
    """Two projects and a department that the member leads."""
    member, admin = actor_of("member"), actor_of("admin")
    rows = [
        create_project.run(member, {"name": "团购", "key": "STO", "visibility": "private"}).value,
        create_project.run(member, {"name": "会员", "key": "VIP"}).value,
    ]
    department = create_department.run(admin, {"name": "研发", "lead": people.member.public_id}).value
    return rows, department


def leads(led) -> list[int]:
    projects, department = led
    heads = ProjectMember.objects.filter(project__in=projects, role=ProjectRole.LEAD).order_by("project")
    lead = Department.objects.get(pk=department.pk).lead_id
    return [*heads.values_list("membership", flat=True), lead]


def undo(outcome, actor):
    return run_named(
        outcome.undo.action,
        actor,
        outcome.undo.data,
        target=outcome.undo.target,
        version=outcome.undo.version,
    )


def test_all_of_it_goes_to_others_and_comes_back(people, actor_of, led):
    successors = dict(zip(KINDS, (people.admin.public_id, people.owner.public_id), strict=True))
    outcome = hand_over.run(actor_of("admin"), {"successors": successors}, target=people.member)
    assert leads(led) == [people.admin.pk, people.admin.pk, people.owner.pk]
    people.member.refresh_from_db()
    assert people.member.deactivated_at is not None
    undo(outcome, actor_of("admin"))
    assert leads(led) == [people.member.pk] * 3
    people.member.refresh_from_db()
    assert people.member.deactivated_at is None
    assert not ProjectMember.objects.filter(membership=people.admin).exists()


def test_what_has_no_successor_stays(people, actor_of, led):
    successors = {KINDS[1]: people.owner.public_id}
    hand_over.run(actor_of("admin"), {"successors": successors, "deactivate": False}, target=people.member)
    assert leads(led) == [people.member.pk, people.member.pk, people.owner.pk]
    people.member.refresh_from_db()
    assert people.member.deactivated_at is None


@pytest.mark.parametrize("who", ["guest", "member", "stranger"])
def test_not_to_everyone(who, people, actor_of, led):
    """A guest cannot lead, nobody succeeds themselves, a stranger is not here; the whole is refused then."""
    successors = {KINDS[1]: people.admin.public_id, KINDS[0]: people.of(who).public_id}
    unchanged(
        lambda: hand_over.run(actor_of("admin"), {"successors": successors}, target=people.member), Invalid
    )


def test_undo_is_refused_when_somebody_changed_it_since(people, actor_of, led):
    successors = {KINDS[1]: people.admin.public_id}
    outcome = hand_over.run(actor_of("owner"), {"successors": successors}, target=people.member)
    run_named(
        "workspaces.department.edit", actor_of("owner"), {"lead": str(people.owner.public_id)}, target=led[1]
    )
    unchanged(lambda: undo(outcome, actor_of("owner")), Conflict)


def test_taking_back_runs_nothing_else(people, actor_of, led):
    step = {"action": "workspaces.project.delete", "target": str(led[0][0].public_id)}
    unchanged(lambda: take_back.run(actor_of("admin"), {"steps": [step]}, target=people.member), Invalid)


def test_token_and_pages_stop_at_once(people, actor_of, client_of, led):
    token = create_token.run(actor_of("member"), {"name": "CI", "scopes": ["goals:read"]}).value
    client = client_of("member")
    assert client.get("/w/acme/members/").status_code == 200
    assert authenticate(token.secret) is not None
    hand_over.run(actor_of("admin"), {}, target=people.member)
    assert authenticate(token.secret) is None
    assert client.get("/w/acme/members/").status_code == 404
    with pytest.raises(NotFound):
        Actor.in_workspace(people.member.user, "acme")


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_denied(who, people, actor_of, led):
    denied(hand_over, actor_of(who), {"successors": {}}, people.admin)
    denied(take_back, actor_of(who), {"steps": []}, people.admin)


def test_an_admin_has_no_power_over_an_owner(people, actor_of):
    denied(hand_over, actor_of("admin"), {"deactivate": False}, people.owner)


def test_the_page_shows_what_is_left_and_does_it(people, actor_of, client_of, led):
    client = client_of("admin")
    url = f"/w/acme/members/{people.member.public_id}/leaving/"
    page = client.get(url).content.decode()
    assert all(name in page for name in ("团购", "会员", "研发"))
    answer = client.post(url, {f"to.{KINDS[0]}": str(people.owner.public_id)}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert "Still theirs" in page
    assert "研发" in page
    assert "团购" not in page
    assert leads(led) == [people.owner.pk, people.owner.pk, people.member.pk]


@pytest.mark.parametrize("n", [1, 3])
def test_the_page_s_queries_do_not_grow(n, people, actor_of, client_of, django_assert_num_queries):
    for i in range(n):
        row = create_project.run(actor_of("admin"), {"name": f"P{i}", "key": "ABC"[: i + 1] + "X"}).value
        place = {"member": str(people.member.public_id), "role": "lead"}
        set_members.run(actor_of("admin"), {"members": [place]}, target=row)
    client = client_of("owner")
    client.get(f"/w/acme/members/{people.member.public_id}/leaving/")
    with django_assert_num_queries(18):
        client.get(f"/w/acme/members/{people.member.public_id}/leaving/")
