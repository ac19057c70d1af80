"""Projects and departments as people of both languages make and rearrange them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.serving import Served

from .conftest import PHONE, Faults
from .steps import WORDS, Account, invitation_link, join, make_workspace, sign_up


def side(page: Page):
    """The sidebar's projects."""
    return page.locator("#nav-side-group-projects .nav-link")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_project_and_who_is_in_it(person, served: Served, faults: Faults, language: str) -> None:
    slug, undo = f"projects-{language}", WORDS[language]["undo"]
    owner = Account("沈一诺", f"owner-{language}@projects.example")
    mate = Account("何予安", f"mate-{language}@projects.example")
    first, second = person(language), person(language)
    first.goto("/accounts/signup/")
    sign_up(first, owner, served)
    make_workspace(first, "Qingban", slug)
    join(second, invitation_link(first, slug, "member"), mate)

    # From the keyboard to a project whose key comes from the name's pinyin.
    first.keyboard.press("g")
    first.keyboard.press("p")
    first.wait_for_url(f"**/w/{slug}/projects/")
    first.locator(".empty a").click()
    first.fill("input[name=name]", "店长端")
    expect(first.locator("#key-field input[name=key]")).to_have_value("DZD")
    first.locator("main form .btn-primary").click()
    first.wait_for_url(f"**/w/{slug}/projects/DZD/")
    expect(side(first).nth(1)).to_have_text("店长端")

    # The colleague sees it come, joins it and pins it; their other tab follows.
    second.goto(f"/w/{slug}/projects/")
    second.locator("#project-rows .row-title").click()
    tab = second.context.new_page()
    tab.goto(f"/w/{slug}/projects/")
    expect(side(tab)).to_have_count(1)
    second.locator("#project-head .pin").click()
    expect(second.locator("#project-head .pin")).to_have_attribute("aria-pressed", "true")
    expect(side(tab)).to_have_count(2)
    second.locator("#project-head .btn-primary").click()
    expect(second.locator("#project-more-button")).to_be_visible()

    # The lead makes them a viewer, takes them out, and takes that back.
    first.goto(f"/w/{slug}/projects/DZD/members/")
    row = first.locator("#place-rows li", has_text=mate.name)
    row.locator("select").select_option("viewer")
    expect(first.locator(".toast").last).to_contain_text(mate.name)
    row.locator("button").click()
    expect(row).to_have_count(0)
    first.locator(".toast").last.get_by_role("button", name=undo).click()
    expect(row.locator("select")).to_have_value("viewer")

    # By pinyin initials the picker finds whom the name does not spell.
    first.locator("#id_member").click()
    first.keyboard.type("hya")
    expect(first.locator(".combo-option", has_text=mate.name)).to_be_visible()
    first.keyboard.press("Escape")

    # A new key: the page's address follows; undo brings the old one back, and links with the other lead on.
    first.goto(f"/w/{slug}/projects/DZD/settings/")
    first.fill("input[name=key]", "STO")
    first.locator("main form .btn-primary").click()
    first.wait_for_url(f"**/w/{slug}/projects/STO/settings/")
    first.locator(".toast").last.get_by_role("button", name=undo).click()
    first.wait_for_url(f"**/w/{slug}/projects/DZD/settings/")
    tab.goto(f"/w/{slug}/projects/STO/")
    expect(tab).to_have_url(re.compile(f"/w/{slug}/projects/DZD/$"))

    # Private, and left: gone for the colleague, whose browser is led away.
    first.locator("input[name=visibility][value=private]").check()
    first.locator("main form .btn-primary").click()
    expect(first.locator("#project-head .badge")).to_be_visible()
    second.once("dialog", lambda dialog: dialog.accept())
    second.reload()
    second.locator("#project-more-button").click()
    second.locator("#project-more .menu-item").click()
    second.wait_for_url(f"**/w/{slug}/projects/")
    assert second.goto(f"/w/{slug}/projects/DZD/").status == 404
    faults.expect("404")


def tree(page: Page) -> list[str]:
    """Names in the tree, two spaces a level."""
    return page.evaluate("""() => [...document.querySelectorAll('.tree-name')].map((name) => {
        let level = -1;
        for (let up = name.closest('.tree'); up; up = up.parentElement.closest('.tree')) level += 1;
        return '  '.repeat(level) + name.textContent;
    })""")


def shaped(page: Page, wanted: list[str]) -> None:
    """The tree becomes this, here and, after a reload, on the server."""
    expect(page.locator(".tree-name")).to_have_text([name.strip() for name in wanted])
    page.wait_for_function("(n) => document.querySelectorAll('[data-dragging]').length === n", arg=0)
    page.reload(wait_until="load")
    page.wait_for_function("() => document.querySelector('tp-departments:defined') !== null")
    assert tree(page) == wanted


def drag(page: Page, name: str, beside: str, *, right: int, below: bool = True) -> None:
    """By the handle of ``name`` to the lower (or upper) half of ``beside``, and so far to the right."""
    handle = page.locator(".tree-row", has_text=name).last.locator("[data-handle]").bounding_box()
    goal = page.locator(".tree-row", has_text=beside).last.bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y + 8)
    page.mouse.move(x + right, goal["y"] + goal["height"] * (0.8 if below else 0.2), steps=4)
    page.wait_for_function("() => document.querySelector('.tree-line')?.style.top")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    with page.expect_response("**/departments/move/"):
        page.mouse.up()


def press(page: Page, name: str, keys: str) -> None:
    """Keys on the handle of ``name``, and the server's answer."""
    page.locator(".tree-row", has_text=name).last.locator("[data-handle]").focus()
    with page.expect_response("**/departments/move/"):
        page.keyboard.press(keys)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_tree_of_departments(person, served: Served, faults: Faults, language: str) -> None:
    slug, undo = f"tree-{language}", WORDS[language]["undo"]
    page = person(language, size=PHONE) if language == "zh" else person(language)
    page.goto("/accounts/signup/")
    sign_up(page, Account("沈一诺", f"owner-{language}@tree.example"), served)
    make_workspace(page, "Qingban", slug)
    page.goto(f"/w/{slug}/departments/")
    for name in ("Product", "Research", "Client", "Server"):
        page.locator(".page-actions .btn-primary").click()
        page.fill("dialog input[name=name]", name)
        page.locator("dialog .btn-primary").click()
        expect(page.locator("dialog[open]")).to_have_count(0)
        expect(page.locator(".tree-name", has_text=name)).to_be_visible()

    # A name that is taken is said in the dialog, with what was typed.
    page.locator(".page-actions .btn-primary").click()
    page.fill("dialog input[name=name]", "Client")
    page.locator("dialog .btn-primary").click()
    expect(page.locator("dialog .field-errors")).to_be_visible()
    expect(page.locator("dialog input[name=name]")).to_have_value("Client")
    faults.expect("422")
    page.locator("dialog [data-close]").first.click()

    drag(page, "Client", "Research", right=40)
    with page.expect_response("**/undo/"):
        page.locator(".toast").last.get_by_role("button", name=undo).click()
    shaped(page, ["Product", "Research", "Client", "Server"])

    press(page, "Client", "Alt+ArrowRight")
    assert page.evaluate("document.activeElement.hasAttribute('data-handle')"), (
        "the focus stays with what moved"
    )
    shaped(page, ["Product", "Research", "  Client", "Server"])
