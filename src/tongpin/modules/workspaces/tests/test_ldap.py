"""Sign-in with the company's directory, against a real slapd."""

from __future__ import annotations

import dataclasses
import uuid

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces import public
from tongpin.modules.workspaces.actions.invitation import create_link
from tongpin.modules.workspaces.actions.token import create_token
from tongpin.modules.workspaces.ldap.configuration import Configuration
from tongpin.modules.workspaces.ldap.directory import Directory, Unavailable

from . import slapd
from .signing_in import PASSWORD, is_in

needs_slapd = pytest.mark.skipif(slapd.SLAPD is None, reason="slapd is not installed (bin/install-directory)")
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with slapd.running(tmp_path_factory.mktemp("slapd")) as server:
        server.nuo = server.add("nuo", "沈一诺", "Nuo@corp.example", units=("产品部", "增长组, A"))
        server.add("member", "Member", "member@acme.example")
        server.add("nobody", "No Address")
        server.add("twin", "One", "one@corp.example", units=("A",))
        server.add("twin", "Two", "two@corp.example", units=("B",))
        yield server


@pytest.fixture
def directory(running, settings):
    settings.LDAP = configured(running)
    settings.SOCIALACCOUNT_PROVIDERS = {
        "ldap": {"APPS": [{"client_id": "ldap", "settings": {"hidden": True}}]}
    }
    return running


def configured(server: slapd.Slapd, **more) -> Configuration:
    given = Configuration(
        host="127.0.0.1", port=server.port, tls="starttls", base=slapd.PEOPLE, ad=False,
        filter="(objectClass=inetOrgPerson)", login="uid", bind_dn=slapd.READER,
        bind_password=slapd.READER_PASSWORD, ca_file=server.ca_file,
    )  # fmt: skip
    return dataclasses.replace(given, **more)


def sign_in(login: str, password: str = slapd.PASSWORD, browser: Client | None = None):
    """The browser afterwards, and the page it got."""
    browser = browser or Client()
    page = browser.post("/accounts/login/", {"login": login, "password": password})
    return browser, page


@needs_slapd
class TestSigningIn:
    @pytest.mark.parametrize("login", ["nuo", "NUO", "nuo@corp.example", " nuo "])
    def test_by_login_or_address(self, directory, people, login):
        browser, _page = sign_in(login)
        assert is_in(browser)
        user = User.objects.get(email="nuo@corp.example")
        assert (user.name, user.pinyin, user.has_usable_password()) == ("沈一诺", "shen yi nuo", False)
        assert EmailAddress.objects.get(user=user).verified
        said = list(Event.objects.filter(actor=user).order_by("pk").values_list("name", "payload__method"))
        assert said == [("workspaces.account_signed_up", "ldap"), ("workspaces.signed_in", "ldap")]
        again, _page = sign_in("nuo")
        assert is_in(again)
        assert User.objects.filter(email="nuo@corp.example").count() == 1

    @pytest.mark.parametrize("login", ["nuo", "nobody-at-all", "*", "nuo)(uid=*", "nuo*", "\\2a", "twin"])
    def test_a_wrong_password_or_a_trick_is_refused_with_the_same_words(self, directory, people, login):
        password = slapd.PASSWORD if login != "nuo" else "wrong"
        browser, page = sign_in(login, password)
        assert not is_in(browser)
        html = page.content.decode()
        assert "The login or the password is wrong." in html
        assert not SocialAccount.objects.exists()

    def test_a_wrong_password_is_noted_for_whose_account_it_was(self, directory, people):
        sign_in("nuo")
        sign_in("NUO", "wrong")
        sign_in("nuo2", "wrong")
        noted = Event.objects.filter(name="workspaces.sign_in_failed").order_by("pk")
        assert [event.payload["name"] for event in noted] == ["沈一诺", ""]

    def test_what_was_typed_stays(self, directory, people):
        _browser, page = sign_in("沈一诺😀", "wrong")
        assert 'value="沈一诺😀"' in page.content.decode()

    def test_an_empty_password_lets_nobody_in(self, directory, people):
        """The protocol calls a name without a password a success, as this directory does."""
        assert directory.lets_in(directory.nuo, "")
        assert not directory.lets_in(directory.nuo, "wrong")
        assert Directory(configured(directory)).check_password("nuo", "") is None
        browser, page = sign_in("nuo", "")
        assert not is_in(browser)
        assert "This field is required." in page.content.decode()

    def test_who_was_switched_off_there_is_refused(self, directory, people):
        dn = directory.add("gone", "Gone", "gone@corp.example")
        sign_in("gone")
        directory.remove(dn)
        browser, page = sign_in("gone")
        assert not is_in(browser)
        assert "The login or the password is wrong." in page.content.decode()

    def test_without_an_address_one_is_told_what_to_do(self, directory, people):
        browser, page = sign_in("nobody")
        assert not is_in(browser)
        assert "The company directory has no e-mail address for you." in page.content.decode()

    def test_who_is_not_invited_stays_out(self, directory, people, settings, actor_of):
        settings.SIGN_UP = "invited"
        browser, page = sign_in("nuo")
        assert not is_in(browser)
        assert "Only invited people can sign in." in page.content.decode()
        row = create_link.run(actor_of("admin"), {"role": "guest"}).value
        browser.get(f"/invite/{row.secret}/")
        _browser, page = sign_in("nuo", browser=browser)
        assert page.headers["Location"] == f"/invite/{row.secret}/"
        browser.post(page.headers["Location"])
        assert Membership.objects.get(user__email="nuo@corp.example").role == "guest"

    def test_a_confirmed_account_is_found_and_keeps_its_own_password(self, directory, people, actor_of):
        user = people.member.user
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        token = create_token.run(actor_of("member"), {"name": "Import", "scopes": ["workspaces:read"]}).value
        browser, _page = sign_in("member")
        assert browser.get("/w/acme/members/").status_code == 200
        assert public.authenticate(token.secret)
        assert is_in(sign_in("member@acme.example", PASSWORD)[0])
        page = browser.get("/accounts/connections/").content.decode()
        assert "Company directory" in page
        assert "Member (member)" in page
        assert "Disconnect" not in page
        link = SocialAccount.objects.get()
        refused = browser.post("/accounts/connections/", {"account": link.pk}).content.decode()
        assert "Your account follows the company directory." in refused
        assert SocialAccount.objects.filter(pk=link.pk).exists()

    def test_a_stranger_who_made_the_account_first_is_out(self, directory, people, actor_of):
        """An account on a colleague's address, never confirmed: the colleague gets it, and nobody else has it."""
        squatter = sign_in("member@acme.example", PASSWORD)[0]
        assert is_in(squatter)
        token = create_token.run(actor_of("member"), {"name": "Import", "scopes": ["workspaces:read"]}).value
        SocialAccount.objects.create(user=people.member.user, provider="feishu", uid="on_mallory")
        assert is_in(sign_in("member")[0])
        assert squatter.get("/workspaces/").status_code == 302
        assert public.authenticate(token.secret) is None
        assert list(SocialAccount.objects.values_list("provider", flat=True)) == ["ldap"]
        assert not is_in(sign_in("member@acme.example", PASSWORD)[0])

    def test_an_address_given_to_somebody_new_does_not_hand_over_the_account(self, directory, people):
        dn = directory.add("old", "Old", "sales@corp.example")
        sign_in("old")
        directory.remove(dn)
        directory.add("new", "New", "sales@corp.example")
        browser, page = sign_in("new")
        assert not is_in(browser)
        assert "Your e-mail address belongs to another account here." in page.content.decode()

    def test_the_page_asks_for_a_login_only_with_a_directory(self, directory, settings):
        assert "E-mail or login" in Client().get("/accounts/login/").content.decode()
        chinese = Client().get("/accounts/login/", headers={"accept-language": "zh-CN"}).content.decode()
        assert "邮箱或登录名" in chinese
        assert "公司目录" not in chinese  # it has no button
        settings.LDAP = None
        assert "E-mail or login" not in Client().get("/accounts/login/").content.decode()


@needs_slapd
class TestTheConnection:
    @pytest.mark.parametrize("tls", ["starttls", "ldaps", "off"])
    def test_each_way(self, running, tls):
        port = running.secure_port if tls == "ldaps" else running.port
        found = Directory(configured(running, tls=tls, port=port)).check_password("nuo", slapd.PASSWORD)
        assert found.units == ("产品部", "增长组, A")
        assert found.email == "nuo@corp.example"

    @pytest.mark.parametrize("tls", ["starttls", "ldaps"])
    def test_a_certificate_nobody_vouches_for_gets_no_password(self, running, tls):
        port = running.secure_port if tls == "ldaps" else running.port
        with pytest.raises(Unavailable, match="certificate verify failed"):
            Directory(configured(running, tls=tls, port=port, ca_file="")).people()

    def test_a_certificate_of_another_host_gets_no_password(self, running):
        with pytest.raises(Unavailable, match=r"wrap socket error: certificate .*localhost"):
            Directory(configured(running, host="127.0.0.2")).people()

    def test_a_wrong_setup_is_not_taken_for_a_wrong_password(self, running):
        with pytest.raises(Unavailable, match="TONGPIN_LDAP_BIND_DN"):
            Directory(configured(running, bind_password="wrong")).check_password("nuo", slapd.PASSWORD)

    def test_more_than_a_page_of_people_is_read_whole(self, running, monkeypatch):
        monkeypatch.setattr("tongpin.modules.workspaces.ldap.directory.PAGE", 2)
        logins = [entry.login for entry in Directory(configured(running)).people()]
        assert sorted(logins)[:3] == ["member", "new", "nobody"] or "nuo" in logins
        assert len(logins) == len(Directory(configured(running)).people()) >= 5


class TestWithoutADirectory:
    def test_a_directory_that_is_down_is_said_and_local_passwords_still_count(self, settings, people):
        settings.LDAP = Configuration(
            host="127.0.0.1",
            port=9,
            tls="off",
            base="dc=x",
            ad=False,
            filter="(objectClass=person)",
            login="uid",
        )
        browser, page = sign_in("nuo")
        assert not is_in(browser)
        assert "The company directory does not answer." in page.content.decode()
        assert is_in(sign_in("member@acme.example", PASSWORD)[0])

    def test_a_wrong_password_before_a_change_is_refused_while_it_is_down(self, settings, people):
        browser = sign_in("member@acme.example", PASSWORD)[0]
        settings.LDAP = Configuration(
            host="127.0.0.1",
            port=9,
            tls="off",
            base="dc=x",
            ad=False,
            filter="(objectClass=person)",
            login="uid",
        )
        page = browser.post("/accounts/reauthenticate/", {"password": "wrong"})
        assert "The password is wrong." in page.content.decode()

    def test_without_one_the_form_takes_addresses_only(self, people):
        _browser, page = sign_in("nuo")
        assert "Enter a valid email address." in page.content.decode()

    @pytest.mark.parametrize(("control", "disabled"), [(b"512", False), (b"514", True), (b"66050", True)])
    def test_active_directory_in_its_own_words(self, control, disabled):
        given = Configuration(
            host="ad",
            port=636,
            tls="ldaps",
            base="DC=corp,DC=example",
            ad=True,
            filter="(a=b)",
            login="sAMAccountName",
        )
        lasting = uuid.uuid4()
        row = {
            "dn": "CN=沈 一诺,OU=Growth,OU=Product,DC=corp,DC=example",
            "raw_attributes": {
                "objectGUID": [lasting.bytes_le], "sAMAccountName": [b"nuo"], "mail": [b"Nuo@Corp.example"],
                "displayName": ["沈一诺".encode()], "userAccountControl": [control],
            },
        }  # fmt: skip
        found = Directory(given).entry(row)
        assert (found.uid, found.login, found.name, found.email) == (
            str(lasting),
            "nuo",
            "沈一诺",
            "nuo@corp.example",
        )
        assert (found.disabled, found.units) == (disabled, ("Product", "Growth"))
        assert given.logins == ("sAMAccountName", "mail", "userPrincipalName")
