from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from tongpin.kernel import keyring
from tongpin.kernel.errors import Denied, Invalid
from tongpin.kernel.events.models import Event
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.workspaces.actions.second_factor import reset_second_factor
from tongpin.modules.workspaces.second_factor import Picture

from .denied import unchanged
from .signing_in import code_of, committed, confirm, give_app, is_in, set_up_app, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(people):
    """The member, whose address is confirmed."""
    user = people.member.user
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def second_step(browser: Client, code: str):
    return browser.post("/accounts/login/second/", {"code": code})


def told(name: str = "workspaces.second_factor_changed") -> list[dict]:
    return list(Event.objects.filter(name=name).order_by("pk").values_list("payload", flat=True))


def subjects() -> list[str]:
    return list(OutboxMail.objects.order_by("pk").values_list("subject", flat=True))


def test_setting_up_using_and_removing_it(user):
    browser = sign_in()
    secret, codes = set_up_app(browser, user)
    assert len(codes) == 10

    other = sign_in()  # a password alone no longer signs in
    assert not is_in(other)
    assert other.get("/w/acme/").headers["Location"].startswith("/accounts/login/")
    assert second_step(other, "000000").status_code == 200
    assert not is_in(other)
    other.post("/accounts/logout/", {"next": "/accounts/login/"})  # back out: another account
    assert other.get("/accounts/login/").status_code == 200
    other = sign_in()
    assert second_step(other, code_of(secret)).status_code == 302
    assert is_in(other)
    assert told("workspaces.signed_in")[-1] == {"method": "password", "second_factor": "totp"}

    browser.post("/accounts/security/app/remove/")
    assert not Authenticator.objects.exists()
    assert is_in(sign_in())
    assert told() == [{"kind": "totp", "change": "added"}, {"kind": "totp", "change": "removed"}]
    assert subjects() == ["An authenticator app was set up", "Your authenticator app was removed"]


def test_the_page_of_setting_up(user):
    browser = sign_in()
    confirm(browser)
    page = browser.get("/accounts/security/app/")
    shown = page.content.decode()
    assert 'class="qr"' in shown
    assert "otpauth://totp/member%40acme.example?" in shown
    assert page.context["secret"] in shown
    assert "no-store" in page.headers["Cache-Control"]
    wrong = browser.post("/accounts/security/app/", {"code": "000000"})
    assert "not right" in wrong.content.decode()
    assert wrong.context["secret"] == page.context["secret"]
    assert not Authenticator.objects.exists()


def test_the_picture_holds_a_quiet_edge():
    picture = Picture.of("otpauth://totp/a?secret=b")
    assert picture.size >= 29
    assert picture.path.startswith("M4 4h7v1h-7z")  # the finder in the corner


def test_a_code_is_taken_once_for_as_long_as_it_would_be_right(user, monkeypatch):
    """Also where the library's own memory of it has run out."""
    from allauth.mfa.totp.internal.auth import TOTP

    secret, _codes = give_app(user)
    code = code_of(secret)
    second_step(sign_in(), code)
    monkeypatch.setattr(TOTP, "_mark_code_used", lambda self, code: True)
    again = sign_in()
    assert "used already" in second_step(again, code).content.decode()
    assert not is_in(again)


def test_digits_of_an_input_method_are_digits(user):
    secret, _codes = give_app(user)
    browser = sign_in()
    second_step(browser, code_of(secret).translate(str.maketrans("0123456789", "０１２３４５６７８９")))
    assert is_in(browser)


def test_guessing_codes_is_stopped(user):
    secret, _codes = give_app(user)
    browser = sign_in()
    for n in range(5):
        second_step(browser, f"{n:06}")
    assert "Too many attempts" in second_step(browser, code_of(secret)).content.decode()
    assert not is_in(browser)


def test_a_recovery_code_lets_in_once_and_its_use_is_told(user):
    _secret, codes = give_app(user)
    browser, again = sign_in(), sign_in()
    second_step(browser, f"{codes[0][:4]} {codes[0][4:]}")
    assert is_in(browser)
    second_step(again, codes[0])
    assert not is_in(again)
    assert subjects() == ["A recovery code was used"]
    assert "9 codes left" in OutboxMail.objects.get().text
    assert "9 codes are left" in browser.get("/accounts/security/").content.decode()


def test_recovery_codes_are_shown_once_and_new_ones_end_the_old(user):
    browser = Client()
    browser.force_login(user)
    _secret, old = give_app(user)
    confirm(browser)
    with committed():
        renewed = browser.post("/accounts/security/codes/renew/", follow=True)
    codes = renewed.context["unused_codes"]
    assert set(codes).isdisjoint(old)
    shown = renewed.content.decode()
    assert f"{codes[0][:4]} {codes[0][4:]}" in shown
    assert f'data-save="{codes[0]}\n{codes[1]}' in shown
    again = browser.get("/accounts/security/codes/").content.decode()
    assert "cannot be shown again" in again
    assert not any(said in again for code in codes for said in (code, f"{code[:4]} {code[4:]}"))
    other = sign_in()
    second_step(other, old[0])
    assert not is_in(other)
    assert told() == [{"kind": "recovery_codes", "change": "renewed"}]


def test_every_step_asks_who_it_is(user):
    browser = Client()
    browser.force_login(user)
    asked = browser.get("/accounts/security/app/")
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    secret, _codes = give_app(user)
    for method, path in (("post", "app/remove/"), ("post", "codes/renew/"), ("get", "codes/")):
        asked = getattr(browser, method)(f"/accounts/security/{path}")
        assert asked.headers["Location"].startswith("/accounts/reauthenticate/"), path
    by_code = f"/accounts/reauthenticate/code/?{asked.headers['Location'].partition('?')[2]}"
    assert "Use your password" in browser.get(by_code).content.decode()
    answer = browser.post(by_code, {"code": code_of(secret)})
    assert answer.headers["Location"] == "/accounts/security/codes/"
    assert Authenticator.objects.count() == 2


def test_mails_speak_the_reader_s_language(user):
    user.language = "zh-hans"
    user.save()
    set_up_app(sign_in(), user)
    mail = OutboxMail.objects.get()
    assert mail.subject == "已设置验证器应用"
    assert "127.0.0.1" in mail.text
    assert "127.0.0.1" in mail.html


def test_secrets_are_kept_encrypted(user):
    secret, codes = give_app(user)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert not any(plain in kept for plain in (secret, *codes))
    assert keyring.decrypt(Authenticator.objects.get(type="totp").data["secret"]) == secret


@pytest.fixture
def operator(people):
    people.owner.user.owns_server = True
    people.owner.user.save()
    return Actor.of(people.owner.user)


def test_whoever_owns_the_server_helps_someone_who_lost_theirs(user, operator):
    give_app(user)
    reset_second_factor.run(operator, {"email": "Member@acme.example"})
    assert is_in(sign_in())
    assert told() == [{"kind": "all", "change": "removed"}]
    mail = OutboxMail.objects.get()
    assert (mail.to, mail.subject) == ("member@acme.example", "Your second step was taken away")
    for email in ("member@acme.example", "nobody@acme.example"):
        unchanged(lambda e=email: reset_second_factor.run(operator, {"email": e}), Invalid)


@pytest.mark.parametrize("who", ["owner", "admin", "member", "stranger"])
def test_nobody_else_resets_a_second_factor(who, user, people):
    give_app(user)
    actor = Actor.of(people.of(who).user)
    unchanged(lambda: reset_second_factor.run(actor, {"email": "member@acme.example"}), Denied)
    assert Authenticator.objects.count() == 2


@pytest.fixture
def own_keyring(settings, tmp_path, monkeypatch):
    settings.DATA = tmp_path
    monkeypatch.setattr(keyring, "_read", None)
    return tmp_path / "keys" / "keyring"


def test_rotating_the_keys_rewrites_them_and_nobody_notices(own_keyring, user):
    secret, codes = give_app(user)
    before = list(Authenticator.objects.order_by("pk").values_list("data", flat=True))
    assert keyring.rotate(forget=True)["workspaces.second_factor"] == 2
    assert list(Authenticator.objects.order_by("pk").values_list("data", flat=True)) != before
    by_app, by_code = sign_in(), sign_in()
    second_step(by_app, code_of(secret))
    second_step(by_code, codes[0])
    assert (is_in(by_app), is_in(by_code)) == (True, True)


def test_without_the_key_nobody_gets_in_and_everybody_is_told(own_keyring, user):
    secret, _codes = give_app(user)
    own_keyring.unlink()
    browser = sign_in()
    answer = second_step(browser, code_of(secret))
    assert answer.status_code == 503
    assert "tongpin doctor" in answer.content.decode()
    assert not is_in(browser)
    assert keyring.unreadable() == 2
