"""What a workspace asks of those who enter it: every door, for everyone."""

from __future__ import annotations

import io

import pytest
from django.test import Client

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Denied
from tongpin.kernel.events.models import Event
from tongpin.kernel.files import public as files
from tongpin.kernel.realtime import viewers
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Via
from tongpin.modules.workspaces.actions.security import edit_security
from tongpin.modules.workspaces.actions.token import create_token

from .denied import denied, unchanged
from .signing_in import confirm, give_app, set_up_app, sign_in

pytestmark = pytest.mark.django_db
PATH = "/w/acme/settings/security/"


@pytest.fixture
def required(people):
    """Acme requires a second step; the owner has one."""
    give_app(people.owner.user)
    people.workspace.second_factor_required = True
    people.workspace.save()
    return people.workspace


def ask_api(secret: str):
    return Client().get("/api/v1/workspaces/acme", headers={"Authorization": f"Bearer {secret}"})


def edit(actor, target, **data):
    return edit_security.run(actor, data, target=target)


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_only_owners_and_admins_set_it(who, people, actor_of):
    denied(edit_security, actor_of(who), {"second_factor_required": True}, people.workspace)


def test_a_token_changes_no_security(people, actor_of):
    scopes = frozenset({"workspaces:write"})
    token = Actor(people.owner.user, people.workspace, people.owner, Via.API, scopes)
    unchanged(lambda: edit(token, people.workspace, second_factor_required=False), Denied)


def test_who_requires_it_has_one_and_can_take_it_back(people, actor_of):
    admin = actor_of("admin")
    unchanged(lambda: edit(admin, people.workspace, second_factor_required=True), Conflict)
    give_app(people.admin.user)
    outcome = edit(admin, people.workspace, second_factor_required=True)
    assert outcome.value.second_factor_required
    told = Event.objects.get(name="workspaces.security_edited").payload
    assert {name: value for name, value in told.items() if value is not None} == {
        "second_factor_required": True
    }
    run_named(outcome.undo.action, admin, outcome.undo.data, target=outcome.undo.target)
    people.workspace.refresh_from_db()
    assert not people.workspace.second_factor_required


def test_without_one_every_door_is_closed(required, people, actor_of, client_of):
    token = create_token.run(actor_of("member"), {"name": "CI", "scopes": ["workspaces:read"]}).value
    note = files.store(actor_of("member"), io.BytesIO(b"hello"), "note.txt")
    browser = client_of("member")
    page = browser.get("/w/acme/members/")
    assert page.status_code == 403
    assert "asks for two-step sign-in" in page.content.decode()
    assert browser.post("/w/acme/leave/").status_code == 403
    assert browser.get(files.url(note)).status_code == 403
    assert browser.get("/w/acme/palette", headers={"HX-Request": "true"}).status_code == 403
    problem = ask_api(token.secret)
    assert (problem.status_code, problem.json()["code"]) == (403, "second_factor_missing")
    assert viewers.viewers([people.member.user.pk])[people.member.user.pk].places == {}
    assert viewers.viewers([people.owner.user.pk])[people.owner.user.pk].places != {}
    assert client_of("owner").get("/w/acme/members/").status_code == 200


def test_one_s_own_pages_stay_open_and_lead_on(required, people):
    browser = sign_in()
    assert browser.get("/w/acme/members/?q=a").status_code == 403
    assert browser.get("/profile/").status_code == 200
    assert browser.get("/workspaces/").status_code == 200
    set_up_app(browser, people.member.user)
    assert browser.get("/accounts/security/").headers["Location"] == "/w/acme/members/?q=a"
    assert browser.get("/w/acme/members/").status_code == 200
    assert browser.get("/accounts/security/").status_code == 200


def test_taking_one_s_last_away_closes_the_door_again(required, people):
    browser = sign_in()
    set_up_app(browser, people.member.user)
    confirm(browser)
    browser.post("/accounts/security/app/remove/")
    assert browser.get("/w/acme/").status_code == 403


def test_the_command_line_is_let_in(required, people):
    Actor.in_workspace(people.member.user, "acme", Via.CLI)
    with pytest.raises(Denied):
        Actor.in_workspace(people.member.user, "acme")


def test_the_page_names_whom_it_concerns(people, client_of):
    browser = client_of("admin")
    page = browser.get(PATH).content.decode()
    assert "4 of 4 have none yet" in page
    assert "Set up your own second step first" in page
    give_app(people.admin.user)
    answer = browser.post(f"{PATH}second-factor/", {"required": "1"})
    assert "3 of 4 have none yet" in answer.content.decode()
    assert "No longer require it" in answer.content.decode()
    assert "undo" in answer.headers["HX-Trigger"]
    assert client_of("member").get(PATH).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_whatever_the_rows(rows, people, client_of, django_assert_num_queries):
    for who in ("owner", "admin", "guest")[rows - 1 :]:
        give_app(people.of(who).user)
    browser = client_of("owner")
    browser.get(PATH)
    with django_assert_num_queries(10):
        browser.get(PATH)
