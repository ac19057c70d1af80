"""Passkeys as the server sees them; how a browser makes and uses one is in tests/e2e."""

from __future__ import annotations

import json

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tongpin.kernel.events.models import Event
from tongpin.modules.workspaces.queries.second_factor import mark

from .signing_in import committed, confirm

pytestmark = pytest.mark.django_db
PATH = "/accounts/security/passkeys/"
BROWSER = {"user-agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Chrome/150.0"}


def passkey(user, name: str = "MacBook") -> Authenticator:
    data = {"name": name, "credential": {}}
    return Authenticator.objects.create(user=user, type="webauthn", data=data)


@pytest.fixture
def browser(people):
    """The member's, who just confirmed that it is they."""
    made = Client(headers=BROWSER)
    made.force_login(people.member.user)
    confirm(made)
    return made


def test_one_s_own_are_renamed_and_removed(browser, people):
    row = passkey(people.member.user)
    assert browser.post(f"{PATH}{mark(row)}/", {"name": "x" * 61}).status_code == 200
    browser.post(f"{PATH}{mark(row)}/", {"name": "工作电脑"})
    assert "工作电脑" in browser.get("/accounts/security/").content.decode()
    with committed():
        assert browser.post(f"{PATH}{mark(row)}/remove/").headers["Location"] == "/accounts/security/"
    assert not Authenticator.objects.exists()
    assert Event.objects.latest("pk").payload == {"kind": "webauthn", "change": "removed"}


def test_another_s_are_not_there(browser, people):
    row = passkey(people.stranger.user)
    for path in (f"{PATH}{mark(row)}/", f"{PATH}{mark(row)}/remove/"):
        assert browser.get(path).status_code == 404
        assert browser.post(path, {"name": "mine"}).status_code == 404
    assert Authenticator.objects.get().data["name"] == "MacBook"


def test_what_is_asked_for_can_sign_in_by_itself(browser):
    page = browser.get(f"{PATH}add/")
    asked = page.context["options"]["publicKey"]["authenticatorSelection"]
    assert asked["residentKey"] == "required"
    assert asked["userVerification"] == "required"
    assert page.context["form"]["name"].value() == "macOS"


EMPTY_ANSWER = {
    "clientDataJSON": "e30",
    "authenticatorData": "AAAA",
    "signature": "AAAA",
    "userHandle": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ",  # a number no account has
    "attestationObject": "oA",
}
NOT_PASSKEYS = [
    "",
    "no JSON",
    "[]",
    "{}",
    *(
        json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": answer})
        for answer in ({}, EMPTY_ANSWER, {**EMPTY_ANSWER, "clientDataJSON": "/w"})
    ),
]


@pytest.mark.parametrize("credential", NOT_PASSKEYS)
def test_what_is_no_passkey_is_refused(credential, browser, people):
    browser.get(f"{PATH}add/")
    assert browser.post(f"{PATH}add/", {"name": "x", "credential": credential}).status_code == 200
    visitor = Client()
    visitor.get("/accounts/login/passkey/", headers={"Accept": "application/json"})
    refused = visitor.post("/accounts/login/passkey/", {"credential": credential})
    assert refused.headers["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in visitor.session
    passkey(people.member.user)
    again = browser.post("/accounts/reauthenticate/passkey/?next=/profile/", {"credential": credential})
    assert again.headers["Location"] == "/accounts/reauthenticate/passkey/?next=/profile/"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_whatever_the_rows(rows, browser, people, django_assert_num_queries):
    for n in range(rows):
        passkey(people.member.user, f"K{n}")
    browser.get("/accounts/security/")
    with django_assert_num_queries(7):
        browser.get("/accounts/security/")
