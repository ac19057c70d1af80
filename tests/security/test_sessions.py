"""Sessions and tokens: who gets one, and that they end when they should, at once."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from tongpin.modules.workspaces.actions.member import change_role, deactivate_member
from tongpin.modules.workspaces.actions.token import create_token
from tongpin.modules.workspaces.actions.workspace import leave_workspace

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
COOKIE = "tongpin_session"


def sign_in(client, email="member@acme.example"):
    return client.post("/accounts/login/", {"login": email, "password": PASSWORD})


def holding(key: str) -> Client:
    """A browser that has just this session key, as an attacker who planted or read it would."""
    made = Client()
    made.cookies[COOKIE] = key
    return made


def planted(client) -> str:
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies[COOKIE] = session.session_key
    return session.session_key


def test_a_key_known_before_signing_in_is_worthless_after(people):
    browser = Client()
    key = planted(browser)
    assert sign_in(browser).status_code == 302
    assert browser.cookies[COOKIE].value != key
    assert browser.get("/w/acme/").status_code == 200
    assert holding(key).get("/w/acme/").headers["Location"].startswith("/accounts/login/")
    assert not Session.objects.filter(session_key=key).exists()


def test_a_key_somebody_made_up_is_not_taken(people):
    browser = holding("a" * 32)
    sign_in(browser)
    assert browser.cookies[COOKIE].value != "a" * 32
    assert holding("a" * 32).get("/w/acme/").status_code == 302


def test_signing_up_gives_a_new_session_as_well(people, actor_of):
    from tongpin.modules.workspaces.actions.invitation import create_link

    link = create_link.run(actor_of("owner"), {}).value
    browser = Client()
    browser.get(f"/invite/{link.secret}/")
    key = browser.session.session_key
    form = {"name": "N", "email": "new@example.com", "password1": PASSWORD, "time_zone": "UTC"}
    assert browser.post("/accounts/signup/", form).headers["Location"] == "/w/acme/"
    assert browser.cookies[COOKIE].value != key
    assert holding(key).get("/w/acme/").status_code == 302


def test_signing_in_as_somebody_else_leaves_nothing_of_the_first(people):
    browser = Client()
    sign_in(browser)
    session = browser.session
    session["private"] = "the first person's"
    session.save()
    first = session.session_key
    browser.post("/accounts/logout/")
    sign_in(browser, "admin@acme.example")
    assert "private" not in browser.session
    assert holding(first).get("/w/acme/").status_code == 302


def test_signing_out_ends_the_session_on_the_server(people):
    browser = Client()
    sign_in(browser)
    key = browser.cookies[COOKIE].value
    browser.post("/accounts/logout/")
    assert holding(key).get("/w/acme/").status_code == 302
    assert not Session.objects.filter(session_key=key).exists()


def asked(token) -> int:
    return (
        Client()
        .get("/api/v1/workspaces/acme", headers={"Authorization": f"Bearer {token.secret}"})
        .status_code
    )


@pytest.fixture
def inside(people, actor_of, client_of):
    """A member's browser and token, both working."""
    token = create_token.run(
        actor_of("member"), {"name": "CI", "scopes": ["workspaces:write", "goals:write"]}
    ).value
    browser = client_of("member")
    assert (browser.get("/w/acme/").status_code, asked(token)) == (200, 200)
    return browser, token


def test_a_deactivated_member_is_out_with_the_next_request(inside, people, actor_of):
    browser, token = inside
    deactivate_member.run(actor_of("admin"), {}, target=people.member)
    assert (browser.get("/w/acme/").status_code, asked(token)) == (404, 401)
    assert browser.post("/w/acme/lookback/new/", {"text": "x"}).status_code == 404


def test_so_is_one_who_left(inside, people, actor_of):
    browser, token = inside
    leave_workspace.run(actor_of("member"), {}, target=people.workspace)
    assert (browser.get("/w/acme/").status_code, asked(token)) == (404, 401)


def test_and_an_account_that_was_switched_off(inside, people):
    browser, token = inside
    people.member.user.is_active = False
    people.member.user.save()
    assert (browser.get("/w/acme/").status_code, asked(token)) == (302, 401)


def test_a_lower_role_counts_with_the_next_request_for_a_token_too(people, actor_of, client_of):
    token = create_token.run(actor_of("admin"), {"name": "CI", "scopes": ["workspaces:write"]}).value
    browser = client_of("admin")
    change_role.run(actor_of("owner"), {"role": "guest"}, target=people.admin)
    assert browser.get("/w/acme/settings/").status_code == 403
    answer = Client().post(
        "/api/v1/workspaces/acme/actions/workspaces.member.invite",
        {"data": {"email": "x@acme.example", "role": "member"}},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token.secret}"},
    )
    assert answer.status_code == 403


def test_secrets_lie_nowhere_in_the_database(people, actor_of, client_of):
    """Every table is searched: a copy of the database opens nothing."""
    from tongpin.modules.workspaces.actions.invitation import create_link

    token = create_token.run(actor_of("member"), {"name": "CI", "scopes": ["goals:read"]}, once="key-1").value
    link = create_link.run(actor_of("admin"), {}, once="key-2").value
    browser = client_of("member")
    answer = browser.post("/w/acme/tokens/", {"name": "web", "scopes": ["goals:read"], "days": "90"})
    shown = answer.content.decode()
    assert "tpk_" in shown
    secret = shown[shown.index("tpk_") :][:47]
    sought = {token.secret, token.secret.removeprefix("tpk_"), link.secret, secret, PASSWORD}
    assert tables_holding("member@acme.example")  # the search finds what is there
    assert {s: found for s in sought if (found := tables_holding(s))} == {}


def tables_holding(text: str) -> list[str]:
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                table = connection.ops.quote_name(model._meta.db_table)
                cursor.execute(f"SELECT count(*) FROM {table} t WHERE position(%s in t::text) > 0", [text])
                if cursor.fetchone()[0]:
                    found.append(model._meta.label)
    return found
