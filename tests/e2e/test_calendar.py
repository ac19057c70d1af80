"""The working calendar by hand: a day marked with the keyboard, undone, seen on a phone, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.serving import Served

from .conftest import PHONE, sideways, violations
from .steps import WORDS, Account, make_workspace, sign_up

NAMES = {
    "en": ("Company day", "own day off", "public holiday"),
    "zh": ("公司年会", "自定义休息日", "法定节假日"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_day_is_marked_by_keyboard_and_undone(person, served: Served, language: str) -> None:
    name, own_off, holiday = NAMES[language]
    slug = f"calendar-{language}"
    page = person(language)
    page.goto("/accounts/signup/")
    sign_up(page, Account("周牧", f"owner-{language}@calendar.example"), served)
    make_workspace(page, "晴班", slug)
    page.goto(f"/w/{slug}/settings/calendar/?year=2026")
    assert violations(page) == []

    # One stop of the Tab key, arrows from there; Enter asks about the day.
    day = page.locator("button[name=day]")
    expect(page.locator("button[name=day][tabindex='0']")).to_have_count(1)
    day.locator("xpath=self::*[@value='2026-12-23']").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    chosen = page.locator("button[name=day][value='2026-12-31']")
    expect(chosen).to_be_focused()
    page.keyboard.press("Enter")
    asked = page.locator("dialog[open]")
    asked.locator("input[name=name]").fill(name)
    assert violations(page) == []
    asked.locator(".btn-primary").click()
    expect(chosen).to_have_class("yd yd-own_off")
    expect(chosen).to_have_attribute("aria-label", f"{chosen.get_attribute('title')}")
    assert own_off in chosen.get_attribute("aria-label")
    assert name in chosen.get_attribute("aria-label")
    expect(asked).to_have_count(0)

    page.locator(".toast").get_by_role("button", name=WORDS[language]["undo"]).click()
    expect(chosen).to_have_class("yd yd-workday")
    assert holiday in page.locator("button[name=day][value='2026-10-01']").get_attribute("aria-label")

    page.set_viewport_size(PHONE)
    assert sideways(page) == 0
    page.locator("a[rel=next]").click()
    expect(page.locator("#year-title")).to_have_text("2027")
    expect(page.locator("#calendar .callout.warn")).to_be_visible()
