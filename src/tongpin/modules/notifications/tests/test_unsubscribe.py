"""The link that ends mails: it works without signing in, and looking at it does nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.mail.transport import as_message
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.notifications import unsubscribing
from tongpin.modules.notifications.actions.rhythm import set_rhythm
from tongpin.modules.notifications.members_rules import ACCESS
from tongpin.modules.notifications.models import MailRhythm, Preference

pytestmark = pytest.mark.django_db
Actors = Callable[..., Actor]


@pytest.fixture
def visitor() -> Client:
    """Somebody's browser or mail program: not signed in, without a form's token."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def link(people: Any) -> str:
    return unsubscribing.address(people.member, ACCESS).removeprefix(settings.SITE_URL)


def ended() -> list[tuple[str, str]]:
    """Whose mail was ended: all of it, or of which kind."""
    rows = MailRhythm.objects.filter(rhythm="never").select_related("member__user")
    kinds = Preference.objects.filter(delivery="bell").select_related("member__user")
    return [(row.member.user.name, "all") for row in rows] + [
        (row.member.user.name, row.kind) for row in kinds
    ]


def test_every_mail_of_news_has_both_headers_and_others_have_none(
    people: Any, actor_of: Actors, drain: Callable[[], int], settings: Any
) -> None:
    settings.SITE_URL = "https://work.example"
    run_named("workspaces.member.invite", actor_of("owner"), {"email": "new@acme.example"})
    run_named("workspaces.member.change_role", actor_of("owner"), {"role": "guest"}, target=people.member)
    drain()

    headers = {mail.to: as_message(mail) for mail in OutboxMail.objects.all()}
    told = headers["member@acme.example"]
    assert re.fullmatch(r"<https://work\.example/unsubscribe/[\w:-]+/>", str(told["List-Unsubscribe"]))
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = str(told["List-Unsubscribe"]).strip("<>")
    assert address in told.get_body(("plain",)).get_content()
    assert address in told.get_body(("html",)).get_content()
    invited = headers["new@acme.example"]
    assert (invited["List-Unsubscribe"], invited["List-Unsubscribe-Post"]) == (None, None)


def test_a_letter_about_ones_account_cannot_be_ended(people: Any, visitor: Client) -> None:
    Client().post("/accounts/password/reset/", {"email": "member@acme.example"})
    (mail,) = OutboxMail.objects.all()
    assert mail.unsubscribe == ""
    assert as_message(mail)["List-Unsubscribe"] is None


def test_without_tls_one_click_is_not_offered(people: Any, settings: Any) -> None:
    settings.SITE_URL = "http://work.example"
    mail = OutboxMail(
        to="a@b.example", subject="x", text="x", unsubscribe=unsubscribing.address(people.member)
    )
    message = as_message(mail)
    assert message["List-Unsubscribe"] is not None
    assert message["List-Unsubscribe-Post"] is None


def test_the_longest_address_fits_into_a_header(people: Any, settings: Any) -> None:
    settings.SITE_URL = "https://" + "x" * 60 + "." + "y" * 60 + ".example"
    address = unsubscribing.address(people.member, ACCESS)
    mail = OutboxMail.objects.create(to="a@b.example", subject="x", text="x", unsubscribe=address)
    wire = as_message(mail).as_bytes().decode()
    assert f"\r\nList-Unsubscribe: <{address}>\r\n" in wire


@pytest.mark.parametrize("method", ["get", "head"])
def test_whoever_looks_ends_nothing(people: Any, visitor: Client, link: str, method: str) -> None:
    answer = getattr(visitor, method)(link)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert ended() == []


def test_a_mail_program_ends_it_with_one_post(people: Any, visitor: Client, link: str) -> None:
    answer = visitor.post(link, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert ended() == [("Member", "all")]
    assert visitor.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert ended() == [("Member", "all")]


@pytest.mark.parametrize(("what", "left"), [("all", "all"), ("kind", "workspaces.access")])
def test_a_person_ends_all_or_one_kind_and_takes_it_back(
    people: Any, visitor: Client, actor_of: Actors, link: str, what: str, left: str
) -> None:
    set_rhythm.run(actor_of("member"), {"rhythm": "weekly", "hour": 18})
    assert f'value="{what}"' in visitor.get(link).content.decode()

    page = visitor.post(link, {"what": what}).content.decode()

    assert ended() == [("Member", left)]
    assert "/w/acme/settings/notifications/" in page
    undo = re.search(r'name="undo" value="([^"]+)"', page)[1]  # type: ignore[index]
    assert visitor.post(link, {"undo": undo}).status_code == 200
    assert ended() == []
    row = MailRhythm.objects.get()
    assert (row.rhythm, row.hour, row.next_at is None) == ("weekly", 18, False)


def test_no_more_mail_comes_then(
    people: Any, visitor: Client, link: str, actor_of: Actors, drain: Any
) -> None:
    visitor.post(link, {"List-Unsubscribe": "One-Click"})
    run_named("workspaces.member.change_role", actor_of("owner"), {"role": "guest"}, target=people.member)
    drain()
    assert OutboxMail.objects.count() == 0


def test_the_page_speaks_the_language_of_whom_the_mail_was_for(
    people: Any, visitor: Client, link: str
) -> None:
    people.member.user.language = "zh-hans"
    people.member.user.save()
    headers = {"Accept-Language": "en"}
    page = visitor.get(link, headers=headers).content.decode()
    assert 'lang="zh-Hans"' in page
    assert "退订" in page
    visitor.cookies["tongpin_language"] = "en"
    assert 'lang="en"' in visitor.get(link, headers=headers).content.decode()


def tampered(link: str, people: Any) -> list[str]:
    token = link.split("/")[2]
    other = people.owner.public_id.hex
    return [
        f"/unsubscribe/{wrong}/"
        for wrong in (
            token[:-2] + ("aa" if token[-2:] != "aa" else "bb"),
            signing.dumps([other, ""], salt="another"),
            signing.dumps([other, ""], salt=unsubscribing.SALT, key="guessed"),
            signing.dumps(["no-id", ""], salt=unsubscribing.SALT),
            signing.dumps(["0" * 32, ""], salt=unsubscribing.SALT),
            "x",
        )
    ]


def test_a_link_changed_or_made_up_does_nothing(people: Any, visitor: Client, link: str) -> None:
    for wrong in tampered(link, people):
        assert visitor.get(wrong).status_code == 404
        assert visitor.post(wrong, {"List-Unsubscribe": "One-Click"}).status_code == 404
    assert ended() == []


def test_anothers_undo_does_nothing(people: Any, visitor: Client, link: str) -> None:
    others = unsubscribing.address(people.owner).removeprefix(settings.SITE_URL)
    page = visitor.post(others, {"what": "all"}).content.decode()
    undo = re.search(r'name="undo" value="([^"]+)"', page)[1]  # type: ignore[index]
    for wrong in (undo, undo[:-1], "x", ""):
        assert visitor.post(link, {"undo": wrong}).status_code == 404
    assert ended() == [("Owner", "all")]


def test_who_has_left_can_still_end_them(people: Any, visitor: Client, actor_of: Actors, link: str) -> None:
    run_named("workspaces.member.deactivate", actor_of("owner"), {}, target=people.member)
    assert visitor.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert ended() == [("Member", "all")]
