"""Which browsers are told: turned on, listed, turned off; each one's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from tongpin.kernel.errors import Denied, Invalid, NotFound
from tongpin.kernel.push import keys
from tongpin.kernel.push.tests.endpoint import Desk, serving
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.notifications.actions.browser import MOST, add_browser, remove_browser
from tongpin.modules.notifications.models import Browser

pytestmark = pytest.mark.django_db
PAGE = "/w/acme/settings/notifications/"
ADD = PAGE + "browsers/"
Actors = Callable[..., Actor]
Clients = Callable[[str], Client]


@pytest.fixture
def desk(settings: Any) -> Iterator[Desk]:
    settings.PUSH_HOSTS = ["127.0.0.1"]
    with serving("one") as (desk,):
        yield desk


def sent(desk: Desk) -> dict[str, str]:
    return {"endpoint": desk.endpoint, "p256dh": desk.p256dh, "auth": desk.auth}


def kept() -> list[tuple[str, str]]:
    rows = Browser.objects.select_related("member__user", "member__workspace").order_by("pk")
    return [(row.member.workspace.slug, row.member.user.name) for row in rows]


def test_a_browser_is_turned_on_listed_and_turned_off(client_of: Clients, desk: Desk) -> None:
    client = client_of("member")
    agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0 Safari/537.36"
    headers = {"HX-Request": "true", "User-Agent": agent}
    page = client.post(ADD, sent(desk), headers=headers).content.decode()
    assert kept() == [("acme", "Member")]
    row = Browser.objects.get()
    assert f'data-mark="{row.mark}"' in page
    assert "Chrome on macOS" in page
    assert keys.public() in page
    assert desk.endpoint not in page

    again = client.post(ADD, sent(desk))
    assert (again.status_code, kept()) == (302, [("acme", "Member")])

    client.post(f"{ADD}{row.public_id}/remove/")
    assert kept() == []


def test_a_browser_that_changed_hands_tells_nothing_of_whoever_had_it(
    people: Any, client_of: Clients, desk: Desk
) -> None:
    Membership.objects.create(workspace=people.elsewhere, user=people.member.user, role="member")
    client_of("member").post(ADD, sent(desk))
    client_of("member").post(ADD.replace("acme", "elsewhere"), sent(desk))
    assert kept() == [("acme", "Member"), ("elsewhere", "Member")]
    client_of("owner").post(ADD, sent(desk))
    assert kept() == [("acme", "Owner")]


@pytest.mark.parametrize("who", ["owner", "guest", "stranger", "nobody"])
def test_nobody_turns_off_anothers(client_of: Clients, desk: Desk, who: str) -> None:
    client_of("member").post(ADD, sent(desk))
    row = Browser.objects.get()
    answer = client_of(who).post(f"{ADD}{row.public_id}/remove/")
    assert answer.status_code == (302 if who == "nobody" else 404)
    assert row.mark not in client_of(who).get(PAGE).content.decode()
    assert kept() == [("acme", "Member")]


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_who_is_not_in_the_workspace_turns_nothing_on_there(client_of: Clients, desk: Desk, who: str) -> None:
    assert client_of(who).post(ADD, sent(desk)).status_code in {302, 404}
    assert kept() == []


def test_denied_changes_nothing(people: Any, actor_of: Actors, desk: Desk) -> None:
    data = {**sent(desk), "session_key": "x"}
    for nobody, error in (
        (Actor.of(people.member.user), NotFound),
        (Actor.system(people.workspace), Denied),
    ):
        with pytest.raises(error):
            add_browser.run(nobody, data)
    row = add_browser.run(actor_of("member"), data).value
    for actor in (actor_of("owner"), actor_of("guest"), actor_of("stranger")):
        with pytest.raises(NotFound):
            remove_browser.run(actor, target=row)
    assert kept() == [("acme", "Member")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://push.example/send/x"},
        {"endpoint": "https://who:what@push.example/x"},
        {"endpoint": "https:///x"},
        {"endpoint": "javascript:alert(1)"},
        {"endpoint": "https://[x"},
        {"endpoint": "https://push.example/" + "x" * 1000},
        {"p256dh": "BBBB"},
        {"auth": "AAAA"},
        {"auth": ""},
    ],
)
def test_what_no_browser_gave_is_refused(actor_of: Actors, desk: Desk, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        add_browser.run(actor_of("member"), {**sent(desk), "session_key": "x", **wrong})
    assert kept() == []


def test_of_too_many_the_oldest_goes(actor_of: Actors, desk: Desk) -> None:
    for number in range(MOST + 2):
        data = {**sent(desk), "endpoint": f"https://push.example/{number}", "session_key": "x"}
        add_browser.run(actor_of("member"), data)
    left = list(Browser.objects.order_by("pk").values_list("endpoint", flat=True))
    assert left == [f"https://push.example/{number}" for number in range(2, MOST + 2)]


def test_one_where_nobody_is_signed_in_any_more_is_not_listed(client_of: Clients, desk: Desk) -> None:
    gone, here = client_of("member"), client_of("member")
    gone.post(ADD, sent(desk))
    mark = Browser.objects.get().mark
    assert mark in here.get(PAGE).content.decode()
    gone.post("/accounts/logout/")
    assert mark not in here.get(PAGE).content.decode()


def test_the_script_stands_at_the_root_and_keeps_nothing(client_of: Clients) -> None:
    answer = client_of("nobody").get("/sw.js")
    text = b"".join(answer).decode()  # type: ignore[arg-type]
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "no-cache"
    assert sorted(set(re.findall(r'addEventListener\("(\w+)"', text))) == ["notificationclick", "push"]
    assert "caches" not in text
    assert not re.search(r"\b(import|export)\b", text), "it is registered as a plain script"


def test_push_is_chosen_for_each_kind(client_of: Clients, desk: Desk) -> None:
    client = client_of("member")
    assert 'name="push"' not in client.get(PAGE).content.decode(), (
        "without a browser there is nothing to choose"
    )
    client.post(ADD, sent(desk))
    client.post(PAGE, {"kind": "workspaces.invitation", "push_shown": "1", "push": "on"})
    client.post(PAGE, {"kind": "workspaces.access", "push_shown": "1"})
    page = client.get(PAGE).content.decode()
    pattern = r'value="([\w.]+)"><input type="hidden" name="push_shown"[^>]*>.*?name="push"( checked)?'
    boxes = dict(re.findall(pattern, page))
    assert boxes["workspaces.invitation"] == " checked"
    assert boxes["workspaces.access"] == ""
    assert boxes["workspaces.projects"] == " checked"
    assert boxes["workspaces.joined"] == ""
