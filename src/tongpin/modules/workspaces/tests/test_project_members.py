from __future__ import annotations

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Denied, Invalid, NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.events.stream import START
from tongpin.kernel.realtime import hub, viewers
from tongpin.kernel.realtime.subscription import Subscription
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.workspaces.actions.member import deactivate_member
from tongpin.modules.workspaces.actions.project_member import (
    join_project,
    leave_project,
    pin_project,
    set_members,
    unpin_project,
)
from tongpin.modules.workspaces.queries import project as query
from tongpin.modules.workspaces.queries.activity import activity

from .denied import denied, unchanged
from .test_projects import make, undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(people, actor_of):
    """Led by the admin."""
    return make(actor_of("admin"), key="STO")


def roles(project) -> dict[str, str]:
    return {
        p.membership.user.name.lower(): p.role for p in project.members.select_related("membership__user")
    }


@pytest.fixture
def put(people, actor_of):
    """``put(project, member="viewer", guest=None)``: set roles as the admin, or ``by`` another."""

    def call(project, by="admin", **wanted):
        places = [{"member": people.of(who).public_id, "role": role} for who, role in wanted.items()]
        return set_members.run(actor_of(by), {"members": places}, target=project)

    return call


def test_taking_in_changing_and_taking_out_are_undone_as_one(put, project, actor_of):
    put(project, member="viewer")
    outcome = put(project, member=None, guest="member", owner="viewer")
    assert roles(project) == {"admin": "lead", "guest": "member", "owner": "viewer"}
    assert [e.name for e in outcome.events] == ["workspaces.project_members_changed"]
    assert [(c["name"], c["before"], c["after"]) for c in outcome.events[0].payload["changes"]] == [
        ("Member", "viewer", ""), ("Guest", "", "member"), ("Owner", "", "viewer")
    ]  # fmt: skip
    undo(outcome, actor_of("admin"))
    assert roles(project) == {"admin": "lead", "member": "viewer"}


def test_a_new_lead_replaces_the_old_one(put, project, people, actor_of):
    put(project, member="viewer")
    outcome = put(project, member="lead")
    assert roles(project) == {"admin": "member", "member": "lead"}
    put(project, by="member", guest="viewer")  # who leads may
    undo(outcome, actor_of("admin"))
    assert roles(project) == {"admin": "lead", "member": "viewer", "guest": "viewer"}


def test_a_project_keeps_one_lead(put, project):
    for wanted in ({"admin": None}, {"admin": "viewer"}):
        unchanged(lambda wanted=wanted: put(project, **wanted), Conflict)
    unchanged(lambda: put(project, member="lead", owner="lead"), Invalid)
    unchanged(lambda: put(project, guest="lead"), Invalid)


def test_only_people_of_the_workspace_are_taken_in(put, project, people, actor_of):
    unchanged(lambda: put(project, stranger="member"), Invalid)
    deactivate_member.run(actor_of("owner"), target=people.member)
    unchanged(lambda: put(project, member="member"), Invalid)


def test_saying_what_is_so_already_says_nothing(put, project):
    assert put(project, admin="lead").events == ()


def test_joining_and_leaving(project, actor_of):
    outcome = join_project.run(actor_of("member"), target=project)
    assert roles(project) == {"admin": "lead", "member": "member"}
    assert join_project.run(actor_of("member"), target=project).events == ()
    undo(outcome, actor_of("member"))
    assert roles(project) == {"admin": "lead"}
    assert leave_project.run(actor_of("member"), target=project).events == ()


def test_the_lead_does_not_just_leave(project, actor_of):
    unchanged(lambda: leave_project.run(actor_of("admin"), target=project), Conflict)


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_who_is_not_in_it_and_no_member_here_neither_joins_nor_pins(who, project, actor_of):
    for action in (join_project, leave_project, pin_project, unpin_project):
        denied(action, actor_of(who), {}, project)


def test_a_guest_in_it_cannot_join_but_leaves(put, project, people, actor_of):
    put(project, guest="viewer")
    denied(join_project, actor_of("guest"), {}, project)
    leave_project.run(actor_of("guest"), target=project)
    assert roles(project) == {"admin": "lead"}


def test_the_server_itself_is_in_no_project(project, people):
    for action in (join_project, leave_project, pin_project, unpin_project):
        unchanged(lambda action=action: action.run(Actor.system(people.workspace), target=project), Denied)


def test_the_sidebar_has_the_pinned_then_ones_own(people, actor_of):
    admin, member = actor_of("admin"), actor_of("member")
    rows = {name: make(admin, name) for name in ("Alpha", "Beta", "Gamma", "Delta")}
    assert query.in_sidebar(member) == []
    join_project.run(member, target=rows["Alpha"])
    pin_project.run(member, target=rows["Gamma"])
    outcome = pin_project.run(member, target=rows["Beta"])
    assert pin_project.run(member, target=rows["Beta"]).events == ()
    assert [row.name for row in query.in_sidebar(member)] == ["Gamma", "Beta", "Alpha"]
    undo(outcome, member)
    assert [row.name for row in query.in_sidebar(member)] == ["Gamma", "Alpha"]
    pin_project.run(member, target=rows["Beta"])
    run_named("workspaces.project.archive", admin, {}, target=rows["Gamma"])
    assert [row.name for row in query.in_sidebar(member)] == ["Beta", "Alpha"]


def test_a_pin_is_ones_own_affair(project, actor_of, client_of):
    pin_project.run(actor_of("member"), target=project)
    assert [str(line.said) for line in activity(actor_of("owner"), None)[0]] == ["made the project STO"]
    assert query.for_lists(actor_of("owner"), query.visible(actor_of("owner"))).get().pinned is False


def test_the_activity_page_names_who_came_in(put, project, actor_of):
    put(project, member="member", guest="viewer")
    put(project, guest=None)
    said = [str(line.said) for line in activity(actor_of("owner"), None)[0]]
    assert said[:2] == [
        "removed Guest from the project",
        "added Member to the project as Member, added Guest to the project as Viewer",
    ]


def test_no_hint_of_a_private_project_goes_to_who_does_not_see_it(people, actor_of):
    make(actor_of("admin"), "Open")
    hidden = make(actor_of("admin"), "Hidden", visibility="private")
    watching = viewers.viewers([people.of(who).user_id for who in ("owner", "admin", "member", "guest")])
    batch = hub._addressed(list(Event.objects.order_by("pk")), list(watching.values()))
    told = {}
    for who in ("owner", "admin", "member", "guest"):
        stream = Subscription("key", watching[people.of(who).user_id], START)
        told[who] = [hint.event.payload["name"] for hint in batch.hints if hub._offer(stream, hint, batch)]
    assert told == {"owner": ["Open", "Hidden"], "admin": ["Open", "Hidden"], "member": ["Open"], "guest": []}
    run_named(
        "workspaces.project.set_members",
        actor_of("admin"),
        {"members": [{"member": people.guest.public_id, "role": "viewer"}]},
        target=hidden,
    )
    batch = hub._addressed([Event.objects.latest("pk")], list(watching.values()))
    assert batch.seen[people.guest.user_id, people.workspace.pk] == {("workspaces.project", hidden.public_id)}


def test_a_departed_member_is_not_shown_but_a_departed_lead_is(put, project, people, actor_of):
    put(project, member="lead", guest="viewer")
    for gone in (people.member, people.guest):
        deactivate_member.run(actor_of("owner"), target=gone)
    shown = [p.membership for p in query.places(actor_of("owner"), project).items]
    assert shown == [people.member, people.admin]


def test_who_is_in_it_is_seen_with_it(project, actor_of):
    with pytest.raises(NotFound):
        query.project_by_key(actor_of("guest"), "STO")
    assert query.places(actor_of("guest"), project).items == []
