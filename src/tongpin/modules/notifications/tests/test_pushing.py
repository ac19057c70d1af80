"""From an event to a note on a screen: a push service on loopback opens what it gets and checks who sent it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from tongpin.kernel import clock
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.push import keys
from tongpin.kernel.push.tests.endpoint import Desk, serving
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.notifications import jobs, pushing
from tongpin.modules.notifications.actions import pushes
from tongpin.modules.notifications.models import Browser, Notification, Push
from tongpin.modules.notifications.queries import outgoing

pytestmark = pytest.mark.django_db
ADD = "/w/acme/settings/notifications/browsers/"
Clients = Callable[[str], Client]
TakeIn = Callable[..., Any]


@pytest.fixture
def desks(settings: Any) -> Iterator[list[Desk]]:
    settings.PUSH_HOSTS = ["127.0.0.1"]
    with serving("desk", "phone") as found:
        yield found


def told(client: Client, desk: Desk) -> Client:
    sent = {"endpoint": desk.endpoint, "p256dh": desk.p256dh, "auth": desk.auth}
    assert client.post(ADD, sent).status_code == 302
    return client


@pytest.fixture
def browser(desks: list[Desk], client_of: Clients) -> Client:
    """The member's, told of news."""
    return told(client_of("member"), desks[0])


@pytest.fixture
def take_in(people: Any, actor_of: Any, drain: Callable[[], int]) -> TakeIn:
    """``take_in("Alpha")``: the owner makes a project and takes the member in, which is direct news of it."""

    def run(name: str = "Alpha") -> Any:
        row = run_named("workspaces.project.create", actor_of("owner"), {"name": name}).value
        members = {"members": [{"member": people.member.public_id, "role": "member"}]}
        run_named("workspaces.project.set_members", actor_of("owner"), members, target=row)
        drain()
        return row

    return run


def test_direct_news_reaches_the_screen_sealed_and_signed(
    people: Any, desks: list[Desk], browser: Client, take_in: TakeIn, settings: Any
) -> None:
    settings.SITE_URL = "https://work.example"
    people.member.user.language = "zh-hans"
    people.member.user.save(update_fields=["language"])
    take_in()
    assert pushing.run_once() == 1

    (desk, phone) = desks
    line = Notification.objects.get()
    (got,) = desk.got
    tag = got.pop("tag")
    assert got == {
        "title": "Alpha",
        "body": line.words["zh-hans"]["title"],
        "url": f"/w/acme/inbox/{line.public_id}/",
    }
    (headers,) = desk.headers
    assert (headers["Content-Encoding"], headers["TTL"]) == ("aes128gcm", "86400")
    assert (headers["Topic"], len(tag)) == (tag, 32)
    assert b"Alpha" not in desk.bodies[0]
    key, claims = desk.claims()
    assert key == keys.public()
    assert (claims["aud"], claims["sub"]) == (desk.origin, "https://work.example")
    assert 0 < claims["exp"] - clock.now().timestamp() <= 24 * 3600
    assert Push.objects.count() == 0
    assert Browser.objects.get().told_at is not None
    assert phone.bodies == []
    assert pushing.run_once() == 0


def test_what_was_written_is_not_pushed(desks: list[Desk], browser: Client, take_in: TakeIn) -> None:
    take_in()
    said = {code: {"title": "T", "body": "A secret"} for code, _ in configured.LANGUAGES}
    Notification.objects.update(words=said)
    pushing.run_once()
    assert b"secret" not in desks[0].opened(desks[0].bodies[0])


def test_every_browser_of_the_member_is_told(
    desks: list[Desk], browser: Client, client_of: Clients, take_in: TakeIn
) -> None:
    told(client_of("member"), desks[1])
    take_in()
    assert pushing.run_once() == 2
    assert [len(desk.bodies) for desk in desks] == [1, 1]


@pytest.mark.parametrize(
    ("push", "delivery", "count"), [(False, "mail", 0), (True, "bell", 1), (True, "off", 0)]
)
def test_each_kind_is_pushed_as_chosen(
    actor_of: Any,
    browser: Client,
    desks: list[Desk],
    take_in: TakeIn,
    push: bool,
    delivery: str,
    count: int,
) -> None:
    chosen = {"kind": "workspaces.projects", "push": push, "delivery": delivery}
    run_named("notifications.preference.set", actor_of("member"), chosen)
    take_in()
    pushing.run_once()
    assert len(desks[0].bodies) == count


def read(client: Client, people: Any) -> None:
    Notification.objects.update(read_at=clock.now())


def snoozed(client: Client, people: Any) -> None:
    Notification.objects.update(snoozed_until=clock.now() + timedelta(hours=3))


def left(client: Client, people: Any) -> None:
    Membership.objects.filter(pk=people.member.pk).update(deactivated_at=clock.now())


def closed(client: Client, people: Any) -> None:
    type(people.member.user).objects.filter(pk=people.member.user_id).update(is_active=False)


def hidden(client: Client, people: Any) -> None:
    """Its project is private now, and the member is not in it any more."""
    owner, project = Actor.for_member(people.owner), Notification.objects.get().about_id
    run_named("workspaces.project.edit", owner, {"visibility": "private"}, target=project)
    out = {"members": [{"member": people.member.public_id, "role": None}]}
    run_named("workspaces.project.set_members", owner, out, target=project)


def signed_out(client: Client, people: Any) -> None:
    client.post("/accounts/logout/")


def run_out(client: Client, people: Any) -> None:
    Session.objects.update(expire_date=clock.now())


def signed_out_everywhere(client: Client, people: Any) -> None:
    """By a new password: the sessions are there still, and open nothing."""
    people.member.user.set_password("another long one")
    people.member.user.save()


@pytest.mark.parametrize(
    "happens", [read, snoozed, left, closed, hidden, signed_out, run_out, signed_out_everywhere]
)
def test_what_is_news_no_more_or_not_theirs_is_not_pushed(
    people: Any, desks: list[Desk], browser: Client, take_in: TakeIn, happens: Callable[..., None]
) -> None:
    take_in()
    happens(browser, people)
    assert pushing.run_once() == 1
    assert desks[0].bodies == []
    assert Push.objects.count() == 0
    gone = happens in (signed_out, run_out, signed_out_everywhere)
    assert Browser.objects.count() == (0 if gone else 1)


@pytest.mark.parametrize("status", [404, 410, 401, 403])
def test_a_browser_that_is_there_no_more_is_dropped(
    desks: list[Desk], browser: Client, take_in: TakeIn, status: int
) -> None:
    desks[0].answer = (status, {})
    take_in()
    pushing.run_once()
    assert (Browser.objects.count(), Push.objects.count()) == (0, 0)


@pytest.mark.parametrize("status", [400, 413, 301])
def test_one_that_is_refused_is_given_up_and_the_browser_kept(
    desks: list[Desk], browser: Client, take_in: TakeIn, status: int
) -> None:
    desks[0].answer = (status, {"Location": "http://127.0.0.1:9/"})
    take_in()
    pushing.run_once()
    assert (Browser.objects.count(), Push.objects.count()) == (1, 0)


def test_one_that_fails_is_tried_again_and_at_last_given_up(
    desks: list[Desk], browser: Client, take_in: TakeIn
) -> None:
    desks[0].answer = (503, {})
    take_in()
    now, pauses = clock.now(), []
    for _ in range(pushes.ATTEMPTS - 1):
        with clock.frozen_at(now):
            assert pushing.run_once() == 1
            assert pushing.run_once() == 0
        after = Push.objects.get().next_at
        pauses.append((after - now).total_seconds())
        now = after
    assert pauses == [30, 60, 120, 240, 480, 960, 1800]
    with clock.frozen_at(now):
        assert pushing.run_once() == 1
    assert (Browser.objects.count(), Push.objects.count()) == (1, 0)
    assert len(desks[0].bodies) == pushes.ATTEMPTS


def test_a_service_that_asks_for_time_gets_it_and_the_next_try_arrives(
    desks: list[Desk], browser: Client, take_in: TakeIn
) -> None:
    desks[0].answer = (429, {"Retry-After": "600"})
    take_in()
    now = clock.now()
    with clock.frozen_at(now):
        pushing.run_once()
    desks[0].answer = (201, {})
    with clock.frozen_at(now + timedelta(seconds=599)):
        assert pushing.run_once() == 0
    with clock.frozen_at(now + timedelta(seconds=600)):
        assert pushing.run_once() == 1
    assert [said["title"] for said in desks[0].got] == ["Alpha", "Alpha"]


def test_a_service_on_a_private_address_is_not_called(
    desks: list[Desk], browser: Client, take_in: TakeIn, settings: Any
) -> None:
    settings.PUSH_HOSTS = []
    take_in()
    pushing.run_once()
    assert desks[0].bodies == []
    assert Browser.objects.count() == 0


def test_the_servers_owner_sees_whether_push_services_are_reached(
    desks: list[Desk], browser: Client, take_in: TakeIn
) -> None:
    def lines() -> list[tuple[str, str, str]]:
        return [(one.to, one.state, one.why) for one in outgoing()]

    host = desks[0].origin.removeprefix("http://")
    assert lines() == [(host, "plain", "")]
    desks[0].answer = (503, {})
    take_in("Alpha")
    pushing.run_once()
    assert lines() == [(host, "bad", "503")]
    desks[0].answer = (201, {})
    take_in("Beta")
    pushing.run_once()
    assert [state for _, state, _ in lines()] == ["good"]


def test_what_waited_a_day_is_not_pushed(desks: list[Desk], browser: Client, take_in: TakeIn) -> None:
    take_in()
    with clock.shifted_by(timedelta(hours=25)):
        pushing.run_once()
    assert desks[0].bodies == []
    assert Push.objects.count() == 0


def test_a_worker_that_died_is_taken_over(desks: list[Desk], browser: Client, take_in: TakeIn) -> None:
    take_in()
    (dead,) = pushes.claim()
    assert pushing.run_once() == 0
    with clock.shifted_by(pushes.LEASE + timedelta(seconds=1)):
        assert pushing.run_once() == 1
    assert len(desks[0].bodies) == 1
    assert Push.objects.filter(pk=dead.pk).count() == 0


@pytest.mark.django_db(transaction=True)
def test_several_workers_send_each_once(desks: list[Desk], browser: Client, take_in: TakeIn) -> None:
    for number in range(6):
        take_in(f"Place {number}")
    begin = threading.Barrier(3)

    def work() -> None:
        begin.wait()
        try:
            while pushing.run_once():
                pass
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(said["title"] for said in desks[0].got) == [f"Place {n}" for n in range(6)]
    assert Push.objects.count() == 0


def test_the_night_forgets_browsers_where_nobody_is_signed_in(
    desks: list[Desk], browser: Client, client_of: Clients
) -> None:
    told(client_of("owner"), desks[1]).post("/accounts/logout/")
    jobs.forget_browsers(0)
    assert [row.endpoint for row in Browser.objects.all()] == [desks[0].endpoint]
