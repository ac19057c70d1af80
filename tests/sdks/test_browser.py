"""posthog-js (new and old), the Sensors Analytics web SDK and minimal GA4, in Chromium, on a page of another origin."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.sdks.capturing import GA4, KEEP, LOSE, POSTHOG, SENSORS, Capturing, gateway
from tests.sdks.site import site

pytestmark = pytest.mark.browser
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a fresh visitor. What it prints as an error fails the test, but for answers refused on purpose."""
    context = chromium.new_context(user_agent=AGENT, locale="en-US")
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on(
        "console",
        lambda said: (
            wrong.append(said.text)
            if said.type == "error" and not ("503" in said.text or "401" in said.text)
            else None
        ),
    )
    yield opened
    context.close()
    assert wrong == []


def posthog(host: str, key: str = POSTHOG) -> str:
    """What a page says to start posthog-js; it takes us for a robot otherwise."""
    return f"""posthog.init("{key}", {{api_host: "{host}", opt_out_useragent_filter: true, autocapture: true,
        persistence: "localStorage", disable_session_recording: true, person_profiles: "always"}});"""


NEW, OLD = "posthog-js/dist/array.full.no-external.js", "posthog-js-1-96/dist/array.full.js"


@pytest.mark.parametrize("sdk", [NEW, OLD], ids=["new", "1.96"])
def test_posthog(server: Capturing, page: Page, sdk: str):
    with site(sdk, posthog(server.address)) as shop:
        page.goto(f"{shop}/start?utm_source=mail")
        anonymous = page.evaluate("posthog.get_distinct_id()")
        page.evaluate("posthog.capture('order paid', {amount: 9.5, 名: '值'})")
        page.evaluate("posthog.identify('u1', {plan: 'pro'}, {first: 'x'})")
        page.evaluate("posthog.group('company', 'acme', {seats: 5})")
        page.evaluate("posthog.capture('in company')")
        page.click("#buy")
        # What has not been sent goes as a beacon when the page is left.
        page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
        expected = [
            "$pageview",
            "order paid",
            "$identify",
            "$groupidentify",
            "in company",
            "$autocapture",
            "$pageleave",
        ]
        view, paid, identify, group, inside, click, _leave = server.wait_for(*expected)
    assert view.distinct_id == paid.distinct_id == anonymous
    assert view.properties["$current_url"] == f"{shop}/start?utm_source=mail"
    assert view.properties["utm_source"] == "mail"
    assert (paid.properties["amount"], paid.properties["名"]) == (9.5, "值")
    assert (identify.distinct_id, identify.properties["$anon_distinct_id"]) == ("u1", anonymous)
    assert identify.person.set["plan"] == "pro"
    assert identify.person.set_once["first"] == "x"
    assert (group.customer.kind, group.customer.key, group.customer.change.set) == (
        "company",
        "acme",
        {"seats": 5},
    )
    assert (inside.distinct_id, inside.customers) == ("u1", {"company": "acme"})
    assert click.distinct_id == "u1"
    assert paid.session
    assert len(server.taken()) == len(expected)  # nothing was sent twice
    kept = server.kept()
    assert kept.people() == {frozenset({anonymous, "u1"}): sorted(expected)}
    assert kept.profile(anonymous).items() >= {"plan": "pro", "first": "x"}.items()
    assert kept.customers == {("company", "acme"): {"seats": 5}}


def test_posthog_sends_again_what_was_refused_and_nothing_counts_twice(server: Capturing, page: Page):
    with gateway(server.address, "/e/", LOSE, KEEP) as before, site(NEW, posthog(before.address)) as shop:
        page.goto(shop)
        server.wait_for("$pageview")
        page.wait_for_function(
            "() => performance.getEntriesByType('resource').filter(r => r.name.includes('retry_count=2')).length",
            timeout=60_000,
        )
        assert before.tries >= 3
    assert len(server.events()) == 1
    assert len(server.taken()) == 2  # once refused after it was taken, once answered
    assert list(server.kept().people().values()) == [["$pageview"]]


@pytest.mark.parametrize("way", ["image", "ajax", "beacon", "batch"])
def test_sensors(server: Capturing, page: Page, way: str):
    sending = "batch_send: {send_interval: 500}" if way == "batch" else f"send_type: '{way}'"
    start = f"""var sensors = window["sensorsDataAnalytic201505"];
        sensors.init({{server_url: "{server.address}/sa?project={SENSORS}", {sending}, show_log: false}});
        sensors.quick("autoTrack");"""
    with site("sa-sdk-javascript/sensorsdata.min.js", start) as shop:
        page.goto(f"{shop}/start")
        anonymous = page.evaluate("sensors.quick('getAnonymousID')")
        page.evaluate("sensors.track('PaidOrder', {amount: 9.5})")
        page.evaluate("sensors.login('u1')")
        page.evaluate("sensors.setProfile({plan: 'pro'})")
        view, paid, link, *profiles = server.wait_for("$pageview", "PaidOrder", "$identify", "$set", "$set")
    assert view.distinct_id == paid.distinct_id == anonymous
    assert view.properties["$current_url"] == f"{shop}/start"
    assert paid.properties["amount"] == 9.5
    assert (link.distinct_id, link.properties["$anon_distinct_id"]) == ("u1", anonymous)
    first, then = sorted(profiles, key=lambda record: record.distinct_id == "u1")
    assert first.distinct_id == anonymous
    assert "$first_visit_time" in first.person.set_once  # the SDK's own, at a visitor's first page
    assert (then.distinct_id, then.person.set) == ("u1", {"plan": "pro"})
    assert len(server.taken()) == 5
    kept = server.kept()
    assert kept.people() == {
        frozenset({anonymous, "u1"}): ["$identify", "$pageview", "$set", "$set", "PaidOrder"]
    }
    assert kept.profile(anonymous)["plan"] == "pro"


def test_ga4(server: Capturing, page: Page):
    start = f"""window.minimalAnalytics = {{trackingId: "{GA4}", analyticsEndpoint: "{server.address}/g/collect",
        autoTrack: true}}; var module = {{}}, exports = {{}};"""
    with site(start, "@minimal-analytics/ga4/dist/index.js") as shop:
        page.goto(f"{shop}/start")
        (view,) = server.wait_for("$pageview")
    assert view.properties["$current_url"] == f"{shop}/start"
    assert view.properties["title"] == "Shop"


def test_a_page_of_a_site_that_is_not_allowed_is_told_so(server: Capturing, page: Page):
    """A wrong key is refused once and never sent again."""
    answers: list[Any] = []
    page.on("response", lambda answer: answers.append(answer) if "/e/" in answer.url else None)
    with site(NEW, posthog(server.address, "phc_nobodys")) as shop:
        page.goto(shop)
        page.wait_for_timeout(4000)
    assert [answer.status for answer in answers if answer.request.method == "POST"] == [401]
    assert server.taken() == []
