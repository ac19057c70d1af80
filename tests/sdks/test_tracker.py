"""Our own tracker in Chromium, on a site of another origin: what it sends, and what it leaves behind."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Page

from tests.sdks.capturing import KEEP, LOSE, PATIENCE_S, POSTHOG, Capturing, gateway
from tests.sdks.site import site

from .test_browser import chromium, page

__all__ = ["chromium", "page"]


def tag(server: str, **attributes: str) -> str:
    """Code that puts the script into a page as a tag manager does."""
    given = {"key": POSTHOG, **attributes}
    data = "".join(f"s.dataset.{name} = {value!r};" for name, value in given.items())
    return (
        f"var s = document.createElement('script'); s.src = '{server}/t.js'; {data} document.head.append(s);"
    )


def loaded(page: Page) -> None:
    page.wait_for_function("window.tongpin && !Array.isArray(window.tongpin)")


def leave(page: Page, server: Capturing) -> None:
    """The page is left. Under the driver Chromium drops what is on its way when a page goes, so it is sent before."""
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    seen(server, "$pageview")
    assert [record.event for record in server.events()].count("$pageleave") >= 1


def seen(server: Capturing, *names: str) -> list[Any]:
    """Wait for these events. A page that was hidden and shown again tells of its leaving more than once."""
    deadline = time.monotonic() + PATIENCE_S
    while sorted(r.event for r in server.events() if r.event != "$pageleave") != sorted(names):
        assert time.monotonic() < deadline, [r.event for r in server.events()]
        time.sleep(0.1)
    left = [record for record in server.events() if record.event != "$pageleave"]
    return [left.pop(next(n for n, r in enumerate(left) if r.event == name)) for name in names]


def left_behind(page: Page) -> list[object]:
    return [
        page.context.cookies(),
        page.evaluate("Object.keys(localStorage)"),
        page.evaluate("sessionStorage.length"),
    ]


def test_a_visit_without_leaving_anything_behind(server: Capturing, page: Page):
    early = "window.tongpin = window.tongpin || []; tongpin.push(['track', 'early', {n: 1}]);"
    with site(early, tag(server.address)) as shop:
        page.goto(f"{shop}/start?utm_source=mail#top")
        loaded(page)
        page.evaluate("history.pushState({}, '', '/cart')")
        page.evaluate("history.replaceState({}, '', '/cart#section')")
        page.evaluate("tongpin.track('paid', {amount: 9.5, 名: '值'})")
        page.evaluate(
            "document.body.insertAdjacentHTML('beforeend', '<a id=out href=\"https://elsewhere.example/x\">Out</a>')"
        )
        page.evaluate("document.getElementById('out').addEventListener('click', e => e.preventDefault())")
        page.click("#out")
        page.evaluate("tongpin.identify('u1', {plan: 'pro'})")
        page.evaluate("tongpin.track('after')")
        names = [
            "early",
            "$pageview",
            "$pageleave",
            "$pageview",
            "paid",
            "$outbound_link",
            "$identify",
            "after",
        ]
        early_, first, left, second, paid, out, link, after = server.wait_for(*names)
        assert left_behind(page) == [[], [], 0]
    assert first.properties["utm_source"] == "mail"
    assert first.properties["$current_url"] == f"{shop}/start?utm_source=mail#top"
    assert first.properties["title"] == "Shop"
    assert left.properties["$current_url"] == f"{shop}/start?utm_source=mail#top"
    assert left.properties["$scroll_depth"] == 100
    assert 0 <= left.properties["$engagement_ms"] < 60_000
    assert second.properties["$current_url"] == f"{shop}/cart"
    assert second.properties["$referrer"] == f"{shop}/start?utm_source=mail#top"
    assert (paid.properties["amount"], paid.properties["名"], early_.properties["n"]) == (9.5, "值", 1)
    assert out.properties["$link_url"] == "https://elsewhere.example/x"
    visitor = first.distinct_id
    assert {r.distinct_id for r in (early_, left, second, paid, out)} == {visitor}
    assert (link.distinct_id, link.properties["$anon_distinct_id"], link.person.set) == (
        "u1",
        visitor,
        {"plan": "pro"},
    )
    assert after.distinct_id == "u1"


def test_the_next_page_of_the_same_day_is_the_same_visitor(server: Capturing, page: Page):
    with site(tag(server.address)) as shop:
        page.goto(f"{shop}/a")
        loaded(page)
        leave(page, server)
        page.click("text=Leave")
        page.wait_for_url("**/other**")
        loaded(page)
        first, second = seen(server, "$pageview", "$pageview")
    assert first.distinct_id == second.distinct_id
    assert second.properties["$referrer"] == f"{shop}/a"


def test_with_persist_an_id_of_the_browser_s_own_is_kept(server: Capturing, page: Page):
    with site(tag(server.address, persist="true")) as shop:
        page.goto(shop)
        loaded(page)
        kept = page.evaluate("localStorage.getItem('tongpin.id')")
        leave(page, server)
        page.reload()
        loaded(page)
        page.evaluate("tongpin.identify('u1')")
        first, second, link = seen(server, "$pageview", "$pageview", "$identify")
        assert page.context.cookies() == []
    assert kept
    assert first.distinct_id == second.distinct_id == link.properties["$anon_distinct_id"] == kept


def test_who_opts_out_is_not_measured_until_they_opt_in(server: Capturing, page: Page):
    with site(tag(server.address)) as shop:
        page.goto(shop)
        loaded(page)
        server.wait_for("$pageview")
        page.evaluate("tongpin.optOut()")
        page.evaluate("tongpin.track('secret')")
        page.reload()
        loaded(page)
        page.evaluate("tongpin.track('secret')")
        page.evaluate("tongpin.optIn()")
        page.evaluate("tongpin.track('open')")
        server.wait_for("$pageview", "open")


def test_what_was_refused_is_sent_again_and_counts_once(server: Capturing, page: Page):
    with (
        gateway(server.address, "/capture/", LOSE, KEEP) as before,
        site(tag(server.address, host=before.address)) as shop,
    ):
        page.goto(shop)
        loaded(page)
        page.evaluate("tongpin.track('paid')")
        server.wait_for("$pageview", "paid")
        for _ in range(300):
            if before.tries >= 3:
                break
            page.wait_for_timeout(200)
        assert before.tries >= 3
    assert len(server.events()) == 2
