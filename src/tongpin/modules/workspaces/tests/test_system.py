from __future__ import annotations

import pytest
from django.test import Client

from tongpin.kernel.events import relay
from tongpin.kernel.events.models import Event, ParkedEvent
from tongpin.kernel.mail.models import MailState, OutboxMail
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import User
from tongpin.modules.workspaces.actions.member import change_role
from tongpin.modules.workspaces.actions.server import retry_event, retry_mail

from .denied import denied, unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def server_owner(people):
    User.objects.filter(pk=people.owner.user.pk).update(owns_server=True)
    people.owner.user.refresh_from_db()
    return people.owner.user


@pytest.fixture
def parked(people, actor_of, monkeypatch):
    """An event that a subscriber fails on until ``broken`` is cleared."""
    broken = [True]

    def handle(events: list[Event]) -> None:
        if broken:
            raise ValueError("the reason it failed")

    monkeypatch.setitem(relay._subscribers, "testing.fragile", relay.Subscriber("testing.fragile", handle))
    event = change_role.run(actor_of("owner"), {"role": "guest"}, target=people.member).events[0]
    row = ParkedEvent.objects.create(subscriber="testing.fragile", event=event, error="the reason it failed")
    return row, broken


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def test_only_the_servers_owner_sees_it(people, server_owner):
    assert browser_of(server_owner).get("/system/").status_code == 200
    for who in ("admin", "member", "stranger"):
        assert browser_of(people.of(who).user).get("/system/").status_code == 404
    assert Client().get("/system/").status_code == 302


def test_it_says_what_is_wrong(server_owner, parked):
    OutboxMail.objects.create(
        to="x@example.com", subject="Lost letter", text="…", state=MailState.FAILED, error="550 no"
    )
    page = browser_of(server_owner).get("/system/").content.decode()
    for words in (
        "the reason it failed",
        "testing.fragile",
        "Lost letter",
        "550 no",
        "PostgreSQL",
        "No mail server is set up",
    ):
        assert words in page, words


def test_a_parked_event_is_retried_until_it_goes_through(server_owner, parked):
    row, broken = parked
    browser = browser_of(server_owner)
    data = {"subscriber": row.subscriber, "event": str(row.event.uid)}
    browser.post("/system/parked/retry/", data)
    row.refresh_from_db()
    assert row.attempts == 2
    broken.clear()
    browser.post("/system/parked/retry/", data)
    assert not ParkedEvent.objects.exists()


def test_nobody_else_retries(people, parked):
    row, _broken = parked
    data = {"subscriber": row.subscriber, "event": str(row.event.uid)}
    mail = OutboxMail.objects.create(to="x@example.com", subject="s", text="…", state=MailState.FAILED)
    for who in ("owner", "member", "guest", "stranger"):
        denied(retry_event, Actor.of(people.of(who).user), data)
        denied(retry_mail, Actor.of(people.of(who).user), {"mail": str(mail.uid)})


def test_a_failed_mail_is_queued_again(server_owner):
    mail = OutboxMail.objects.create(to="x@example.com", subject="s", text="…", state=MailState.FAILED)
    browser_of(server_owner).post(f"/system/mail/{mail.uid}/retry/")
    mail.refresh_from_db()
    assert mail.state == MailState.QUEUED
    unchanged(lambda: retry_mail.run(Actor.of(server_owner), {"mail": str(mail.uid)}))
