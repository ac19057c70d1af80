"""What reaches a member, chosen in a browser: when mail comes, the way out of it, and notes on the screen.

A headless browser has no push service, so ``PushManager`` is the test's own: it gives a subscription whose pushes come
to a service on loopback. The service worker is the real one, and what was pushed is handed to it as the browser would.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.serving import Served
from tongpin.kernel.push.tests.endpoint import Desk, serving

from .conftest import DESK, PHONE, SHOTS, Faults, sideways, violations
from .test_inbox import ENTER, TELL

WORDS = {
    "en": {
        "weekday": "Friday",
        "stopped": "No more e-mail",
        "undone": "comes as before",
        "blocked": "does not let",
    },
    "zh": {"weekday": "星期五", "stopped": "已退订", "undone": "已恢复", "blocked": "禁止"},
}
CODES = {"en": "en", "zh": "zh-hans"}

#: The browser's own part of a subscription, as Chromium gives it.
SUBSCRIBED = """
(given) => {
  const subscription = {
    endpoint: given.endpoint,
    toJSON: () => ({ endpoint: given.endpoint, keys: { p256dh: given.p256dh, auth: given.auth } }),
    unsubscribe: async () => { localStorage.removeItem("subscribed"); return true; },
  };
  PushManager.prototype.subscribe = async function (options) {
    if (given.refuses) throw new DOMException("Registration failed", "AbortError");
    if (!options.userVisibleOnly || options.applicationServerKey.length !== 87) throw new TypeError("options");
    localStorage.setItem("subscribed", "1");
    return subscription;
  };
  PushManager.prototype.getSubscription = async () => (localStorage.getItem("subscribed") ? subscription : null);
}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that may call a push service on loopback."""
    server = Served(tmp_path_factory.mktemp("pushes") / "data", TONGPIN_PUSH_HOSTS="127.0.0.1").start()
    yield server
    server.stop()


@pytest.fixture
def enter(served: Served, person: Callable[..., Page]) -> Callable[..., tuple[Page, str]]:
    """A signed-in member's page and the slug of their workspace."""

    def run(language: str, size: dict[str, int] = DESK, theme: str = "light") -> tuple[Page, str]:
        made = json.loads(served.script(ENTER.replace("LANGUAGE", CODES[language])).splitlines()[-1])
        page = person(language, theme, size)
        page.context.add_cookies([{"name": made["cookie"], "value": made["session"], "url": served.address}])
        return page, made["slug"]

    return run


def looked_at(page: Page, name: str) -> None:
    """Accessible, and no wider than its window."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    assert violations(page) == []
    assert sideways(page) == 0


@contextmanager
def saved(page: Page) -> Iterator[None]:
    """Until the choice made inside is kept and the page shows it."""
    with page.expect_response(lambda answer: answer.url.endswith("/settings/notifications/mail/")):
        yield
    page.wait_for_timeout(150)  # the answer is put in a moment after it has come


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_when_mail_comes_is_chosen_and_mail_is_left(
    served: Served, enter: Callable[..., tuple[Page, str]], language: str, size: dict[str, int]
) -> None:
    page, slug = enter(language, size)
    page.goto(f"/w/{slug}/settings/notifications/")
    with saved(page):
        page.select_option("#mail-rhythm-choice", "weekly")
    with saved(page):
        page.select_option("#mail-rhythm-weekday", "4")
    expect(page.locator("#mail-rhythm-weekday option:checked")).to_have_text(WORDS[language]["weekday"])
    with saved(page):
        page.select_option("#mail-rhythm-hour", "18")
    with saved(page):
        page.get_by_role("checkbox", name="@" if language == "zh" else "What names me").uncheck()
    page.reload()
    expect(page.locator("#mail-rhythm-hour")).to_have_value("18")
    expect(page.locator("#mail-rhythm input[type=checkbox]")).not_to_be_checked()
    looked_at(page, f"mail-rhythm-{language}-{size['width']}")

    link = served.script(
        "from tongpin.kernel.tenancy.models import Membership\n"
        "from tongpin.modules.notifications import unsubscribing\n"
        "from tongpin.modules.notifications.members_rules import ACCESS\n"
        f"member = Membership.objects.get(workspace__slug={slug!r}, user__name='Reader')\n"
        "print(unsubscribing.address(member, ACCESS))"
    ).strip()
    page.context.clear_cookies()
    page.goto("/unsubscribe/" + link.split("/unsubscribe/")[1])
    looked_at(page, f"unsubscribe-{language}-{size['width']}")
    page.locator("button[value=all]").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(WORDS[language]["stopped"])
    looked_at(page, f"unsubscribed-{language}-{size['width']}")
    page.locator("form:has([name=undo]) button").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(WORDS[language]["undone"])


@pytest.fixture
def desk() -> Iterator[Desk]:
    with serving("one") as (desk,):
        yield desk


def subscribing(page: Page, desk: Desk, **more: Any) -> None:
    given = {"endpoint": desk.endpoint, "p256dh": desk.p256dh, "auth": desk.auth, **more}
    page.add_init_script(f"({SUBSCRIBED})({json.dumps(given)})")


def until(there: Callable[[], Any]) -> Any:
    """Wait for what the worker does by itself."""
    for _ in range(200):
        if found := there():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_note_reaches_the_screen_and_leads_to_its_object(
    served: Served, enter: Callable[..., tuple[Page, str]], desk: Desk, language: str, size: dict[str, int]
) -> None:
    page, slug = enter(language, size)
    page.context.grant_permissions(["notifications"], origin=served.address)
    subscribing(page, desk)
    page.goto(f"/w/{slug}/settings/notifications/")
    turn_on = page.locator("#push [data-push]")
    turn_on.click()
    expect(page.locator("#push [data-for=on]")).to_be_visible()
    expect(page.locator("#push [data-mark]")).to_have_count(1)
    expect(page.locator("#push [data-here]")).to_be_visible()
    expect(turn_on).to_be_hidden()
    page.reload()
    expect(page.locator("#push [data-for=on]")).to_be_visible()
    looked_at(page, f"push-on-{language}-{size['width']}")

    served.script(TELL.replace("SLUG", slug).replace("ROLES", "").replace("PROJECTS", "Alpha"))
    until(lambda: desk.bodies)
    (said,) = desk.got
    assert said["title"] == "Alpha"
    handed_over(page, served.address, json.dumps(said))
    (note,) = until(lambda: shown(page))
    assert (note["title"], note["body"], note["tag"]) == ("Alpha", said["body"], said["tag"])
    assert note["data"] == said["url"]
    assert said["url"].startswith(f"/w/{slug}/inbox/")

    page.locator("#push [data-mark] button").click()
    expect(page.locator("#push [data-mark]")).to_have_count(0)
    expect(turn_on).to_be_visible()
    served.script(TELL.replace("SLUG", slug).replace("ROLES", "").replace("PROJECTS", "Beta"))
    left = "from tongpin.modules.notifications.models import Browser\nprint(Browser.objects.count())"
    assert served.script(left).strip() == "0"
    assert len(desk.bodies) == 1


def handed_over(page: Page, origin: str, data: str) -> None:
    """Give the service worker a push, as the browser does when one comes."""
    tools = page.context.new_cdp_session(page)
    found: list[str] = []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
    )
    tools.send("ServiceWorker.enable")
    for _ in range(100):
        if found:
            break
        page.wait_for_timeout(50)
    tools.send(
        "ServiceWorker.deliverPushMessage", {"origin": origin, "registrationId": found[-1], "data": data}
    )


def shown(page: Page) -> list[dict[str, Any]]:
    return page.evaluate(
        """async () => (await (await navigator.serviceWorker.ready).getNotifications())
            .map(({ title, body, tag, data }) => ({ title, body, tag, data }))"""
    )


STATES = {
    "denied": 'Object.defineProperty(Notification, "permission", { get: () => "denied" })',
    "unsupported": "delete window.PushManager",
    "insecure": 'Object.defineProperty(window, "isSecureContext", { get: () => false })',
}


@pytest.mark.parametrize("state", list(STATES))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_browser_that_cannot_says_why(
    enter: Callable[..., tuple[Page, str]], language: str, state: str
) -> None:
    page, slug = enter(language, PHONE, "dark")
    page.add_init_script(STATES[state])
    page.goto(f"/w/{slug}/settings/notifications/")
    expect(page.locator(f"#push [data-for={state}]")).to_be_visible()
    for other in {*STATES, "on", "off", "busy"} - {state}:
        expect(page.locator(f"#push [data-for={other}]")).to_be_hidden()
    looked_at(page, f"push-{state}-{language}")


def test_whoever_says_no_is_not_asked_on_and_on(
    served: Served, enter: Callable[..., tuple[Page, str]], desk: Desk
) -> None:
    page, slug = enter("en")
    page.add_init_script("""
        window.asked = 0; let answer = "default";
        Object.defineProperty(Notification, "permission", { get: () => answer });
        Notification.requestPermission = async () => { window.asked += 1; return (answer = "denied"); };
    """)
    page.goto(f"/w/{slug}/settings/notifications/")
    expect(page.locator("#push [data-for=off]")).to_be_visible()
    assert page.evaluate("window.asked") == 0, "it asks when told to, not when the page opens"
    page.locator("#push [data-push]").click()
    expect(page.locator("#push [data-for=denied]")).to_contain_text(WORDS["en"]["blocked"])
    assert page.evaluate("window.asked") == 1


def test_a_push_service_that_cannot_be_reached_is_told(
    served: Served, enter: Callable[..., tuple[Page, str]], desk: Desk, faults: Faults
) -> None:
    page, slug = enter("en")
    page.context.grant_permissions(["notifications"], origin=served.address)
    subscribing(page, desk, refuses=True)
    page.goto(f"/w/{slug}/settings/notifications/")
    page.locator("#push [data-push]").click()
    expect(page.locator("tp-toasts")).to_contain_text("cannot reach its push service")
    expect(page.locator("#push [data-for=off]")).to_be_visible()
