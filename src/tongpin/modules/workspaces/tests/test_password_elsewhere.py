"""Whose password is the company directory's gets none here: it would outlast what the company decides."""

from __future__ import annotations

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from tongpin.kernel.mail.models import OutboxMail
from tongpin.modules.workspaces.ldap.configuration import Configuration

pytestmark = pytest.mark.django_db
NEW = {"password1": "a new long one 7", "password2": "a new long one 7"}


@pytest.fixture
def colleague(people, settings):
    """The member, who signs in with the directory."""
    settings.LDAP = Configuration(
        host="127.0.0.1", port=1, tls="off", base="dc=x", ad=False, filter="(uid=*)", login="uid",
        bind_dn="", bind_password="", ca_file="",
    )  # fmt: skip
    user = people.member.user
    user.set_unusable_password()
    user.save()
    SocialAccount.objects.create(user=user, provider="ldap", uid="1")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def ask(email):
    answer = Client().post("/accounts/password/reset/", {"email": email})
    return answer.status_code, answer.headers["Location"]


def test_asking_for_a_new_one_says_where_it_is_kept(colleague, people):
    assert ask(colleague.email) == ask("owner@acme.example") == ask("unknown@acme.example")
    told = {mail.to: mail for mail in OutboxMail.objects.all()}
    assert "password/reset/key" not in told[colleague.email].text
    assert "directory" in told[colleague.email].text
    assert "password/reset/key" in told["owner@acme.example"].text


def test_a_link_from_before_sets_none(colleague, settings):
    kept, settings.LDAP = settings.LDAP, None
    ask(colleague.email)
    settings.LDAP = kept
    link = re.search(r"https?://[^/]+(/\S*password/reset/key\S*)", OutboxMail.objects.get().text)[1]
    browser = Client()
    page = browser.post(browser.get(link).headers["Location"], NEW)
    assert "directory" in page.content.decode()
    colleague.refresh_from_db()
    assert not colleague.has_usable_password()


def test_nor_does_the_page_of_the_signed_in(colleague):
    browser = Client()
    browser.force_login(colleague)
    session = browser.session  # just signed in, as the page asks
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    page = browser.get("/accounts/password/set/")
    assert page.status_code == 200, page.headers["Location"]
    page = page.content.decode()
    assert "company directory" in page
    assert 'name="password1"' not in page
    assert browser.post("/accounts/password/set/", NEW).status_code == 200
    colleague.refresh_from_db()
    assert not colleague.has_usable_password()


def test_the_servers_owner_may_have_one_and_so_may_all_where_the_directory_is_gone(colleague, settings):
    colleague.owns_server = True
    colleague.save()
    ask(colleague.email)
    colleague.owns_server = False
    colleague.save()
    settings.LDAP = None
    ask(colleague.email)
    assert ["password/reset/key" in mail.text for mail in OutboxMail.objects.all()] == [True, True]
