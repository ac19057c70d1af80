"""The web overview: from a site's first page views to only some of the visits; in both languages, desk and phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.serving import Served

from .looking import sound
from .sending import send
from .steps import Account, make_workspace, sign_up

SAYS = {
    "en": {
        "entry": "Entry pages", "channel": "Organic search", "open": "Open as insight",
        "now": "Users in the last 5 minutes",
    },
    "zh": {"entry": "入口页", "channel": "自然搜索", "open": "在分析中打开", "now": "最近 5 分钟的用户"},
}  # fmt: skip
LONG = "/blog/" + "how-to-plan-shifts-" * 8


def ready(page: Page) -> None:
    """Every box has come, and the chart is drawn."""
    expect(page.locator("#web-events table")).to_be_visible()
    expect(page.locator("[data-loading]")).to_have_count(0)
    expect(page.locator("tp-plot")).to_have_attribute("data-drawn", "")


def totals(page: Page) -> list[str]:
    return page.locator(".insight-answer .insight-total").all_inner_texts()[:3]


def start(page: Page, served: Served, slug: str) -> None:
    """A workspace with a site that three people saw: one came by a search engine, and went on."""
    page.goto("/accounts/signup/")
    sign_up(page, Account("沈一诺", f"{slug}@web.example"), served)
    make_workspace(page, "晴班", slug)
    page.goto(f"/w/{slug}/data/web/")
    expect(page.locator("#web .empty")).to_be_visible()
    page.goto(f"/w/{slug}/settings/sources/")
    page.fill("main form input[name=name]", "官网")
    page.click("main form .btn-primary")
    page.wait_for_url(re.compile(r"/sources/[0-9a-f-]{36}/$"))
    key = page.locator("#key-rows code").first.inner_text().strip()
    page.goto(f"/w/{slug}/data/web/")
    expect(page.locator("#web pre")).to_contain_text(key)
    sound(page, f"{slug}-none")
    views = [
        ("ann", "/", "https://www.baidu.com/s?wd=x"), ("ann", "/pricing", "https://acme.example/"),
        ("bo", LONG, ""), ("cy", "/", ""),
    ]  # fmt: skip
    sent = [
        {
            "event": "$pageview",
            "distinct_id": who,
            "properties": {
                "$current_url": f"https://acme.example{path}",
                "$referrer": came,
                "$language": "zh-CN",
            },
        }
        for who, path, came in views
    ]
    status, answer = send(served, key, *sent)
    assert (status, answer["accepted"]) == (200, 4)
    for _ in range(120):
        page.goto(f"/w/{slug}/data/web/?from=today")
        if totals(page) == ["3", "3", "4"]:
            return
        page.wait_for_timeout(500)
    raise AssertionError("the page views are not in the store")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_site_is_looked_at_narrowed_and_opened_as_an_insight(
    person: Callable[..., Page], served: Served, language: str
) -> None:
    page, words, slug = person(language), SAYS[language], f"web-{language}"
    start(page, served, slug)
    ready(page)
    expect(page.locator("#web-now")).to_contain_text(words["now"])
    expect(page.locator("#web-now .insight-total").first).to_have_text("3")
    sound(page, f"web-{language}")

    page.locator("#web-pages").get_by_role("link", name=words["entry"]).click()
    rows = page.locator("#web-pages tbody tr")
    expect(rows.filter(has_text="/pricing")).to_have_count(0)
    expect(rows).to_have_count(2)
    expect(page.locator("#web-pages [aria-current=page]")).to_have_text(words["entry"])

    page.locator("#web-sources").get_by_role("link", name=words["channel"]).click()
    page.wait_for_url(re.compile("channel=Organic"))
    ready(page)
    assert totals(page) == ["1", "1", "2"]
    chip = page.locator("#web .filter-chip")
    expect(chip).to_contain_text(words["channel"])
    sound(page, f"web-narrowed-{language}")

    page.locator("#web-pages").get_by_role("link", name=words["open"]).click()
    page.wait_for_url(re.compile("/data/new/sessions/"))
    expect(page.locator(".insight-total").first).to_have_text("1")
    expect(page.locator("#question [name='visit.1.value']")).to_have_value("Organic Search")
    page.locator("tp-plot[data-drawn]").wait_for()
    sound(page, f"web-insight-{language}")
    page.go_back()
    ready(page)
    chip.click()
    page.wait_for_url(lambda url: "channel=" not in url)
    ready(page)
    assert totals(page) == ["3", "3", "4"]

    page.locator("#web-pages tbody .link").first.click()
    expect(page.locator("#behind-rows")).to_be_visible()
