from __future__ import annotations

import pytest

from tongpin.kernel.events import payloads
from tongpin.modules.workspaces.actions.invitation import invite_member
from tongpin.modules.workspaces.actions.member import change_role
from tongpin.modules.workspaces.queries.activity import activity, told

pytestmark = pytest.mark.django_db


def test_it_says_who_did_what_through_which_door(people, actor_of, client_of):
    change_role.run(actor_of("admin"), {"role": "guest"}, target=people.member)
    page = client_of("owner").get("/w/acme/activity/").content.decode()
    link = f'<a class="link-quiet" href="/w/acme/members/{people.member.public_id}/">'
    assert f"<b>Admin</b> {link}changed a role from Member to Guest</a>" in page
    assert "workspaces.member.change_role" in page
    assert "Web" in page


def test_only_admins_read_it(client_of):
    for who, status in (("admin", 200), ("member", 403), ("guest", 403), ("stranger", 404)):
        assert client_of(who).get("/w/acme/activity/").status_code == status


def test_pages_follow_each_other_without_loss(people, actor_of):
    for n in range(7):
        invite_member.run(actor_of("admin"), {"email": f"n{n}@example.com"})
    seen, cursor = [], None
    while True:
        lines, cursor = activity(actor_of("owner"), cursor, limit=3)
        seen += [line.event.payload["email"] for line in lines]
        if cursor is None:
            break
    assert seen == [f"n{n}@example.com" for n in reversed(range(7))]


def test_nothing_of_another_workspace(people, actor_of):
    invite_member.run(actor_of("stranger"), {"email": "x@example.com"})
    assert activity(actor_of("owner"), None)[0] == []


def test_every_event_of_a_workspace_has_its_words():
    of_the_person = {
        "profile_edited", "workspace_erased",
        "project_pinned", "project_unpinned", "parked_event_retried", "mail_retried",
    }  # fmt: skip
    own = {name for name in payloads.kinds() if name.startswith("workspaces.")}
    assert own - {f"workspaces.{name}" for name in of_the_person} == {
        n for n in told() if n.startswith("workspaces.")
    }


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_whatever_the_rows(
    rows, people, actor_of, client_of, django_assert_num_queries
):
    for n in range(rows):
        invite_member.run(actor_of("admin"), {"email": f"n{n}@example.com"})
        change_role.run(actor_of("owner"), {"role": ("guest", "member")[n % 2]}, target=people.member)
    browser = client_of("owner")
    browser.get("/w/acme/activity/")
    with django_assert_num_queries(8):
        browser.get("/w/acme/activity/")
