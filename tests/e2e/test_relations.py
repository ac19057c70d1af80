"""Linking what is on one page with what is on another, by search, by pinyin and by a pasted address."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Page, expect

from tests.serving import Served

from .conftest import DESK, PHONE, SHOTS, sideways, violations, watch
from .steps import WORDS, Account, make_workspace, sign_up

PHRASES = {
    "en": {"blocks": "blocks", "blocked": "is blocked by", "caused": "caused"},
    "zh": {"blocks": "阻塞", "blocked": "受阻于", "caused": "导致"},
}
LONG = "导出工资条🚀" + "一个很长很长的项目名称" * 5


def make_project(page: Page, slug: str, name: str, key: str) -> None:
    page.goto(f"/w/{slug}/projects/new/")
    page.fill("input[name=name]", name)
    page.fill("#key-field input[name=key]", key)
    page.locator("main form .btn-primary").click()
    page.wait_for_url(f"**/w/{slug}/projects/{key}/")


def shown(page: Page):
    return page.locator("#relation-rows > li")


def picture(page: Page, name: str) -> None:
    if os.environ.get("TONGPIN_PICTURES"):
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"relations-{name}.png", full_page=True)


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("zh", PHONE)])
def test_two_projects_that_block_each_other(person, served: Served, faults, language, size) -> None:
    slug, words = f"relations-{language}", PHRASES[language]
    page: Page = person(language, size=size)
    page.goto("/accounts/signup/")
    sign_up(page, Account("沈一诺", f"owner-{language}@relations.example"), served)
    make_workspace(page, "Qingban", slug)
    make_project(page, slug, LONG, "GZT")
    make_project(page, slug, "店长端", "STO")
    other = page.context.new_page()
    watch(other, faults)
    other.goto(f"/w/{slug}/projects/GZT/")

    # By keyboard: the search box has the focus, pinyin initials find the other, Enter takes it.
    page.locator("#relations .btn").first.click()
    box = page.locator("#id_other")
    expect(box).to_be_focused()
    page.select_option("#id_phrase", "blocks")
    box.focus()
    page.keyboard.type("dcgz")
    expect(page.locator(".combo-option").first).to_contain_text("导出工资条")
    page.keyboard.press("Enter")
    expect(page.locator(".combo-chip")).to_have_count(1)
    assert violations(page) == []
    picture(page, f"{language}-dialog")
    page.locator("#relation-box .btn-primary").click()
    expect(shown(page)).to_have_count(1)
    expect(shown(page)).to_contain_text(words["blocks"])
    expect(page.locator("#relation-box")).not_to_be_visible()
    assert sideways(page) == 0
    assert violations(page) == []
    picture(page, f"{language}-panel")

    # The other project's page, open in another tab, says it from its side.
    expect(shown(other)).to_have_count(1)
    expect(shown(other)).to_contain_text(words["blocked"])

    # Back the other way would be a circle: said in the dialog, what was chosen stays. A pasted link is recognised.
    other.locator("#relations .btn").first.click()
    other.select_option("#id_phrase", "blocks")
    other.locator("#id_other").fill(f"{served.address}/w/{slug}/projects/STO/")
    other.locator(".combo-option", has_text="店长端").click()
    other.locator("#relation-box .btn-primary").click()
    expect(other.locator("#relation-box [role=alert]")).to_be_visible()
    expect(other.locator("#relation-box .combo-chip")).to_contain_text("店长端")
    picture(other, f"{language}-refused")
    faults.expect("422")
    # With the list of the search box open, one press on the button is enough although the list goes and it moves.
    other.select_option("#id_phrase", "caused")
    other.locator("#id_other").press("ArrowDown")
    expect(other.locator(".combo-option").first).to_be_visible()
    other.locator("#relation-box .btn-primary").click()
    expect(shown(other)).to_have_count(2)
    expect(shown(other).last).to_contain_text(words["caused"])

    # Removed, and brought back.
    shown(other).last.locator("button").click()
    expect(shown(other)).to_have_count(1)
    other.locator(".toast").last.get_by_role("button", name=WORDS[language]["undo"]).click()
    expect(shown(other)).to_have_count(2)
    expect(shown(page)).to_have_count(2)
