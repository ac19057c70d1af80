"""Product data from the first event to its end: a source, its live page, the catalogue, a user, a customer, erasure."""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.serving import Served

from .conftest import Faults
from .looking import sound
from .sending import send
from .steps import Account, make_workspace, sign_up

SAYS = {
    "en": {
        "denied": "The source’s lists leave this event out.",
        "bot": "It came from a bot.",
        "paused": "The source is paused.",
        "taken": "Taken",
        "refused": "Refused",
        "missing": "Not seen yet",
        "arriving": "Arriving",
        "key event": "Key event",
        "count": "1,203",
    },
    "zh": {
        "denied": "按数据源的名单，这个事件不接收。",
        "bot": "来自爬虫或机器人。",
        "paused": "数据源已暂停。",
        "taken": "已接收",
        "refused": "已拒收",
        "missing": "未上报",
        "arriving": "已上报",
        "key event": "关键事件",
        "count": "1,203",
    },
}
LEAD = {"zh": "沈一诺", "en": "Yinuo Shen"}
SHOP = {"zh": "晴班西湖店", "en": "West Lake Store"}
BUYER = {"zh": "林小满", "en": "Xiaoman Lin"}
PAID = "支付成功"


def what_happened(language: str) -> list[dict]:
    """A visitor who looks, signs in and pays, for a shop; and one event that the source's list leaves out."""
    start = datetime.now(UTC) - timedelta(minutes=10)  # noqa: TID251  an app's own clock
    shop = {"company": "west-lake"}

    def at(minutes: int) -> str:
        return (start + timedelta(minutes=minutes)).isoformat()

    return [
        {"event": "$pageview", "distinct_id": "visitor-1", "at": at(0), "properties": {"title": "Pricing"}},
        {
            "event": "$identify",
            "distinct_id": "user-42",
            "anonymous_id": "visitor-1",
            "at": at(4),
            "person": {
                "set": {"name": BUYER[language], "email": "xm@shop.example", "tags": ["shop", "east"]}
            },
        },
        {
            "event": PAID,
            "distinct_id": "user-42",
            "at": at(5),
            "properties": {"amount": 1299.5, "phone": "13800000000"},
            "customers": shop,
        },
        {"customer": {"kind": "company", "key": "west-lake", "set": {"name": SHOP[language], "seats": 1280}}},
        {"event": "debug_tick", "distinct_id": "user-42"},
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_from_the_first_event_to_erasing_who_did_it(
    person: Callable[..., Page], served: Served, faults: Faults, language: str
) -> None:
    slug, words = f"data-{language}", SAYS[language]
    page = person(language)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/accounts/signup/")
    sign_up(page, Account(LEAD[language], f"lead-{language}@data.example"), served)
    make_workspace(page, "晴班" if language == "zh" else "Qingban", slug)

    source = make_a_source(page, slug, words, language)
    key = copied_key(page, words)
    leave_out(page, "debug_tick")
    plan(page, slug, language, words)

    see_it_arrive(page, served, source, key, words, language)
    in_the_catalogue(page, served, slug, key, words, language)
    the_user(page, slug, words, language)
    the_customer(page, slug, language)
    take_away(page, slug, language)
    erase(page, faults, slug, language)
    close_and_open(page, served, source, key, words, language)


def make_a_source(page: Page, slug: str, words: dict[str, str], language: str) -> str:
    """From the empty list to the new source's page; its address."""
    page.goto(f"/w/{slug}/settings/sources/")
    sound(page, f"data-sources-empty-{language}")
    page.fill("main input[name=name]", "商家端 App" if language == "zh" else "Merchant app")
    page.select_option("main select[name=platform]", "server")
    page.click("main form .btn-primary")
    page.wait_for_url(re.compile(r"/settings/sources/[0-9a-f-]{36}/$"))
    page.locator("tp-tabs:defined").wait_for()
    sound(page, f"data-source-{language}")
    return page.url


def copied_key(page: Page, words: dict[str, str]) -> str:
    """The key as the copy button puts it on the clipboard: the one in the code of every SDK."""
    page.locator("tp-copy:defined").first.wait_for()
    page.locator("#key-rows [data-copy]").click()
    expect(page.locator("#key-rows [data-copied]")).to_be_visible()
    key = page.evaluate("navigator.clipboard.readText()")
    assert key
    panels = page.locator("[role=tabpanel]")
    for number, tab in enumerate(page.locator("[role=tab]").all()):
        tab.click()
        expect(panels.nth(number)).to_be_visible()
        expect(panels.nth(number).locator("code")).to_contain_text(
            re.compile(f"{key}|G-XXXX")
        )  # GA4 keeps its id
    return key


def leave_out(page: Page, event: str) -> None:
    page.locator("details", has=page.locator("textarea[name=deny_events]")).locator("summary").click()
    page.fill("textarea[name=deny_events]", event)
    page.locator("form", has=page.locator("textarea[name=deny_events]")).locator(".btn-primary").click()
    expect(page.locator(".toast").last).to_be_visible()
    page.reload()
    expect(page.locator("textarea[name=deny_events]")).to_have_value(event)


def plan(page: Page, slug: str, language: str, words: dict[str, str]) -> None:
    """What should arrive, said before anything does."""
    page.goto(f"/w/{slug}/data/events/")
    sound(page, f"data-events-empty-{language}")
    page.locator("[data-dialog=plan]").first.click()
    dialog = page.locator("dialog[open]")
    dialog.locator("input[name=name]").fill(PAID)
    dialog.locator("[name=description]").fill("商家收到第一笔货款" if language == "zh" else "A shop is paid")
    page.wait_for_function("() => !document.getAnimations().some((each) => each.playState === 'running')")
    sound(page, f"data-plan-{language}")
    dialog.locator(".btn-primary").click()
    expect(page.locator("#event-rows tr")).to_have_count(1)
    expect(page.locator("#event-rows")).to_contain_text(words["missing"])


def see_it_arrive(
    page: Page, served: Served, source: str, key: str, words: dict[str, str], language: str
) -> None:
    """The live page shows by itself what came and why something was not taken."""
    page.goto(source)
    page.locator("a[href$='/live/']").click()
    page.wait_for_url("**/live/")
    sound(page, f"data-live-empty-{language}")
    page.locator("tp-live[data-state=live]").wait_for(state="attached")

    status, answer = send(served, key, *what_happened(language))
    assert (status, answer["accepted"]) == (200, 4)
    assert [(each["row"], each["code"]) for each in answer["refused"]] == [(4, "denied")]
    status, answer = send(served, key, {"event": "crawl", "distinct_id": "b"}, agent="Googlebot/2.1")
    assert (status, answer["code"], answer["accepted"]) == (200, "bot", 0)

    rows = page.locator("#arrival-rows > li")
    expect(rows).to_have_count(6)
    told = rows.filter(has_text=PAID)
    expect(told.locator(".badge")).to_have_text(words["taken"])
    told.locator("summary").click()
    expect(told).to_contain_text("1299.5")
    for event, why in (("debug_tick", "denied"), ("crawl", "bot")):
        row = rows.filter(has_text=event)
        expect(row.locator(".badge")).to_have_text(words["refused"])
        expect(row).to_contain_text(words[why])
        expect(row.locator("code")).to_have_count(0)  # nothing in words for programs
    sound(page, f"data-live-{language}")


def in_the_catalogue(
    page: Page, served: Served, slug: str, key: str, words: dict[str, str], language: str
) -> None:
    """It has arrived; more of it comes; it is made a key event; one of its properties is personal."""
    more = [{"event": PAID, "distinct_id": f"guest-{number % 40}"} for number in range(1202)]
    assert send(served, key, *more)[1]["accepted"] == len(more)
    page.goto(f"/w/{slug}/data/events/")
    paid = page.locator("#event-rows tr", has_text=PAID)
    expect(paid).to_contain_text(words["arriving"])
    counted(page, paid, words["count"])
    expect(page.locator("#event-rows tr", has_text="debug_tick")).to_have_count(0)
    sound(page, f"data-events-{language}")

    paid.locator("a.row-title").click()
    page.wait_for_url(re.compile(r"/data/events/[0-9a-f-]{36}/$"))
    expect(page.locator("tp-chart")).to_have_attribute("data-drawn", "")
    page.check("main input[name=key_event]")
    page.locator("form", has=page.locator("input[name=key_event]")).locator(".btn-primary").click()
    expect(page.locator("#event .page-head .badge", has_text=words["key event"])).to_be_visible()
    sound(page, f"data-event-{language}")

    page.locator("tbody a.row-title", has_text="phone").click()
    page.wait_for_url(re.compile(r"/properties/[0-9a-f-]{36}/$"))
    sound(page, f"data-property-{language}")
    page.goto(f"/w/{slug}/data/events/?state=key")
    expect(page.locator("#event-rows tr")).to_have_count(1)


def counted(page: Page, row: Locator, count: str) -> None:
    """The number is there as soon as all of it is stored."""
    until = time.monotonic() + 20
    while count not in row.inner_text():
        assert time.monotonic() < until, row.inner_text()
        page.wait_for_timeout(300)
        page.reload()


def the_user(page: Page, slug: str, words: dict[str, str], language: str) -> None:
    """Found by a part of the address; both ids are one user, with what it did before it signed in."""
    page.goto(f"/w/{slug}/users/")
    sound(page, f"data-users-{language}")
    page.locator("#user-q").press_sequentially("XM@sh")
    expect(page.locator("#user-rows li")).to_have_count(1)
    page.locator("#user-rows a").click()
    page.wait_for_url(re.compile(r"/users/[0-9a-f]{16}/$"))
    expect(page.locator("h1")).to_have_text(BUYER[language])
    for known in ("user-42", "visitor-1", "shop, east", "xm@shop.example", SHOP[language]):
        expect(page.locator("main")).to_contain_text(known)
    expect(page.locator("#timeline-rows > li:not(.timeline-pause)")).to_have_count(3)
    page.locator("#timeline-rows > li", has_text=PAID).locator("summary").click()
    sound(page, f"data-user-{language}")
    page.select_option("#timeline-event", PAID)
    expect(page.locator("#timeline-rows > li:not(.timeline-pause)")).to_have_count(1)


def the_customer(page: Page, slug: str, language: str) -> None:
    """From its user to the customer and who looks after it."""
    page.locator("main a", has_text=SHOP[language]).click()
    page.wait_for_url(re.compile(r"/customers/[0-9a-f-]{36}/$"))
    expect(page.locator("h1")).to_have_text(SHOP[language])
    expect(page.locator(".stat-value").first).to_have_text("1")
    expect(page.locator("main")).to_contain_text("seats")
    sound(page, f"data-customer-{language}")
    page.goto(f"/w/{slug}/customers/")
    sound(page, f"data-customers-{language}")
    page.locator("#customer-q").press_sequentially("west")
    expect(page.locator("#customer-rows li")).to_have_count(1)


def find_user(page: Page, slug: str) -> str:
    page.goto(f"/w/{slug}/users/?q=user-42")
    page.locator("#user-rows a").click()
    page.wait_for_url(re.compile(r"/users/[0-9a-f]{16}/$"))
    page.locator("tp-menu:defined").first.wait_for()
    page.click("#privacy-button")
    return page.url


def take_away(page: Page, slug: str, language: str) -> None:
    """All that is known of the user, as a file."""
    find_user(page, slug)
    page.locator("#privacy form button").click()
    page.wait_for_url("**/exports/**")
    expect(page.locator("#export .callout.good")).to_be_visible()
    sound(page, f"data-export-{language}")
    with page.expect_download() as waiting:
        page.locator("#export a.btn-primary").click()
    with zipfile.ZipFile(waiting.value.path()) as archive:
        assert BUYER[language] in archive.read("profile.json").decode()
        assert len(archive.read("events.jsonl").splitlines()) == 3


def erase(page: Page, faults: Faults, slug: str, language: str) -> None:
    """Only whoever types the name erases; then nobody finds the user any more."""
    gone = find_user(page, slug)
    page.locator("#privacy a").click()
    page.wait_for_url("**/erase/")
    page.fill("#id_typed", "someone else")
    page.click("main form .btn-danger")
    expect(page.locator("#typed-error")).to_be_visible()
    faults.expect("422")
    sound(page, f"data-erase-{language}")
    page.fill("#id_typed", BUYER[language])
    page.click("main form .btn-danger")
    page.wait_for_url("**/erasures/**")
    expect(page.locator("#erasure .callout.good")).to_be_visible(timeout=60_000)
    sound(page, f"data-erasure-{language}")
    for found in ("user-42", "visitor-1", "xm@shop"):
        page.goto(f"/w/{slug}/users/?q={found}")
        expect(page.locator("#user-rows")).to_have_count(0)
        expect(page.locator("#users .empty")).to_be_visible()
    sound(page, f"data-users-none-{language}")
    answer = page.goto(gone)
    assert answer.status == 404
    faults.expect("404")


def close_and_open(
    page: Page, served: Served, source: str, key: str, words: dict[str, str], language: str
) -> None:
    """Paused it refuses, resumed it takes; a retired key opens nothing until it is used again."""
    one = {"event": "still_there", "distinct_id": "guest-1"}

    def answered(status: int) -> None:
        """The capture processes hear of a change within a moment."""
        until = time.monotonic() + 20
        while (got := send(served, key, one))[0] != status:
            assert time.monotonic() < until, got
            page.wait_for_timeout(200)

    page.goto(source)
    page.click("button[hx-post$='/pause/']")
    expect(page.locator("#source .callout")).to_be_visible()
    answered(403)
    sound(page, f"data-source-paused-{language}")
    page.goto(source + "live/")
    expect(page.locator("#arrival-rows > li", has_text=words["paused"]).first).to_be_visible()
    page.goto(source)
    page.click("button[hx-post$='/resume/']")
    expect(page.locator("button[hx-post$='/pause/']")).to_be_visible()
    answered(200)
    page.click("button[hx-post$='/retire/']")
    expect(page.locator("[role=tab]")).to_have_count(0)
    answered(401)
    sound(page, f"data-source-closed-{language}")
    page.click("button[hx-post$='/revive/']")
    expect(page.locator("[role=tab]").first).to_be_visible()
    answered(200)
