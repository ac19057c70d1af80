"""Nobody learns by asking whether an address has an account: same answer, same work; and only so many questions."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client

from tongpin.kernel.mail.models import OutboxMail
from tongpin.modules.workspaces.actions.invitation import create_link

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
KNOWN, UNKNOWN = "member@acme.example", "nobody@acme.example"
# What differs between any two answers: tokens of forms, ids, times, and the address that was typed.
OWN = re.compile(r'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9a-f]{32}|datetime="[^"]*"|\b[A-Za-z0-9]{64}\b')


def alike(answer, email: str) -> tuple:
    """An answer with everything of its own taken out: status, headers, cookies' names, body."""
    headers = {
        k: v for k, v in answer.headers.items() if k not in {"Content-Length", "HX-Trigger", "Expires"}
    }
    page = OWN.sub("…", answer.content.decode()).replace(email, "ADDRESS")
    return answer.status_code, headers, sorted(answer.cookies), page


@pytest.fixture
def hashed(monkeypatch):
    """How many passwords have been hashed, whatever the algorithm."""
    done: list[str] = []
    for kind in (hashers.MD5PasswordHasher, hashers.Argon2PasswordHasher):
        real = kind.encode

        def counted(self, password, salt, *more, _real=real, **rest):
            done.append(type(self).__name__)
            return _real(self, password, salt, *more, **rest)

        monkeypatch.setattr(kind, "encode", counted)
    return done


def sign_in(email):
    return Client().post("/accounts/login/", {"login": email, "password": "a wrong one entirely"})


def sign_up(email):
    form = {"name": "N", "email": email, "password1": PASSWORD, "time_zone": "UTC"}
    return Client().post("/accounts/signup/", form)


def reset(email):
    return Client().post("/accounts/password/reset/", {"email": email})


def reset_then_look(email):
    client = Client()
    return client.get(client.post("/accounts/password/reset/", {"email": email}).headers["Location"])


def sign_up_then_look(email):
    client = Client()
    form = {"name": "N", "email": email, "password1": PASSWORD, "time_zone": "UTC"}
    return client.get(client.post("/accounts/signup/", form).headers["Location"])


def weak_sign_up(email):
    return Client().post(
        "/accounts/signup/", {"name": "N", "email": email, "password1": "short", "time_zone": "UTC"}
    )


WAYS = [sign_in, sign_up, weak_sign_up, sign_up_then_look, reset, reset_then_look]


def test_a_link_to_come_in_by_does_not_make_signing_up_tell(people, actor_of, settings, hashed):
    settings.MAIL_TRANSPORT = "smtp://127.0.0.1"
    link = create_link.run(actor_of("admin"), {}).value.link
    answers, work = [], []
    for email in (KNOWN, UNKNOWN):
        client = Client()
        client.get(link)
        form = {"name": "N", "email": email, "password1": PASSWORD, "time_zone": "UTC"}
        first = client.post("/accounts/signup/", form)
        answers.append((alike(first, email), alike(client.get(first.headers["Location"]), email)))
        work.append(list(hashed))
        hashed.clear()
    assert answers[0] == answers[1]
    assert work[0] == work[1]
    assert sorted(OutboxMail.objects.values_list("to", flat=True)) == [KNOWN, UNKNOWN]


@pytest.mark.parametrize("ask", WAYS, ids=lambda f: f.__name__)
def test_the_answer_is_the_same_and_so_is_the_work(ask, people, hashed):
    mails, known = OutboxMail.objects.count(), ask(KNOWN)
    work, hashed[:] = list(hashed), []
    sent = OutboxMail.objects.count() - mails
    unknown = ask(UNKNOWN)
    assert alike(known, KNOWN) == alike(unknown, UNKNOWN)
    assert work == hashed
    assert OutboxMail.objects.count() - mails == 2 * sent


def test_a_switched_off_account_answers_like_any_other(people):
    """Only who knows its password is told that it is off."""
    people.member.user.is_active = False
    people.member.user.save()
    assert alike(sign_in(KNOWN), KNOWN) == alike(sign_in(UNKNOWN), UNKNOWN)
    assert alike(reset(KNOWN), KNOWN) == alike(reset(UNKNOWN), UNKNOWN)


def test_an_account_without_a_password_costs_the_same_work(people, hashed):
    people.member.user.set_unusable_password()
    people.member.user.save()
    known = sign_in(KNOWN)
    work, hashed[:] = list(hashed), []
    assert alike(known, KNOWN) == alike(sign_in(UNKNOWN), UNKNOWN)
    assert len(work) == len(hashed)


def test_inviting_does_not_tell_an_admin_who_has_an_account_elsewhere(people, client_of):
    elsewhere, nowhere = "stranger@acme.example", "thorough@acme.example"
    admin = client_of("admin")
    answers = [
        admin.post("/w/acme/members/invite/", {"emails": email, "role": "member"})
        for email in (elsewhere, nowhere)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    texts = [mail.text for mail in OutboxMail.objects.order_by("pk")]
    links = re.compile(r"https?://\S+")
    assert links.sub("", texts[0]).replace(elsewhere, "A") == links.sub("", texts[1]).replace(nowhere, "A")


def test_an_invitation_s_page_is_the_same_whether_or_not_its_reader_has_an_account(people, actor_of):
    from tongpin.modules.workspaces.actions.invitation import invite_member

    pages = []
    for email in ("stranger@acme.example", "thorough@acme.example"):
        row = invite_member.run(actor_of("admin"), {"email": email, "role": "guest"}).value
        page = Client().get(f"/invite/{row.secret}/").content.decode()
        for own in (row.secret, email, email.replace("@", "%40")):
            page = page.replace(own, "OWN")
        pages.append(OWN.sub("…", page))
    assert pages[0] == pages[1]


def test_a_reset_link_made_up_answers_the_same_for_any_number(people):
    from django.utils.http import int_to_base36

    there, not_there = (int_to_base36(n) for n in (people.member.user.pk, people.member.user.pk + 10_000))
    pages = [Client().get(f"/accounts/password/reset/key/{uid}-abc-def/") for uid in (there, not_there)]
    assert alike(pages[0], there) == alike(pages[1], not_there)


def test_a_workspace_that_is_not_there_looks_like_one_that_is_not_ones_own(client_of):
    stranger = client_of("stranger")
    other, none = (stranger.get(f"/w/{slug}/settings/") for slug in ("acme", "nothing"))
    assert alike(other, "acme") == alike(none, "nothing")


# -- how often one may ask -------------------------------------------------------------------------------------------


def enter(password=PASSWORD, email=KNOWN, **headers):
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": password}, headers=headers)
    return "_auth_user_id" in client.session


def test_after_five_wrong_passwords_the_right_one_waits_too(people):
    assert [enter("wrong") for _ in range(5)] == [False] * 5
    assert not enter()
    assert enter(email="admin@acme.example")


def test_the_count_is_kept_where_every_process_sees_it(people):
    """Nothing in this process remembers: with the shared table emptied, the count is gone."""
    assert settings.CACHES["default"]["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"
    for _attempt in range(5):
        enter("wrong")
    assert not enter()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM shared_cache")
    assert enter()


def test_unknown_addresses_are_counted_like_known_ones(people):
    for email in (KNOWN, UNKNOWN):
        for _attempt in range(5):
            sign_in(email)
    assert alike(sign_in(KNOWN), KNOWN) == alike(sign_in(UNKNOWN), UNKNOWN)
    assert "Too many attempts." in sign_in(UNKNOWN).content.decode()


def test_saying_one_comes_from_elsewhere_does_not_help(people):
    """The header of a proxy counts only for a proxy: otherwise each attempt would come from a new address."""
    for n in range(10):
        enter(
            "wrong",
            f"n{n}@acme.example",
            **{"X-Forwarded-For": f"203.0.113.{n}", "X-Real-IP": f"203.0.113.{n}"},
        )
    assert not enter(**{"X-Forwarded-For": "203.0.113.99"})


def test_mails_cannot_be_poured_on_somebody(people):
    for _n in range(30):
        reset(KNOWN)
    assert OutboxMail.objects.filter(to=KNOWN).count() <= 5
