from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from tongpin.kernel import clock
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Invalid, NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.store import client
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User, Workspace
from tongpin.modules.workspaces import jobs
from tongpin.modules.workspaces.actions.invitation import accept_invitation, invite_member
from tongpin.modules.workspaces.actions.token import create_token
from tongpin.modules.workspaces.actions.workspace import (
    ERASE_JOB,
    create_workspace,
    delete_workspace,
    edit_workspace,
    purge_deleted,
    restore_workspace,
)
from tongpin.modules.workspaces.queries import workspace as query

from .denied import denied, unchanged

pytestmark = pytest.mark.django_db


def test_a_workspace_has_its_founder_as_owner(people):
    outcome = create_workspace.run(Actor.of(people.guest.user), {"name": "晴班", "slug": "Qingban"})
    member = Membership.objects.get(workspace=outcome.value)
    assert (outcome.value.slug, member.user, member.role) == ("qingban", people.guest.user, Role.OWNER)
    assert [e.name for e in outcome.events] == ["workspaces.workspace_created", "workspaces.member_joined"]
    run_named(outcome.undo.action, Actor.of(people.guest.user), outcome.undo.data, target=outcome.undo.target)
    assert Workspace.objects.get(pk=outcome.value.pk).deleted_at is not None


def test_making_twice_with_one_key_makes_one(people):
    actor = Actor.of(people.guest.user)
    for _time in range(2):
        create_workspace.run(actor, {"name": "Once", "slug": "once"}, once="form-1")
    assert Workspace.objects.filter(slug="once").count() == 1


@pytest.mark.parametrize("slug", ["acme", "-x", "x-", "Ünï", "a b", "new", "x", "a" * 41])
def test_an_address_must_be_free_and_proper(slug, people):
    unchanged(lambda: create_workspace.run(Actor.of(people.guest.user), {"name": "X", "slug": slug}), Invalid)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("晴班 Qingban", "qing-ban-qingban"),
        ("Acme", "acme-2"),
        ("Acme GmbH & Co.", "acme-gmbh-co"),
        ("！", "team"),
    ],
)
def test_an_address_is_proposed(name, slug, people):
    assert query.propose_slug(name) == slug


def test_changing_settings_and_back(people, actor_of):
    outcome = edit_workspace.run(
        actor_of("admin"), {"name": "Acme 2", "week_start": 6}, target=people.workspace
    )
    assert outcome.events[0].payload["fields"] == ["name", "week_start"]
    run_named(outcome.undo.action, actor_of("admin"), outcome.undo.data, target=outcome.undo.target)
    people.workspace.refresh_from_db()
    assert (people.workspace.name, people.workspace.week_start) == ("Acme", 0)


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_only_admins_change_settings(who, people, actor_of):
    denied(edit_workspace, actor_of(who), {"name": "Mine"}, people.workspace)


def test_an_admin_here_cannot_change_a_workspace_where_they_are_a_guest(people, actor_of):
    Membership.objects.create(workspace=people.elsewhere, user=people.admin.user, role=Role.GUEST)
    denied(edit_workspace, actor_of("admin"), {"name": "Mine"}, people.elsewhere)


def test_two_who_edit_the_same_field_meet_a_conflict(people, actor_of):
    seen = people.workspace.version
    edit_workspace.run(actor_of("admin"), {"name": "First"}, target=people.workspace, version=seen)
    edit_workspace.run(actor_of("owner"), {"week_start": 6}, target=people.workspace, version=seen)
    with pytest.raises(Conflict):
        edit_workspace.run(actor_of("owner"), {"name": "Second"}, target=people.workspace, version=seen)


def test_an_old_address_leads_on_and_stays_taken(people, actor_of, client_of):
    edit_workspace.run(actor_of("owner"), {"slug": "acme-inc"}, target=people.workspace)
    answer = client_of("member").get("/w/acme/members/?q=x")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/w/acme-inc/members/?q=x")
    assert "no-store" in answer.headers["Cache-Control"]  # the old address may be ours again tomorrow
    posted = client_of("admin").post("/w/acme/members/invite/", {"emails": "a@example.com", "role": "guest"})
    assert (posted.status_code, posted.headers["Location"]) == (307, "/w/acme-inc/members/invite/")
    assert client_of("stranger").get("/w/acme/members/").status_code == 404
    with pytest.raises(Invalid):
        create_workspace.run(Actor.of(people.stranger.user), {"name": "X", "slug": "acme"})
    people.workspace.refresh_from_db()
    edit_workspace.run(
        Actor.in_workspace(people.owner.user, "acme-inc"), {"slug": "acme"}, target=people.workspace
    )
    assert client_of("member").get("/w/acme/members/").status_code == 200


def test_deleting_asks_for_the_name_and_can_be_undone_for_thirty_days(people):
    owner = Actor.of(people.owner.user)
    unchanged(lambda: delete_workspace.run(owner, {"name": "acme"}, target=people.workspace), Invalid)
    outcome = delete_workspace.run(owner, {"name": "Acme"}, target=people.workspace)
    with pytest.raises(NotFound):
        Actor.in_workspace(people.member.user, "acme")
    with clock.shifted_by(timedelta(days=31)):
        unchanged(lambda: run_named(outcome.undo.action, owner, outcome.undo.data), NotFound)
    run_named(outcome.undo.action, owner, outcome.undo.data)
    assert Actor.in_workspace(people.member.user, "acme")


@pytest.mark.parametrize("who", ["admin", "member", "guest", "stranger"])
def test_only_an_owner_deletes_and_restores(who, people):
    denied(delete_workspace, Actor.of(people.of(who).user), {"name": "Acme"}, people.workspace)
    delete_workspace.run(Actor.of(people.owner.user), {"name": "Acme"}, target=people.workspace)
    denied(restore_workspace, Actor.of(people.of(who).user), {"workspace": people.workspace.public_id})


def test_after_thirty_days_it_is_erased_and_nothing_else(people, actor_of):
    create_token.run(actor_of("member"), {"name": "T", "scopes": ["workspaces:read"]})
    row = invite_member.run(actor_of("admin"), {"email": people.stranger.user.email}).value
    accept_invitation.run(Actor.of(people.stranger.user), {"token": row.secret})
    # The database goes by its own clock when it lets a workspace's events go: the past is played, not the future.
    with clock.shifted_by(timedelta(days=-31)):
        delete_workspace.run(Actor.of(people.owner.user), {"name": "Acme"}, target=people.workspace)
    with clock.shifted_by(timedelta(days=-2)):
        assert purge_deleted() == 0
    assert purge_deleted() == 1
    assert list(Workspace.objects.all()) == [people.elsewhere]
    assert User.objects.count() == 5
    told = Event.objects.filter(name="workspaces.workspace_erased")
    gone = str(people.workspace.public_id)
    assert [(event.subject_id, event.payload, event.workspace) for event in told] == [
        (people.owner.user.public_id, {"workspace": gone}, None)
    ]


def test_an_erased_workspace_leaves_nothing_in_the_event_store(people, monkeypatch):
    with clock.shifted_by(timedelta(days=-31)):
        delete_workspace.run(Actor.of(people.owner.user), {"name": "Acme"}, target=people.workspace)
    purge_deleted()
    job = ProcrastinateJob.objects.get(task_name=ERASE_JOB)
    asked = []
    monkeypatch.setattr(client, "command", lambda sql, values: asked.append((sql.split()[:3], values)))
    jobs.erase_store(**job.args)
    assert asked == [(["DELETE", "FROM", "work_events"], {"workspace": people.workspace.public_id})]
    # It is tried again while the store is away: days, not the minutes of an ordinary job.
    again = jobs.erase_store.retry_strategy
    assert sum(again.linear_wait * attempt for attempt in range(again.max_attempts)) > 3 * 24 * 3600


def test_the_first_page_leads_to_the_workspace_used_last(people, client_of):
    browser: Client = client_of("owner")
    Membership.objects.create(workspace=people.elsewhere, user=people.owner.user)
    assert browser.get("/").headers["Location"] == "/w/elsewhere/"
    browser.get("/w/acme/members/")
    assert browser.get("/").headers["Location"] == "/w/acme/"
    assert Client().get("/").headers["Location"] == "/accounts/login/"


def test_making_one_on_the_page(people, client_of):
    browser = client_of("guest")
    form = browser.get("/workspaces/new/")
    assert form.status_code == 200
    field = browser.get(
        "/workspaces/propose/", {"name": "新店 42", "slug": "", "proposed": ""}
    ).content.decode()
    assert 'value="xin-dian-42"' in field
    assert (
        browser.get("/workspaces/propose/", {"name": "x y", "slug": "own", "proposed": ""}).status_code == 204
    )
    data = {"name": "新店 42", "slug": "acme", "language": "zh-hans", "time_zone": "Asia/Shanghai"}
    refused = browser.post("/workspaces/new/", data)
    assert refused.status_code == 422
    assert "This address is taken." in refused.content.decode()
    assert 'value="新店 42"' in refused.content.decode()
    assert browser.post("/workspaces/new/", {**data, "slug": ""}).headers["Location"] == "/w/xin-dian-42/"


def test_settings_on_the_page(people, client_of):
    browser = client_of("owner")
    data = {
        "name": "Acme",
        "slug": "acme-x",
        "language": "en",
        "time_zone": "Asia/Shanghai",
        "week_start": "0",
    }
    assert (
        browser.post("/w/acme/settings/", {**data, "version": "1"}).headers["Location"]
        == "/w/acme-x/settings/"
    )
    bad = browser.post("/w/acme-x/settings/", {**data, "slug": "x y", "version": "2"})
    assert bad.status_code == 422
    assert 'value="x y"' in bad.content.decode()


def filled(page) -> dict[str, str]:
    """The settings form as a browser would send it back, hidden fields and all."""
    hidden = r'<input type="hidden" name="(version|initial-\w+)" value="([^"]*)"'
    found = dict(re.findall(hidden, page.content.decode()))
    shown = {name.removeprefix("initial-"): value for name, value in found.items() if name != "version"}
    return {**found, **shown}


def test_only_what_one_changed_is_sent(people, client_of):
    """Two windows: saving the older one does not take back what the other saved."""
    old = filled(client_of("admin").get("/w/acme/settings/"))
    assert set(old) > {"name", "slug", "language", "time_zone", "week_start", "version"}
    owner = client_of("owner")
    owner.post("/w/acme/settings/", {**filled(owner.get("/w/acme/settings/")), "week_start": "6"})
    answer = client_of("admin").post("/w/acme/settings/", {**old, "name": "Acme Inc."})
    assert answer.status_code == 302
    people.workspace.refresh_from_db()
    assert (people.workspace.name, people.workspace.week_start) == ("Acme Inc.", 6)


def test_who_changes_what_another_changed_sees_the_present_beside_it(people, client_of):
    old = filled(client_of("admin").get("/w/acme/settings/"))
    owner = client_of("owner")
    theirs = {**old, "week_start": "6", "language": "zh-hans", "name": "Theirs"}
    assert owner.post("/w/acme/settings/", theirs).status_code == 302
    mine = {**old, "week_start": "5", "name": "Mine", "time_zone": "UTC"}
    for _time in range(2):  # pressing Save once more does not overwrite theirs either
        answer = client_of("admin").post("/w/acme/settings/", mine)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Someone else has set this to “Theirs” meanwhile." in page
        assert "Someone else has set this to “Sunday” meanwhile." in page
        assert 'value="Mine"' in page
        assert page.count("meanwhile") == 2
        mine |= {
            name: value for name, value in filled(answer).items() if name.startswith(("initial", "version"))
        }
    people.workspace.refresh_from_db()
    assert (people.workspace.name, people.workspace.time_zone) == ("Theirs", old["time_zone"])


def test_deleting_and_restoring_on_the_page(people, client_of):
    browser = client_of("owner")
    assert browser.post("/w/acme/settings/delete/", {"name": "wrong"}).status_code == 422
    assert browser.post("/w/acme/settings/delete/", {"name": "Acme"}).headers["Location"] == "/workspaces/"
    page = browser.get("/workspaces/").content.decode()
    assert f"/workspaces/{people.workspace.public_id}/restore/" in page
    browser.post(f"/workspaces/{people.workspace.public_id}/restore/")
    assert browser.get("/w/acme/members/").status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_whatever_the_rows(rows, people, client_of, django_assert_num_queries):
    for n in range(rows):
        create_workspace.run(Actor.of(people.guest.user), {"name": f"W{n}", "slug": f"w-{n}"})
    browser = client_of("guest")
    browser.get("/workspaces/")
    with django_assert_num_queries(5):
        browser.get("/workspaces/")
