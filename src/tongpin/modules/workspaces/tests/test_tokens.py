from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from tongpin.kernel import authz, clock
from tongpin.kernel.actions.registry import Empty
from tongpin.kernel.errors import Denied, Invalid
from tongpin.kernel.events.models import Event
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Via
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces import public
from tongpin.modules.workspaces.actions.member import deactivate_member
from tongpin.modules.workspaces.actions.token import create_token, revoke_token
from tongpin.modules.workspaces.models import ApiToken

from .denied import denied, unchanged

pytestmark = pytest.mark.django_db
ASKED = {"name": "Nightly import", "scopes": ["workspaces:read"]}


@pytest.fixture
def token(actor_of):
    return create_token.run(actor_of("member"), ASKED).value


def test_a_token_acts_as_its_owner_within_its_scopes(token, people):
    actor = public.authenticate(token.secret, ip="10.0.0.1")
    assert (actor.user, actor.workspace, actor.via) == (people.member.user, people.workspace, Via.API)
    assert authz.can(actor, "workspaces.member.view")
    assert not authz.can(actor, "workspaces.token.create")


def test_only_its_digest_is_kept(token):
    assert token.secret not in str(ApiToken.objects.values().get())
    assert token.secret.startswith(token.prefix)
    assert public.authenticate("tpk_nothing") is None


def test_use_is_noted_at_most_once_a_minute(token, django_assert_num_queries):
    public.authenticate(token.secret)
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    with django_assert_num_queries(1):
        public.authenticate(token.secret)
    with clock.shifted_by(timedelta(minutes=2)):
        public.authenticate(token.secret)
    assert ApiToken.objects.get().last_used_at > first


def test_it_stops_when_revoked_ended_or_its_owner_is_out(token, people, actor_of):
    with clock.shifted_by(timedelta(days=91)):
        assert public.authenticate(token.secret) is None
    deactivate_member.run(actor_of("admin"), {}, target=people.member)
    assert public.authenticate(token.secret) is None
    people.member.refresh_from_db()
    people.member.deactivated_at = None
    people.member.save()
    assert public.authenticate(token.secret)
    revoke_token.run(actor_of("member"), Empty(), target=token)
    assert public.authenticate(token.secret) is None


def test_a_token_makes_no_tokens(token):
    actor = public.authenticate(token.secret)
    powerful = Actor(actor.user, actor.workspace, actor.membership, Via.API, frozenset({"workspaces:write"}))
    unchanged(lambda: create_token.run(powerful, ASKED), Denied)


def test_unknown_scopes_are_refused(actor_of):
    unchanged(lambda: create_token.run(actor_of("member"), {**ASKED, "scopes": ["moon:write"]}), Invalid)
    unchanged(lambda: create_token.run(actor_of("member"), {**ASKED, "scopes": []}), Invalid)


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_nobody_revokes_anothers_token(who, token, actor_of):
    denied(revoke_token, actor_of(who), {}, token)


def test_an_admin_sees_and_revokes_members_tokens(token, actor_of, client_of):
    assert "Nightly import" in client_of("admin").get("/w/acme/tokens/").content.decode()
    assert "Nightly import" not in client_of("guest").get("/w/acme/tokens/").content.decode()
    revoke_token.run(actor_of("admin"), {}, target=token)
    assert ApiToken.objects.get().revoked_at is not None


def test_the_page_shows_a_new_token_once(client_of, people):
    browser = client_of("member")
    refused = browser.post("/w/acme/tokens/", {"name": "Kept", "days": "90"})
    assert refused.status_code == 422
    assert 'value="Kept"' in refused.content.decode()
    made = browser.post("/w/acme/tokens/", {"name": "Import", "days": "0", "scopes": ["workspaces:read"]})
    assert "tpk_" in made.content.decode()
    row = ApiToken.objects.get()
    assert row.expires_at is None
    page = browser.get("/w/acme/tokens/").content.decode()
    assert f"{row.prefix}…" in page
    assert page.count("tpk_") == 1
    browser.post(f"/w/acme/tokens/{row.public_id}/revoke/")
    assert "Import" not in browser.get("/w/acme/tokens/").content.decode()


@pytest.fixture
def reset_link(people, client):
    """The member's, from the mail they asked for."""
    client.post("/accounts/password/reset/", {"email": "member@acme.example"})
    link = re.search(r"https?://[^/]+(/\S*password/reset/key\S*)", OutboxMail.objects.get().text)[1]
    return client.get(link).headers["Location"]


NEW = {"password1": "a new long one 7", "password2": "a new long one 7"}


def test_a_password_reset_by_mail_stops_the_accounts_tokens_everywhere(
    token, reset_link, people, actor_of, client
):
    elsewhere = Membership.objects.create(workspace=people.elsewhere, user=people.member.user)
    second = create_token.run(Actor.for_member(elsewhere), ASKED).value
    others = create_token.run(actor_of("admin"), ASKED).value
    weak = client.post(reset_link, {"password1": "short", "password2": "short"})
    assert weak.status_code == 200
    assert public.authenticate(token.secret)
    client.post(reset_link, NEW)
    assert [public.authenticate(row.secret) for row in (token, second)] == [None, None]
    assert public.authenticate(others.secret)
    told = Event.objects.filter(name="workspaces.token_revoked", actor=people.member.user)
    assert set(told.values_list("workspace__slug", "payload__name")) == {
        ("acme", ASKED["name"]), ("elsewhere", ASKED["name"]),
    }  # fmt: skip


def test_a_password_changed_by_who_knows_the_old_one_leaves_tokens_alone(token, people):
    browser = Client()
    browser.post("/accounts/login/", {"login": "member@acme.example", "password": "correct horse battery"})
    browser.post("/accounts/password/change/", {"oldpassword": "correct horse battery", **NEW})
    people.member.user.refresh_from_db()
    assert people.member.user.check_password(NEW["password1"])
    assert public.authenticate(token.secret)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_whatever_the_rows(rows, actor_of, client_of, django_assert_num_queries):
    for n in range(rows):
        create_token.run(actor_of("member"), {**ASKED, "name": f"T{n}"})
    for who in ("member", "owner"):
        browser = client_of(who)
        browser.get("/w/acme/tokens/")
        with django_assert_num_queries(8):
            browser.get("/w/acme/tokens/")
