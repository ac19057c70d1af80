"""A segment from its rule to a filter, and from a number to a segment; in both languages, desk and phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.serving import Served

from .looking import sound
from .test_insights import ask, fill, start

NAME = "付过两次钱但最近两周没有退款的商家负责人，给客户成功每周跟进用的名单 💎"
SAYS = {
    "en": {"of": "of 3 users", "undo": "Undo", "delete": "Delete", "more": "More",
           "keep": "Keep as a segment", "save": "Save"},
    "zh": {"of": "共 3 位用户", "undo": "撤销", "delete": "删除", "more": "更多",
           "keep": "存为人群", "save": "保存"},
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_segment_is_built_used_and_taken_back(
    person: Callable[..., Page], served: Served, language: str
) -> None:
    page, words, slug = person(language), SAYS[language], f"segments-{language}"
    start(page, served, slug)
    size = page.locator("#segment .insight-total")

    page.goto(f"/w/{slug}/data/segments/")
    sound(page, f"segments-empty-{language}")
    page.locator(".page-actions .btn-primary").click()
    expect(size).to_have_text("3")
    expect(page.locator("#segment-answer")).to_contain_text(words["of"])
    fill(page, "who.of.0.event", "支付成功")
    expect(size).to_have_text("2")
    fill(page, "who.of.0.times", "2")
    expect(size).to_have_text("1")
    ask(page, lambda: page.select_option("#question [name='who.of.0.done']", "false"))
    expect(size).to_have_text("2")
    ask(page, lambda: page.select_option("#question [name='who.of.0.done']", "true"))
    expect(size).to_have_text("1")
    ask(page, lambda: page.click("#question button[name=add][value='who.of']"))
    expect(page.locator("#question [name='who.of.1.property']")).to_be_visible()
    sound(page, f"segment-builder-{language}")
    ask(page, lambda: page.click("#question button[name=drop][value='who.of.1']"))
    expect(page.locator("#question [name='who.of.1.property']")).to_have_count(0)

    page.click("[data-dialog=save]")
    page.fill("#save-name", NAME)
    page.locator("dialog#save .btn-primary").click()
    page.wait_for_url(re.compile(r"/segments/[0-9a-f-]{36}/$"))
    expect(page.locator("h1")).to_have_text(NAME)
    expect(size).to_have_text("1")
    expect(page.locator("#member-rows")).to_contain_text("ann")
    kept = page.url
    sound(page, f"segment-{language}")

    page.locator(".page-actions .btn-primary").click()
    page.wait_for_url(re.compile(r"/data/new/trends/"))
    total = page.locator("#insight .insight-total")
    expect(total).to_have_text(["1"])
    ask(page, lambda: page.select_option("#question [name='where.of.0.op']", "not_in"))
    expect(total).to_have_text(["2"])
    ask(page, lambda: page.click("#question button[name=drop][value='where.of.0']"))
    expect(total).to_have_text(["3"])
    segment = kept.rstrip("/").rsplit("/", 1)[-1]
    ask(page, lambda: page.select_option("#question [name='breakdown.segments.0']", segment))
    expect(total).to_have_text(["2", "1"])
    sound(page, f"segment-breakdown-{language}")

    page.goto(kept)
    page.locator("tp-menu:defined").first.wait_for()
    page.locator(".page-actions").get_by_role("button", name=words["more"], exact=True).click()
    page.get_by_role("menuitem", name=words["delete"]).click()
    page.locator("dialog#delete .btn-danger").click()
    page.wait_for_url(re.compile(rf"/w/{slug}/data/segments/$"))
    expect(page.locator("#segment-list")).not_to_contain_text(NAME)
    page.locator("tp-toasts .toast", has_text=NAME).get_by_role("button", name=words["undo"]).click()
    expect(page.locator("#segment-list")).to_contain_text(NAME)
    sound(page, f"segments-{language}")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_number_becomes_a_segment_and_a_list_is_pasted(
    person: Callable[..., Page], served: Served, language: str
) -> None:
    page, words, slug = person(language), SAYS[language], f"numbers-{language}"
    start(page, served, slug)
    page.locator("#insight .insight-total").first.click()
    expect(page.locator("#behind-rows")).to_contain_text("ann")
    page.get_by_role("button", name=words["keep"]).click()
    page.fill("#save-name", "Payers")
    sound(page, f"segment-keep-{language}")
    page.locator("dialog#keep .btn-primary").click()
    page.wait_for_url(re.compile(r"/segments/[0-9a-f-]{36}/$"))
    expect(page.locator("#segment .insight-total")).to_have_text("2")
    expect(page.locator("#member-rows")).to_contain_text("bo")

    page.goto(f"/w/{slug}/data/segments/upload/")
    page.fill("#list-name", "名单")
    page.fill("#list-pasted", "user_id\nann\nann\nzoe\n")
    sound(page, f"segment-upload-{language}")
    page.locator("main form .btn-primary").click()
    page.wait_for_url(re.compile(r"/segments/[0-9a-f-]{36}/$"))
    expect(page.locator("#segment .insight-total")).to_have_text("1")
    expect(page.locator("#member-rows")).to_contain_text("ann")
    sound(page, f"segment-list-{language}")
