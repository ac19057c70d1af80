"""Projects and departments as people of both languages make and rearrange them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.serving import Served

from .conftest import DESK, PHONE, SHOTS, Faults, sideways, violations
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
    # What was asked for before the click and comes after its answer does not take the pin away again.
    early: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if "tongpin-refresh" in route.request.headers:
            early.append((route, route.fetch()))
        else:
            route.continue_()

    second.wait_for_function("() => document.querySelector('tp-live:defined') !== null")
    second.route(f"**/w/{slug}/projects/DZD/", hold)
    second.evaluate("() => new BroadcastChannel('tongpin-live').postMessage({kind: 'resync', at: ''})")
    while not early:
        second.wait_for_timeout(50)
    second.locator("#project-head .pin").click()
    expect(second.locator("#project-head .pin")).to_have_attribute("aria-pressed", "true")
    for route, answer in early:
        route.fulfill(response=answer)
    second.unroute(f"**/w/{slug}/projects/DZD/")
    second.wait_for_timeout(300)
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


def pull(page: Page, name: str, beside: str, right: int, below: bool) -> tuple[float, float, float, float]:
    """From the middle of the handle of ``name`` to the lower (or upper) half of ``beside``, so far to the right."""
    handle = page.locator(".tree-row", has_text=name).last.locator("[data-handle]").bounding_box()
    goal = page.locator(".tree-row", has_text=beside).last.bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    return x, y, x + right, goal["y"] + goal["height"] * (0.8 if below else 0.2)


def drawn(page: Page) -> None:
    """The line that shows where it would go is where the pointer is."""
    page.wait_for_function("() => document.querySelector('.tree-line')?.style.top")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def drag(page: Page, name: str, beside: str, *, right: int, below: bool = True) -> None:
    """With the mouse."""
    x, y, to_x, to_y = pull(page, name, beside, right, below)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y + 8)
    page.mouse.move(to_x, to_y, steps=4)
    drawn(page)
    with page.expect_response("**/departments/move/"):
        page.mouse.up()


def swipe(page: Page, name: str, beside: str, *, right: int, below: bool = True) -> None:
    """With a finger."""
    x, y, to_x, to_y = pull(page, name, beside, right, below)
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *at: tuple[float, float]) -> None:
        points = [{"x": left, "y": top} for left, top in at]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (x, y))
    for part in (0.2, 0.6, 1):
        touch("touchMove", (x + (to_x - x) * part, y + (to_y - y) * part))
    drawn(page)
    with page.expect_response("**/departments/move/"):
        touch("touchEnd")


def press(page: Page, name: str, keys: str) -> None:
    """Keys on the handle of ``name``, and the server's answer."""
    page.locator(".tree-row", has_text=name).last.locator("[data-handle]").focus()
    with page.expect_response("**/departments/move/"):
        page.keyboard.press(keys)


def take_back(page: Page, undo: str) -> None:
    with page.expect_response("**/undo/"):
        page.locator(".toast").last.get_by_role("button", name=undo).click()


def choose(page: Page, name: str, item: str) -> None:
    """The item of the menu of ``name`` whose icon is ``item``."""
    row = page.locator(".tree-row", has_text=name).last
    row.locator("tp-menu button").first.click()
    row.locator(f".menu-item:has(use[href$='#{item}'])").click()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_tree_of_departments(person, served: Served, faults: Faults, language: str) -> None:
    slug, undo = f"tree-{language}", WORDS[language]["undo"]
    page = person(language, size=PHONE) if language == "zh" else person(language)
    move = swipe if language == "zh" else drag
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

    # Dragged into another and taken back; then again, right after a reload, and above the first.
    flat = ["Product", "Research", "Client", "Server"]
    move(page, "Client", "Research", right=40)
    take_back(page, undo)
    shaped(page, flat)
    move(page, "Client", "Research", right=40)
    shaped(page, ["Product", "Research", "  Client", "Server"])
    move(page, "Server", "Product", right=0, below=False)
    shaped(page, ["Server", "Product", "Research", "  Client"])

    # By keys, with the focus staying on what moved.
    press(page, "Client", "Alt+ArrowLeft")
    assert page.evaluate("document.activeElement.hasAttribute('data-handle')")
    press(page, "Server", "Alt+ArrowDown")
    shaped(page, ["Product", "Server", "Research", "Client"])

    # By the menu, without dragging.
    choose(page, "Server", "corner-down-right")
    page.select_option("#place-parent", label="Research")
    with page.expect_response("**/departments/move/"):
        page.locator("dialog .btn-primary").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    shaped(page, ["Product", "Research", "  Server", "Client"])

    # What is deleted lets go of what is in it; taking that back puts it where it was.
    choose(page, "Research", "trash-2")
    expect(page.locator(".tree-name")).to_have_text(["Product", "Server", "Client"])
    take_back(page, undo)
    shaped(page, ["Product", "Research", "  Server", "Client"])


def test_what_a_hand_holds_is_not_replaced(person, served: Served) -> None:
    """Another tab changes the tree while an item is held: it changes here when the item is let go."""
    page = person("en")
    page.goto("/accounts/signup/")
    sign_up(page, Account("沈一诺", "owner@held.example"), served)
    make_workspace(page, "Qingban", "held")
    page.goto("/w/held/departments/")
    for name in ("Product", "Research"):
        page.locator(".page-actions .btn-primary").click()
        page.fill("dialog input[name=name]", name)
        page.locator("dialog .btn-primary").click()
        expect(page.locator(".tree-name", has_text=name)).to_be_visible()
    other = page.context.new_page()
    other.goto("/w/held/departments/")
    page.wait_for_function("() => document.querySelector('tp-live').dataset.state")

    # The other tab's change is on its way here when the hand takes hold.
    answers: list[Route] = []
    page.route("**/w/held/departments/", lambda route: answers.append(route))
    with page.expect_request("**/w/held/departments/"):
        press(other, "Product", "Alt+ArrowDown")
    x, y, to_x, to_y = pull(page, "Research", "Product", 0, False)
    page.mouse.move(x, y)
    page.mouse.down()
    with page.expect_response("**/w/held/departments/"):
        answers[0].continue_()
    page.unroute("**/w/held/departments/")
    page.mouse.move(to_x, to_y, steps=4)
    drawn(page)
    assert page.locator(".tree-name").all_inner_texts() == ["Product", "Research"]
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".tree-name")).to_have_text(["Research", "Product"])
    expect(page.locator("[data-held]")).to_have_count(0)


@pytest.mark.parametrize(("language", "size"), [("zh", PHONE), ("en", DESK)], ids=["zh-phone", "en-desk"])
def test_what_happened_to_a_project_and_to_a_person(
    person, served: Served, language: str, size: dict[str, int]
) -> None:
    slug = f"past-{language}"
    page = person(language, "light", size)
    page.goto("/accounts/signup/")
    sign_up(page, Account("沈一诺", f"owner-{language}@past.example"), served)
    make_workspace(page, "Qingban", slug)
    page.goto(f"/w/{slug}/projects/new/")
    page.fill("input[name=name]", "店长端新店开张季门店拓展与员工排班联动😀")
    page.fill("input[name=key]", "OPEN")
    page.locator("main form .btn-primary").click()
    page.wait_for_url(f"**/w/{slug}/projects/OPEN/")

    page.goto(f"/w/{slug}/projects/OPEN/activity/")
    expect(page.locator("#activity-lines .row-day")).to_have_count(1)
    expect(page.locator("#activity-lines")).to_contain_text("沈一诺")
    assert sideways(page) == 0
    assert violations(page) == []
    page.screenshot(path=SHOTS / f"activity-{language}.png")
    page.select_option("#activity-who", index=1)
    page.locator("form.filters button").click()
    expect(page.locator("#activity-lines")).to_contain_text("沈一诺")

    page.goto(f"/w/{slug}/members/")
    page.locator("main a", has_text="沈一诺").first.click()
    page.locator("#object-activity summary").click()
    expect(page.locator("#object-activity-lines > *").first).to_be_visible()
    assert violations(page) == []
    page.screenshot(path=SHOTS / f"section-{language}.png")
