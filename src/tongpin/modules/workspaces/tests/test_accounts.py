from __future__ import annotations

import re
import threading

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client

from tongpin.kernel.events.models import Event
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces.actions.account import create_account, write_account
from tongpin.modules.workspaces.actions.invitation import create_link, invite_member

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def sign_up(client: Client, email: str, **more: str):
    data = {"name": "沈一诺", "email": email, "password1": PASSWORD, "time_zone": "Asia/Singapore", **more}
    return client.post("/accounts/signup/", data)


def link_in(mail: OutboxMail, part: str) -> str:
    found = re.search(rf"https?://[^/]+(/\S*{part}\S*)", mail.text)
    assert found, mail.text
    return found.group(1)


def names(**wanted) -> list[str]:
    return list(Event.objects.filter(**wanted).order_by("pk").values_list("name", flat=True))


def test_the_first_account_owns_the_server_and_is_in_at_once(client):
    answer = sign_up(client, "Nuo@Example.com")
    assert answer.headers["Location"] == "/"
    user = User.objects.get()
    assert (user.email, user.name, user.pinyin, user.time_zone) == (
        "nuo@example.com", "沈一诺", "shen yi nuo", "Asia/Singapore",
    )  # fmt: skip
    assert user.owns_server
    assert EmailAddress.objects.get().verified
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/workspaces/"
    assert names() == ["workspaces.account_signed_up", "workspaces.signed_in"]


def test_the_second_confirms_their_address_first(client, people):
    assert sign_up(client, "new@example.com").headers["Location"] == "/accounts/confirm-email/"
    assert "_auth_user_id" not in client.session
    assert not User.objects.get(email="new@example.com").owns_server
    mail = OutboxMail.objects.get()
    page = client.get(link_in(mail, "confirm-email"))
    assert page.status_code == 200
    client.post(link_in(mail, "confirm-email"))
    assert EmailAddress.objects.get(email="new@example.com").verified
    client.post("/accounts/login/", {"login": "new@example.com", "password": PASSWORD})
    assert "_auth_user_id" in client.session
    assert names(subject_type="tenancy.user") == [
        "workspaces.account_signed_up", "workspaces.email_confirmed", "workspaces.signed_in",
    ]  # fmt: skip


def test_signing_up_does_not_tell_whether_an_account_exists(people, monkeypatch):
    hashed = []
    from tongpin.modules.workspaces import account_forms

    real = account_forms.make_password
    monkeypatch.setattr(account_forms, "make_password", lambda raw: hashed.append(raw) or real(raw))
    fresh, taken = sign_up(Client(), "new@example.com"), sign_up(Client(), people.member.user.email)
    assert (fresh.status_code, fresh.headers["Location"]) == (taken.status_code, taken.headers["Location"])
    assert set(fresh.cookies) == set(taken.cookies)
    assert hashed == [PASSWORD]  # the taken address costs the same hash as the new one
    assert OutboxMail.objects.count() == 2
    assert "has one" in OutboxMail.objects.get(to=people.member.user.email).text
    assert User.objects.filter(email=people.member.user.email).count() == 1


def test_an_invitation_by_mail_needs_no_other_mail(people, actor_of, client):
    row = invite_member.run(actor_of("admin"), {"email": "new@example.com", "role": "guest"}).value
    page = client.get(f"/invite/{row.secret}/").content.decode()
    assert "/accounts/signup/?email=new%40example.com" in page
    answer = sign_up(client, "new@example.com")
    assert answer.headers["Location"] == "/w/acme/"
    member = Membership.objects.get(user__email="new@example.com")
    assert member.role == "guest"
    assert EmailAddress.objects.get(user=member.user).verified


def test_an_invitation_by_link_lets_in_but_does_not_confirm_the_address(people, actor_of, client):
    row = create_link.run(actor_of("admin"), {}).value
    client.get(f"/invite/{row.secret}/")
    assert sign_up(client, "new@example.com").headers["Location"] == "/w/acme/"
    assert not EmailAddress.objects.get(email="new@example.com").verified
    browser = Client()
    browser.post("/accounts/login/", {"login": "new@example.com", "password": PASSWORD})
    assert "_auth_user_id" in browser.session  # a member is let in: somebody vouched for them


def test_where_mail_is_sent_who_comes_by_link_confirms_first_and_is_then_in(
    people, actor_of, client, settings
):
    settings.MAIL_TRANSPORT = "smtp://127.0.0.1"
    client.get(create_link.run(actor_of("admin"), {"role": "guest"}).value.link)
    assert sign_up(client, "new@example.com").headers["Location"] == "/accounts/confirm-email/"
    assert not Membership.objects.filter(user__email="new@example.com").exists()
    answer = client.post(link_in(OutboxMail.objects.get(), "confirm-email"))
    assert answer.headers["Location"] == "/w/acme/"
    assert Membership.objects.get(user__email="new@example.com").role == "guest"


def test_who_confirms_on_another_device_is_asked_to_join_when_signing_in(people, actor_of, client, settings):
    settings.MAIL_TRANSPORT = "smtp://127.0.0.1"
    link = create_link.run(actor_of("admin"), {"role": "guest"}).value.link
    client.get(link)
    sign_up(client, "new@example.com")
    phone = Client()
    answer = phone.post(link_in(OutboxMail.objects.get(), "confirm-email"))
    assert answer.headers["Location"] == "/accounts/login/"
    answer = client.post("/accounts/login/", {"login": "new@example.com", "password": PASSWORD})
    assert link.endswith(answer.headers["Location"])
    assert client.post(answer.headers["Location"]).headers["Location"] == "/w/acme/"


def test_an_invitation_mailed_to_another_address_vouches_for_nobody(people, actor_of, client):
    row = invite_member.run(actor_of("admin"), {"email": "invited@example.com"}).value
    client.get(row.link)
    assert sign_up(client, "other@example.com").headers["Location"] == "/accounts/confirm-email/"
    assert "_auth_user_id" not in client.session


def test_an_existing_person_signs_in_and_then_accepts(people, actor_of, client):
    row = create_link.run(actor_of("admin"), {}).value
    client.get(f"/invite/{row.secret}/")
    answer = client.post(
        "/accounts/login/",
        {"login": "stranger@acme.example", "password": PASSWORD, "next": f"/invite/{row.secret}/"},
    )
    assert answer.headers["Location"] == f"/invite/{row.secret}/"
    assert not Membership.objects.filter(workspace=people.workspace, user=people.stranger.user).exists()


def test_by_invitation_only(people, actor_of, client, settings):
    settings.SIGN_UP = "invited"
    assert "by invitation" in client.get("/accounts/signup/").content.decode()
    sign_up(client, "new@example.com")
    assert not User.objects.filter(email="new@example.com").exists()
    row = create_link.run(actor_of("admin"), {}).value
    client.get(f"/invite/{row.secret}/")
    sign_up(client, "new@example.com")
    assert User.objects.filter(email="new@example.com").exists()


@pytest.mark.parametrize("email", ["member@acme.example", "nobody@acme.example"])
def test_a_wrong_sign_in_says_the_same_and_hashes_once(email, people, client, monkeypatch):
    from django.contrib.auth import hashers

    counted = []
    real = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", lambda *a: counted.append(1) or real(*a))
    answer = client.post("/accounts/login/", {"login": email, "password": "wrong password"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "The e-mail address or the password is wrong." in page
    assert f'value="{email}"' in page
    assert len(counted) == 1


def test_sign_in_is_throttled_across_processes_with_a_clear_word(people, client):
    for _attempt in range(5):
        client.post("/accounts/login/", {"login": "member@acme.example", "password": "wrong password"})
    answer = Client().post("/accounts/login/", {"login": "member@acme.example", "password": PASSWORD})
    assert "Too many attempts." in answer.content.decode()
    with connection.cursor() as cursor:  # where every process counts
        cursor.execute("SELECT count(*) FROM shared_cache")
        assert cursor.fetchone()[0] > 0


@pytest.mark.parametrize("email", ["member@acme.example", "nobody@acme.example"])
def test_asking_for_a_reset_says_the_same(email, people, client):
    answer = client.post("/accounts/password/reset/", {"email": email})
    assert answer.headers["Location"] == "/accounts/password/reset/done/"
    assert OutboxMail.objects.get().to == email


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/accounts/password/reset/", {"email": "member@acme.example"}),
        ("/accounts/password/reset/", {"email": "nobody@acme.example"}),
        ("/accounts/signup/", {"name": "N", "email": "new@example.com", "password1": PASSWORD}),
        ("/accounts/signup/", {"name": "N", "email": "member@acme.example", "password1": PASSWORD}),
    ],
)
def test_links_in_mails_lead_here_whatever_host_was_asked(address, data, people, client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://tongpin.example"
    client.post(address, data, headers={"host": "evil.example"})
    mail = OutboxMail.objects.get()
    assert "https://tongpin.example/accounts/" in mail.text
    assert "evil.example" not in mail.text + mail.html


def test_a_password_is_reset_by_mail_and_every_browser_is_out(people, client, client_of):
    signed_in = client_of("member")
    client.post("/accounts/password/reset/", {"email": "member@acme.example"})
    form = client.get(link_in(OutboxMail.objects.get(), "password/reset/key"), follow=True)
    address = form.redirect_chain[-1][0]
    weak = client.post(address, {"password1": "short", "password2": "short"})
    assert "field-errors" in weak.content.decode()
    answer = client.post(address, {"password1": "a new long one 7", "password2": "a new long one 7"})
    assert answer.headers["Location"] == "/accounts/password/reset/key/done/"
    assert signed_in.get("/w/acme/members/").status_code == 302
    assert "workspaces.password_changed" in names()
    assert (
        client.post(
            "/accounts/login/", {"login": "member@acme.example", "password": "a new long one 7"}
        ).status_code
        == 302
    )


def test_changing_the_password_needs_the_old_one(people):
    browser = Client()
    browser.post("/accounts/login/", {"login": "member@acme.example", "password": PASSWORD})
    new = {"password1": "a new long one 7", "password2": "a new long one 7"}
    refused = browser.post("/accounts/password/change/", {"oldpassword": "wrong", **new})
    assert "This is not your current password." in refused.content.decode()
    browser.post("/accounts/password/change/", {"oldpassword": PASSWORD, **new})
    people.member.user.refresh_from_db()
    assert people.member.user.check_password("a new long one 7")


def test_changing_the_address_asks_for_the_password_and_counts_when_confirmed(people):
    browser = Client()
    browser.post("/accounts/login/", {"login": "member@acme.example", "password": PASSWORD})
    asked = browser.post("/accounts/email/", {"email": "moved@example.com", "action_add": "1"})
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    browser.post(asked.headers["Location"], {"password": PASSWORD})
    mail = OutboxMail.objects.get(to="moved@example.com")
    assert User.objects.get(pk=people.member.user.pk).email == "member@acme.example"
    browser.post(link_in(mail, "confirm-email"))
    assert User.objects.get(pk=people.member.user.pk).email == "moved@example.com"
    assert OutboxMail.objects.filter(to="member@acme.example").exists()  # the old address is told


def test_an_address_of_another_account_cannot_be_taken(people):
    browser = Client()
    browser.post("/accounts/login/", {"login": "member@acme.example", "password": PASSWORD})
    asked = browser.post("/accounts/email/", {"email": "admin@acme.example", "action_add": "1"})
    browser.post(asked.headers["Location"], {"password": PASSWORD})
    for mail in OutboxMail.objects.filter(to="admin@acme.example"):
        browser.post(link_in(mail, "confirm-email"))
    assert User.objects.get(pk=people.member.user.pk).email == "member@acme.example"


def test_signing_in_gives_a_new_session(people, client):
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = 1
    session.save()
    before = session.session_key
    client.cookies["tongpin_session"] = before
    client.post("/accounts/login/", {"login": "member@acme.example", "password": PASSWORD})
    assert client.session.session_key != before


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_signing_in_never_leads_away(elsewhere, people, client):
    answer = client.post(
        "/accounts/login/", {"login": "member@acme.example", "password": PASSWORD, "next": elsewhere}
    )
    assert "evil" not in answer.headers["Location"]


def test_an_account_made_by_the_operator_signs_in(client, db):
    user = create_account("op@example.com", "单雨晨", PASSWORD, language="zh-hans")
    assert user.owns_server
    assert user.pinyin == "shan yu chen"
    assert (
        client.post("/accounts/login/", {"login": "op@example.com", "password": PASSWORD}).status_code == 302
    )
    assert not create_account("two@example.com", "Two", PASSWORD).owns_server


@pytest.mark.django_db(transaction=True)
def test_of_two_first_accounts_at_once_one_owns_the_server():
    gate, failures = threading.Barrier(4), []

    def run(n: int) -> None:
        try:
            gate.wait(10)
            user = User(email=f"n{n}@example.com", name=f"N{n}")
            user.set_unusable_password()
            write_account(user, "password")
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[n]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failures == []
    assert User.objects.count() == 4
    assert User.objects.filter(owns_server=True).count() == 1
    assert Actor.of(User.objects.get(owns_server=True)).user is not None
