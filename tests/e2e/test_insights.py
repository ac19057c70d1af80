"""A trend from the first events to a saved insight and back; in both languages, desk and phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.serving import Served

from .looking import sound
from .sending import send
from .steps import Account, make_workspace, sign_up

NAME = "每日付费用户，按套餐拆分，给增长周会看的核心指标看板和复盘用的那一张图表 📈🎉"
SAYS = {
    "en": {"changed": "Changed, not saved", "save": "Save", "changes": "Save changes", "discard": "Discard",
           "delete": "Delete", "undo": "Undo", "more": "More", "users": "2 users"},
    "zh": {"changed": "有改动，未保存", "save": "保存", "changes": "保存改动", "discard": "放弃改动",
           "delete": "删除", "undo": "撤销", "more": "更多", "users": "2 位用户"},
}  # fmt: skip


def ask(page: Page, act: Callable[[], object]) -> None:
    """Change something in the form and wait for its answer."""
    with page.expect_response(
        lambda got: "/data/" in got.url and got.request.headers.get("hx-request") == "true"
    ):
        act()


def fill(page: Page, name: str, value: str) -> None:
    def act() -> None:
        page.fill(f"#question [name='{name}']", value)
        page.locator(f"#question [name='{name}']").blur()

    ask(page, act)


def start(page: Page, served: Served, slug: str) -> None:
    """A workspace whose source had three payments of two people, and a visit of a third."""
    page.goto("/accounts/signup/")
    sign_up(page, Account("沈一诺", f"{slug}@insights.example"), served)
    make_workspace(page, "晴班", slug)
    page.goto(f"/w/{slug}/settings/sources/")
    page.fill("main form input[name=name]", "官网")
    page.click("main form .btn-primary")
    page.wait_for_url(re.compile(r"/sources/[0-9a-f-]{36}/$"))
    key = page.locator("#key-rows code").first.inner_text().strip()
    paid = [
        {"event": "支付成功", "distinct_id": who, "properties": {"plan": plan}}
        for who, plan in (("ann", "pro"), ("ann", "pro"), ("bo", "free"))
    ]
    status, answer = send(served, key, *paid, {"event": "visited", "distinct_id": "cy"})
    assert (status, answer["accepted"]) == (200, 4)
    builder = f"/w/{slug}/data/new/trends/?series.0.event=支付成功&series.0.math=total"
    total = page.locator(".insight-total")
    for _ in range(120):
        page.goto(builder)
        if total.count() and total.first.inner_text() == "3":
            return
        page.wait_for_timeout(500)
    raise AssertionError("the events are not in the store")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_trend_is_built_opened_kept_changed_and_taken_back(
    person: Callable[..., Page], served: Served, language: str
) -> None:
    page, words, slug = person(language), SAYS[language], f"insights-{language}"
    start(page, served, slug)
    total = page.locator(".insight-total")

    page.goto(f"/w/{slug}/data/new/trends/")
    fill(page, "series.0.event", "支付成功")
    expect(total).to_have_text(["2"])
    ask(page, lambda: page.select_option("#question [name='series.0.math']", "total"))
    expect(total).to_have_text(["3"])
    fill(page, "breakdown.property", "plan")
    expect(total).to_have_text(["2", "1"])
    ask(page, lambda: page.click("#question button[name=preset][value='-6d']"))
    expect(page.locator("#question button[value='-6d']")).to_have_attribute("aria-pressed", "true")
    ask(page, lambda: page.click("#question button[name=add][value='where.of']"))
    fill(page, "where.of.0.property", "plan")
    fill(page, "where.of.0.value", "pro")
    expect(total).to_have_text(["2"])
    sound(page, f"insight-trend-{language}")
    ask(page, lambda: page.click("#question button[name=drop][value='where.of.0']"))
    expect(total).to_have_text(["2", "1"])
    fill(page, "breakdown.property", "")
    expect(total).to_have_text(["3"])
    asked = page.url

    total.first.click()
    expect(page.locator(".page-lead")).to_contain_text(words["users"])
    expect(page.locator("#behind-rows")).to_contain_text("ann")
    sound(page, f"insight-behind-{language}")
    page.go_back()
    expect(total).to_have_text(["3"])
    assert page.url == asked
    expect(page.locator("#question [name='series.0.event']")).to_have_value("支付成功")

    page.click("[data-dialog=save]")
    page.fill("#save-name", NAME)
    page.locator("dialog#save .btn-primary").click()
    page.wait_for_url(re.compile(r"/insights/[0-9a-f-]{36}/$"))
    expect(page.locator("h1")).to_have_text(NAME)
    kept = page.url
    sound(page, f"insight-kept-{language}")

    badge = page.locator(".page-actions").get_by_text(words["changed"])
    expect(badge).to_have_count(0)
    ask(page, lambda: page.select_option("#question [name='series.0.math']", "unique_users"))
    expect(badge).to_be_visible()
    sound(page, f"insight-changed-{language}")
    page.locator(".page-actions").get_by_role("link", name=words["discard"]).click()
    expect(total).to_have_text(["3"])
    expect(badge).to_have_count(0)
    ask(page, lambda: page.select_option("#question [name='series.0.math']", "unique_users"))
    ask(page, lambda: page.locator(".page-actions").get_by_role("button", name=words["changes"]).click())
    expect(badge).to_have_count(0)
    expect(total).to_have_text(["2"])
    assert page.url == kept

    page.locator("tp-menu:defined").first.wait_for()
    page.locator(".page-actions").get_by_role("button", name=words["more"], exact=True).click()
    page.get_by_role("menuitem", name=words["delete"]).click()
    page.wait_for_url(re.compile(rf"/w/{slug}/data/$"))
    expect(page.locator("#insight-list")).not_to_contain_text(NAME)
    page.locator("tp-toasts .toast", has_text=NAME).get_by_role("button", name=words["undo"]).click()
    expect(page.locator("#insight-list")).to_contain_text(NAME)
    sound(page, f"insights-{language}")
