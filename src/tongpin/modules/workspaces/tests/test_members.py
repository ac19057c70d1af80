from __future__ import annotations

import re

import pytest

from tongpin.kernel.errors import Conflict, NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces.actions.account import confirm_address
from tongpin.modules.workspaces.actions.member import change_role, deactivate_member, reactivate_member
from tongpin.modules.workspaces.actions.workspace import leave_workspace
from tongpin.modules.workspaces.queries import member as query

from .denied import denied, unchanged

pytestmark = pytest.mark.django_db


def test_an_admin_changes_a_role_and_takes_it_back(people, actor_of):
    outcome = change_role.run(actor_of("admin"), {"role": "guest"}, target=people.member)
    people.member.refresh_from_db()
    assert people.member.role == Role.GUEST
    assert [e.name for e in outcome.events] == ["workspaces.member_role_changed"]
    assert outcome.events[0].payload == {"before": "member", "after": "guest"}
    assert outcome.undo.data == {"role": "member"}


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_only_admins_touch_members(who, people, actor_of):
    for action, data in ((change_role, {"role": "admin"}), (deactivate_member, {}), (reactivate_member, {})):
        denied(action, actor_of(who), data, people.admin)


def test_an_admin_can_neither_make_nor_touch_an_owner(people, actor_of):
    denied(change_role, actor_of("admin"), {"role": "owner"}, people.member)
    denied(change_role, actor_of("admin"), {"role": "member"}, people.owner)
    denied(deactivate_member, actor_of("admin"), {}, people.owner)


def test_the_last_owner_stays(people, actor_of):
    unchanged(lambda: change_role.run(actor_of("owner"), {"role": "admin"}, target=people.owner), Conflict)
    unchanged(lambda: leave_workspace.run(Actor.of(people.owner.user), {}, target=people.workspace), Conflict)
    change_role.run(actor_of("owner"), {"role": "owner"}, target=people.admin)
    change_role.run(actor_of("owner"), {"role": "admin"}, target=people.owner)
    assert Membership.objects.get(pk=people.owner.pk).role == Role.ADMIN


def test_nobody_deactivates_themselves(people, actor_of):
    unchanged(lambda: deactivate_member.run(actor_of("admin"), {}, target=people.admin), Conflict)


def test_a_deactivated_member_is_out_at_once_and_may_come_back(people, actor_of, client_of):
    browser = client_of("member")
    assert browser.get("/w/acme/members/").status_code == 200
    deactivate_member.run(actor_of("admin"), {}, target=people.member)
    assert browser.get("/w/acme/members/").status_code == 404
    with pytest.raises(NotFound):
        Actor.in_workspace(people.member.user, "acme")
    reactivate_member.run(actor_of("admin"), {}, target=people.member)
    assert browser.get("/w/acme/members/").status_code == 200


def test_leaving(people):
    leave_workspace.run(Actor.of(people.member.user), {}, target=people.workspace)
    people.member.refresh_from_db()
    assert people.member.deactivated_at is not None


@pytest.mark.parametrize("who", ["stranger"])
def test_nobody_leaves_what_they_are_not_in(who, people):
    denied(leave_workspace, Actor.of(people.of(who).user), {}, people.workspace)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("沈", ["沈一诺"]), ("syn", ["沈一诺"]), ("shenyi", ["沈一诺"]), ("yn", ["沈一诺"]), ("shan", ["单雨晨"]),
        ("yuchen", ["单雨晨"]), ("shyc", ["单雨晨"]), ("sn", []), ("xin@", ["单雨晨"]), ("SHEN", ["沈一诺"]),
        ("zz", []),
    ],
)  # fmt: skip
def test_members_are_found_by_name_pinyin_and_address(typed, found, people, actor_of):
    from tongpin.lib import pinyin

    for email, name in (("nuo@acme.example", "沈一诺"), ("xin@acme.example", "单雨晨")):
        user = User.objects.create_user(email, name=name, pinyin=pinyin.of_person(name))
        Membership.objects.create(workspace=people.workspace, user=user)
    assert [row.user.name for row in query.members(actor_of("owner"), typed)] == found


def test_a_guest_sees_only_admins_and_themselves(people, client_of):
    page = client_of("guest").get("/w/acme/members/").content.decode()
    shown = re.findall(r'class="row-title"[^>]*>(\w+)<', page)
    assert sorted(shown) == ["Admin", "Guest", "Owner"]
    assert client_of("guest").get(f"/w/acme/members/{people.member.public_id}/").status_code == 404


def test_colleagues_see_each_others_addresses_and_guests_only_their_own(people, client_of):
    admin = f"/w/acme/members/{people.admin.public_id}/"
    assert "admin@acme.example" in client_of("member").get("/w/acme/members/").content.decode()
    assert "admin@acme.example" in client_of("member").get(admin).content.decode()
    guest = client_of("guest")
    page = guest.get("/w/acme/members/").content.decode()
    assert "guest@acme.example" in page
    assert "admin@acme.example" not in page
    assert "admin@acme.example" not in guest.get(admin).content.decode()
    tried = guest.get("/w/acme/members/", {"q": "admin@"}).content.decode()
    assert "Nobody here" in tried  # nor is an address found out letter by letter


def test_an_address_nobody_has_confirmed_is_marked(people, client_of):
    for row in Membership.objects.filter(workspace=people.workspace).exclude(pk=people.member.pk):
        confirm_address(row.user)
    browser = client_of("admin")
    assert browser.get("/w/acme/members/").content.decode().count("Unconfirmed") == 1
    role = f"/w/acme/members/{people.member.public_id}/role/"
    assert "Unconfirmed" in browser.post(role, {"role": "guest"}).content.decode()
    confirm_address(people.member.user)
    assert "Unconfirmed" not in browser.get("/w/acme/members/").content.decode()


def test_changing_a_role_on_the_page_answers_with_the_row_and_undo(people, client_of):
    answer = client_of("admin").post(f"/w/acme/members/{people.member.public_id}/role/", {"role": "guest"})
    assert answer.status_code == 200
    assert f'id="member-{people.member.public_id}"' in answer.content.decode()
    assert '"undo": "' in answer.headers["HX-Trigger"]
