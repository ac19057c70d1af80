"""A note written on a chart, seen there, chosen away and back, opened by key, deleted and brought back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.serving import Served

from .looking import sound
from .test_insights import start

TEXT = "v3.6 发版：开店三步引导 🚀 three-step-setup-with-a-very-long-unbroken-name"
SAYS = {
    "en": {"notes": "Notes", "delete": "Delete", "undo": "Undo", "table": "View as table"},
    "zh": {"notes": "备注", "delete": "删除", "undo": "撤销", "table": "看表格"},
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_note_on_the_chart(person: Callable[..., Page], served: Served, language: str) -> None:
    page, words, slug = person(language), SAYS[language], f"markers-{language}"
    start(page, served, slug)
    page.goto(f"/w/{slug}/data/new/trends/?series.0.event=支付成功&series.0.math=total&from=-29d")
    plot = page.locator("tp-plot[data-drawn]")
    plot.wait_for()
    page.locator("tp-dialog:defined").first.wait_for(state="attached")

    page.click("[data-dialog=note]")
    page.fill("#note-fields [name=text]", TEXT)
    page.keyboard.press("Enter")
    expect(page.locator("dialog#note")).to_be_hidden()
    mark = page.locator(".plot-mark[aria-label*='v3.6']")
    expect(mark).to_have_count(1)
    sound(page, f"markers-chart-{language}")

    page.click("#markers-button")
    page.locator("#markers-pop").get_by_role("checkbox", name=words["notes"], exact=True).uncheck()
    page.keyboard.press("Escape")
    expect(mark).to_have_count(0)
    page.click("#markers-button")
    page.locator("#markers-pop").get_by_role("checkbox", name=words["notes"], exact=True).check()
    page.keyboard.press("Escape")
    expect(mark).to_have_count(1)

    page.get_by_role("button", name=words["table"]).click()
    expect(page.locator(".chart-table td", has_text="v3.6")).to_have_count(1)
    page.locator("tp-plot [data-twin]").click()

    shares = mark.get_attribute("href") is None  # beside a holiday it is one of a list
    mark.focus()
    page.keyboard.press("Enter")
    if shares:
        page.locator(".plot-marks-pop:popover-open a", has_text="v3.6").click()
    page.wait_for_url("**/data/markers/*-*/")
    expect(page.locator("h1")).to_have_text(TEXT)
    sound(page, f"markers-note-{language}")

    page.locator(".page-actions").get_by_role("button", name=words["delete"]).click()
    page.wait_for_url("**/data/markers/")
    expect(page.locator("#marker-list")).not_to_contain_text("v3.6")
    page.locator("tp-toasts .toast").get_by_role("button", name=words["undo"]).click()
    expect(page.locator("#marker-rows")).to_contain_text("v3.6")
    sound(page, f"markers-list-{language}")
