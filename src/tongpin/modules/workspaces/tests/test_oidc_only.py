"""``TONGPIN_OIDC_ONLY``: no passwords are kept here. ``TONGPIN_LDAP_SIGN_IN``: the directory's logins are taken."""

from __future__ import annotations

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from tongpin.kernel.tenancy.models import User
from tongpin.modules.workspaces.actions.invitation import create_link
from tongpin.modules.workspaces.ldap.configuration import Configuration
from tongpin.modules.workspaces.ldap.directory import Directory, Entry

from .signing_in import PASSWORD, is_in

pytestmark = pytest.mark.django_db
NUO = Entry("1", "uid=nuo", "nuo", "沈一诺", "nuo@corp.example", False)


@pytest.fixture
def only(settings):
    settings.OIDC_ONLY = True


@pytest.fixture
def directory(settings, monkeypatch):
    """A directory with one person in it, whose logins the form takes."""
    settings.LDAP = Configuration(
        host="127.0.0.1", port=1, tls="off", base="dc=x", ad=False, filter="(uid=*)", login="uid",
        bind_dn="", bind_password="", ca_file="",
    )  # fmt: skip
    settings.LDAP_SIGN_IN = True
    settings.SOCIALACCOUNT_PROVIDERS = {
        "ldap": {"APPS": [{"client_id": "ldap", "settings": {"hidden": True}}]}
    }
    known = {("nuo", "directory secret"): NUO}
    monkeypatch.setattr(Directory, "check_password", lambda self, *given: known.get(given))


def sign_in(login, password):
    browser = Client()
    page = browser.post("/accounts/login/", {"login": login, "password": password})
    return browser, page.content.decode()


@pytest.mark.parametrize("only_oidc", [False, True])
def test_a_password_of_ours_counts_only_where_they_are_kept(only_oidc, people, settings):
    settings.OIDC_ONLY = only_oidc
    browser, _page = sign_in("member@acme.example", PASSWORD)
    assert is_in(browser) != only_oidc


@pytest.mark.parametrize(
    "page", ["signup/", "password/reset/", "password/reset/done/", "password/change/", "password/set/"]
)
def test_there_are_no_pages_about_passwords(page, only, people, client_of):
    browser = client_of("member")
    assert browser.get(f"/accounts/{page}").status_code == 404
    before = User.objects.get(email="member@acme.example").password
    new = {"password1": "a new long one 7", "password2": "a new long one 7", "oldpassword": PASSWORD}
    asked = {"email": "new@acme.example", "name": "New", **new}
    assert browser.post(f"/accounts/{page}", asked).status_code == 404
    assert User.objects.get(email="member@acme.example").password == before
    assert not User.objects.filter(email="new@acme.example").exists()


def test_the_directory_s_logins_go_on_beside_it(only, directory, people):
    shown = Client().get("/accounts/login/").content.decode()
    assert 'name="password"' in shown
    assert "password/reset" not in shown
    assert "/accounts/signup/" not in shown
    browser, _page = sign_in("nuo", "directory secret")
    assert is_in(browser)
    assert SocialAccount.objects.get(user__email="nuo@corp.example").provider == "ldap"
    ours, page = sign_in("owner@acme.example", PASSWORD)
    assert not is_in(ours)
    assert "is wrong" in page


def test_a_directory_that_is_only_followed_takes_no_logins(directory, people, settings):
    settings.LDAP_SIGN_IN = False
    browser, _page = sign_in("nuo", "directory secret")
    assert not is_in(browser)
    ours, _page = sign_in("member@acme.example", PASSWORD)
    assert is_in(ours)


def test_an_invitation_leads_to_signing_in_alone(only, people, actor_of):
    link = create_link.run(actor_of("owner"), {"role": "member"}).value
    page = Client().get(f"/invite/{link.secret}/").content.decode()
    assert "/accounts/signup/" not in page
    assert "/accounts/login/" in page
