"""Every component in every state, used by hand: keyboard, morph, both themes and languages, a narrow phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, expect

from .conftest import DESK, PHONE, sideways, violations

NARROW = {"width": 320, "height": 700}
Person = Callable[..., Page]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE, NARROW], ids=["desk", "phone", "narrow"])
def test_it_is_accessible_and_fits(person: Person, language: str, theme: str, size: dict[str, int]):
    page = person(language, theme, size)
    page.goto("/gallery/")
    expect(page.locator("html")).to_have_attribute("lang", {"en": "en", "zh": "zh-Hans"}[language])
    page.locator("#g-chart").scroll_into_view_if_needed()
    page.wait_for_selector("#g-chart[data-drawn]")
    assert sideways(page) == 0
    assert violations(page) == []


def test_a_menu_by_keyboard(person: Person):
    page = person()
    page.goto("/gallery/")
    button = page.locator("#gallery-menu-button")
    button.press("Enter")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Copy link")).to_be_focused()
    page.keyboard.press("d")
    expect(page.get_by_role("menuitem", name="Delete")).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_a_dialog_takes_the_focus_and_gives_it_back(person: Person):
    page = person()
    page.goto("/gallery/")
    page.get_by_role("button", name="Open dialog").click()
    dialog = page.get_by_role("dialog", name="Rename workspace")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Open dialog")).to_be_focused()


def test_messages_are_seen_and_announced_over_a_dialog(person: Person):
    page = person(language="zh")
    page.goto("/gallery/")
    page.get_by_role("button", name="打开对话框").click()
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('toast', {detail: {message: '已重命名。', undo: 'x'}}))"
    )
    expect(page.locator(".toast").get_by_text("已重命名。")).to_be_visible()
    # A modal dialog silences all that is outside it, so the announcement is made inside.
    expect(page.locator("#gallery-dialog [role=status]")).to_have_text("已重命名。")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="撤销").focus()
    expect(page.get_by_role("button", name="撤销")).to_be_focused()


def test_the_theme_and_density_hold(person: Person):
    page = person()
    page.goto("/gallery/")
    with page.expect_response("**/appearance/"):
        page.get_by_role("button", name="Dark").click()
    with page.expect_response("**/appearance/"):
        page.get_by_role("button", name="Compact").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_attribute("data-density", "compact")


def test_a_chart_by_keyboard_as_table_and_as_picture(person: Person):
    page = person()
    page.goto("/gallery/")
    page.locator("#g-chart").scroll_into_view_if_needed()
    page.wait_for_selector("#g-chart[data-drawn]")
    page.evaluate(
        "document.getElementById('g-chart').addEventListener('tp-pick', (e) => { window.picked = e.detail.date; })"
    )
    plot = page.locator("#g-chart .chart-plot")
    plot.press("Home")
    plot.press("ArrowRight")
    expect(page.locator("#g-chart .chart-cursor")).to_contain_text("Jan 2")
    plot.press("Enter")
    assert re.fullmatch(r"\d{4}-01-02", page.evaluate("window.picked"))
    plot.click(position={"x": 500, "y": 150})
    assert page.evaluate("window.picked") > "2000-01-10"
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as PNG").click()
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")
    page.get_by_role("button", name="View as table").click()
    expect(page.locator("#g-chart tbody tr").first).to_be_visible()
    expect(plot).to_be_hidden()


def test_choosing_people_and_a_day(person: Person):
    page = person()
    page.goto("/gallery/")
    box = page.get_by_role("combobox", name="Members")
    box.fill("hya")
    expect(page.locator("#id_members-list").get_by_role("option")).to_have_count(1)
    box.press("Enter")
    values = "[...document.querySelectorAll('#id_members-picker input[type=hidden]')].map((i) => i.value)"
    assert page.evaluate(values) == ["沈一诺", "何予安"]
    box.press("Escape")
    box.press("Backspace")
    assert page.evaluate(values) == ["沈一诺"]
    box.press("Escape")
    page.get_by_role("button", name="Open the calendar").click()
    expect(page.locator("calendar-month")).to_be_visible()
    focused = "(day) => document.activeElement?.shadowRoot?.activeElement?.textContent.trim() === day"
    page.wait_for_function(focused, arg="20")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(focused, arg="21")
    page.keyboard.press("Enter")
    expect(page.locator("#g-date")).to_have_value("2026-11-21")


@pytest.mark.parametrize(
    ("language", "hint", "button"),
    [("en", "YYYY-MM-DD", "Open the calendar"), ("zh", "年-月-日", "打开日历")],
)
def test_a_day_is_typed_as_people_write_it(person: Person, language: str, hint: str, button: str):
    page = person(language)
    page.goto("/gallery/")
    day = page.locator("#g-date")
    expect(day).to_have_attribute("placeholder", hint)
    expect(day).to_have_value("2026-11-20")
    for typed, read in (
        ("2026年11月26日", "2026-11-26"),
        ("2026/1/5", "2026-01-05"),
        ("20261231", "2026-12-31"),
        ("2026-02-30", "2026-02-30"),
    ):
        day.fill(typed)
        day.press("Tab")
        expect(day).to_have_value(read)
    assert day.evaluate("(field) => field.validity.customError")
    day.fill("2026-11-26")
    page.evaluate("document.documentElement.dataset.weekStart = '0'")
    for y in (40, 560):  # near the top, near the bottom: the calendar turns to where there is room
        day.evaluate("(field, y) => scrollBy(0, field.getBoundingClientRect().top - y)", y)
        page.get_by_role("button", name=button).click()
        expect(page.locator("calendar-month th").first).to_have_text(re.compile("^(S|星期日)"))
        expect(page.locator(".date-pop")).to_be_in_viewport(ratio=1)
        page.keyboard.press("Escape")


def test_without_script_a_day_is_the_browser_s_own_field(served):
    assert 'type="date" id="g-date"' in requests.get(f"{served.address}/gallery/", timeout=60).text


def test_a_key_of_an_input_method_chooses_nothing(person: Person):
    page = person(language="zh")
    page.goto("/gallery/")
    box = page.get_by_role("combobox", name="成员")
    box.fill("hya")
    expect(page.locator("#id_members-list").get_by_role("option")).to_have_count(1)
    box.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    assert page.locator("#id_members-picker .combo-chip").count() == 1


def test_selecting_a_range(person: Person):
    page = person()
    page.goto("/gallery/")
    boxes = page.locator("#g-rows input[data-bulk]")
    boxes.nth(0).check()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(page.locator(".bulk-count")).to_have_text("4 selected")
    page.keyboard.press("Escape")
    expect(page.locator(".bulk")).to_be_hidden()


def test_what_was_chosen_outlives_a_morph_of_the_page(person: Person):
    page = person()
    page.goto("/gallery/")
    page.locator("#g-t2").click()
    page.locator("#g-rows input[data-bulk]").nth(1).check()
    page.get_by_role("textbox", name="Email").first.fill("half-typed")
    page.evaluate(
        "async () => { const text = await (await fetch(location.href)).text();"
        " const target = document.getElementById('main');"
        " await window.htmx.swap({text, target, select: '#main', swap: 'outerMorph'}); }"
    )
    expect(page.locator("#g-p2")).to_be_visible()
    expect(page.locator("#g-p1")).to_be_hidden()
    expect(page.locator(".bulk-count")).to_have_text("1 selected")
    expect(page.get_by_role("textbox", name="Email").first).to_have_value("half-typed")
    expect(page.get_by_role("button", name="Open the calendar")).to_be_visible()
