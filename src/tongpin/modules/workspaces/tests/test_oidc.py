"""Sign-in by OpenID Connect against an independent provider that runs beside the test, on loopback."""

from __future__ import annotations

import html
import re
import warnings
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from tongpin.kernel import http
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces import public
from tongpin.modules.workspaces.accounts import SocialAccountAdapter
from tongpin.modules.workspaces.actions.invitation import create_link
from tongpin.modules.workspaces.actions.token import create_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import run_server_in_thread

        with run_server_in_thread() as server:
            issuer = f"http://localhost:{server.server_port}"
            settings.SOCIALACCOUNT_PROVIDERS = {
                "openid_connect": {
                    "OAUTH_PKCE_ENABLED": True,
                    "APPS": [
                        {
                            "provider_id": "oidc",
                            "name": "Company login",
                            "client_id": "tongpin",
                            "secret": "secret",
                            "settings": {"server_url": issuer},
                        }
                    ],
                }
            }
            yield issuer


def person(issuer: str, sub: str, **claims) -> None:
    requests.put(f"{issuer}/users/{sub}", json=claims, timeout=5).raise_for_status()


def leads_to(page) -> str:
    """Where the page that goes on by itself goes to."""
    found = re.search(r"content=\"0;URL=&#x27;(.*?)&#x27;\"|content=\"0;URL='(.*?)'\"", page.content.decode())
    assert found, page.content.decode()
    return html.unescape(found.group(1) or found.group(2))


def sign_in(browser: Client, sub: str):
    """Press the button, sign in over there as ``sub``, come back."""
    away = browser.post("/accounts/oidc/oidc/login/")
    back = requests.post(leads_to(away), data={"sub": sub}, allow_redirects=False, timeout=5)
    address = urlsplit(back.headers["Location"])
    return browser.get(f"{address.path}?{address.query}")


def test_the_button_is_there_only_when_configured(client, provider, settings):
    assert "Continue with Company login" in client.get("/accounts/login/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "Company login" not in client.get("/accounts/login/").content.decode()


def test_a_new_person_gets_an_account(client, provider, people):
    person(provider, "u1", name="沈一诺", email="nuo@corp.example", email_verified=True)
    answer = sign_in(client, "u1")
    assert answer.status_code == 302
    user = User.objects.get(email="nuo@corp.example")
    assert (user.name, user.pinyin, user.has_usable_password()) == ("沈一诺", "shen yi nuo", False)
    assert EmailAddress.objects.get(user=user).verified
    assert client.get("/workspaces/").status_code == 200
    said = list(Event.objects.filter(actor=user).order_by("pk").values_list("name", "payload"))
    assert said == [
        ("workspaces.account_signed_up", {"method": "oidc", "owns_server": False}),
        ("workspaces.signed_in", {"method": "oidc", "second_factor": ""}),
    ]
    second = Client()
    sign_in(second, "u1")
    assert second.get("/workspaces/").status_code == 200
    assert User.objects.filter(email="nuo@corp.example").count() == 1


def test_an_invited_person_lands_in_the_workspace(client, provider, people, actor_of):
    row = create_link.run(actor_of("admin"), {"role": "guest"}).value
    client.get(f"/invite/{row.secret}/")
    person(provider, "u2", name="Kim", email="kim@corp.example", email_verified=True)
    assert sign_in(client, "u2").headers["Location"] == "/w/acme/"
    assert Membership.objects.get(user__email="kim@corp.example").role == "guest"


def test_a_confirmed_address_finds_the_account_it_belongs_to(client, provider, people, actor_of):
    EmailAddress.objects.create(
        user=people.member.user, email=people.member.user.email, verified=True, primary=True
    )
    token = create_token.run(actor_of("member"), {"name": "Import", "scopes": ["workspaces:read"]}).value
    person(provider, "u3", name="M", email=people.member.user.email, email_verified=True)
    sign_in(client, "u3")
    assert public.authenticate(token.secret)
    assert SocialAccount.objects.get().user == people.member.user
    people.member.user.refresh_from_db()
    assert people.member.user.has_usable_password()


def test_an_address_the_provider_has_not_confirmed_takes_over_nobodys_account(client, provider, people):
    person(provider, "u4", name="Mallory", email=people.member.user.email, email_verified=False)
    sign_in(client, "u4")
    assert "_auth_user_id" not in client.session
    assert not SocialAccount.objects.filter(user=people.member.user).exists()


def test_an_account_somebody_made_on_anothers_address_loses_its_password_to_the_owner(
    client, provider, people, actor_of
):
    """Registered in advance by someone else, never confirmed: the owner of the address gets it, the squatter is out."""
    token = create_token.run(actor_of("member"), {"name": "Import", "scopes": ["workspaces:read"]}).value
    person(provider, "u5", name="Owner", email=people.member.user.email, email_verified=True)
    sign_in(client, "u5")
    people.member.user.refresh_from_db()
    assert SocialAccount.objects.get().user == people.member.user
    assert not people.member.user.has_usable_password()
    assert public.authenticate(token.secret) is None
    assert Event.objects.filter(name="workspaces.token_revoked", subject_id=token.public_id).count() == 1


def test_a_refusal_over_there_is_said_plainly(client, provider):
    state = parse_qs(urlsplit(leads_to(client.post("/accounts/oidc/oidc/login/"))).query)["state"][0]
    address = "/accounts/oidc/oidc/login/callback/"
    page = client.get(address, {"error": "access_denied", "state": state}, follow=True).content.decode()
    assert "You cancelled signing in" in page


def test_a_provider_that_is_down_is_said_plainly(client, settings):
    app = {"provider_id": "oidc", "name": "Down", "client_id": "x", "secret": "x",
           "settings": {"server_url": "http://localhost:9"}}  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    answer = client.post("/accounts/oidc/oidc/login/", follow=True)
    assert answer.status_code == 502
    assert "Signing in did not work" in answer.content.decode()


def test_only_the_configured_issuer_may_be_on_this_network(provider):
    web = SocialAccountAdapter().get_requests_session()
    assert web.get(f"{provider}/.well-known/openid-configuration").status_code == 200
    with pytest.raises(http.Refused):
        web.get("http://127.0.0.2:1/")
