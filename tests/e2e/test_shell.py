"""The shell around every page: palette, typed keys, sheet, phone menu, and hints shared by the tabs of a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import PHONE, violations
from .steps import open_palette

Person = Callable[..., Page]
HINT = """(subjects) => new BroadcastChannel("tongpin-live")
    .postMessage({kind: "changed", at: "", w: "SLUG", s: subjects})"""


ENTER = """
import json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User, Workspace
workspace = Workspace.objects.create(slug="shell", name="晴班")
made = {}
for language in ("en", "zh-hans"):
    user = User.objects.create_user(f"{language}@shell.example", name="沈一诺", language=language)
    Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    made[language] = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key}
print(json.dumps(made))
"""


@pytest.fixture(scope="module")
def cookies(served: Any) -> dict[str, dict[str, str]]:
    """The session of an owner who reads English and of one who reads Chinese."""
    return json.loads(served.script(ENTER).splitlines()[-1])


@pytest.fixture
def home(served: Any, person: Person, cookies: dict[str, dict[str, str]]) -> Callable[..., tuple[Page, str]]:
    """``home(language="zh")``: the Home of a workspace, and its slug."""

    def arrive(language: str = "en", **profile: object) -> tuple[Page, str]:
        page = person(language, **profile)
        cookie = cookies[{"en": "en", "zh": "zh-hans"}[language]]
        page.context.add_cookies([cookie | {"url": served.address}])
        page.goto("/w/shell/")
        return page, "shell"

    return arrive


def test_the_palette_finds_pages_by_pinyin_and_ignores_the_input_method(home):
    page, slug = home(language="zh")
    open_palette(page)
    box = page.get_by_role("combobox", name="搜索或跳转")
    expect(box).to_be_focused()
    assert violations(page) == []
    box.fill("cy")
    first = page.locator("#palette-list [role=option]").first
    expect(first).to_contain_text("成员")
    box.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    expect(box).to_be_visible()
    with page.expect_navigation(url=re.compile(f"/w/{slug}/members/")):
        box.press("Enter")


def test_typed_keys_and_their_sheet(home):
    page, slug = home()
    page.goto(f"/w/{slug}/members/")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.locator("main input[type=search], main input.input").first.focus()
    page.keyboard.type("gh?")
    expect(page).to_have_url(re.compile("/members/"))
    expect(sheet).to_be_hidden()
    page.evaluate("document.activeElement.blur()")
    with page.expect_navigation(url=re.compile(f"/w/{slug}/$")):
        page.keyboard.type("gh")


def test_the_palette_acts(home):
    page, _slug = home(language="zh")
    open_palette(page)
    options = page.locator("#palette-list [role=option]")
    expect(options.first).to_contain_text("回看一次上线")
    expect(options.first).to_be_in_viewport()
    box = page.get_by_role("combobox", name="搜索或跳转")
    for typed in ("szt", "dark", "深色"):
        box.fill(typed)
        expect(options.filter(has_text="深色主题")).to_be_visible()
    with page.expect_response("**/appearance/"):
        box.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    open_palette(page)
    box.fill("english")
    with page.expect_navigation():
        box.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    open_palette(page)
    box = page.get_by_role("combobox", name="Search or jump")
    box.fill("浅色")
    with page.expect_response("**/appearance/"):
        box.press("Enter")
    open_palette(page)
    box.fill("chinese")
    with page.expect_navigation():
        box.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")


def test_the_sheet_prints_what_the_page_has(home):
    page, slug = home()
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    shown = {
        "Go to the filter": (0, 1, 0),
        "Next, previous": (0, 1, 0),
        "Select": (0, 0, 0),
        "Settings": (1, 1, 1),
    }
    for at, path in enumerate(("", "members/", "settings/")):
        page.goto(f"/w/{slug}/{path}")
        page.keyboard.press("?")
        expect(sheet).to_be_visible()
        words = sheet.locator("dt:visible").all_inner_texts()
        assert {word: words.count(word) for word in shown} == {
            word: row[at] for word, row in shown.items()
        }, path
        page.keyboard.press("Escape")
    page.keyboard.press("c")  # there is more than one thing to begin
    expect(page.locator("#side-new-menu")).to_be_visible()


def test_the_phone_menu_holds_every_page(home):
    page, slug = home(size=PHONE)
    page.locator("#phone-more-button").click()
    sheet = page.locator("#phone-more")
    expect(sheet).to_be_visible()
    expect(sheet.locator(f"a[href='/w/{slug}/members/']")).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_one_tab_listens_for_all_and_hands_over(home):
    page, slug = home()
    context = page.context
    expect(page.locator("tp-live")).to_have_attribute("data-state", "live")
    other = context.new_page()
    other.goto(f"/w/{slug}/")
    other.wait_for_function("() => navigator.locks.query().then((all) => all.pending.length === 1)")
    assert other.locator("tp-live").get_attribute("data-state") is None
    page.close()
    expect(other.locator("tp-live")).to_have_attribute("data-state", "live")


def test_a_hint_refreshes_what_listens_but_not_under_a_typing_hand(home):
    page, slug = home()
    page.goto(f"/w/{slug}/members/")
    hint = HINT.replace("SLUG", slug)
    marked = "document.querySelector('#members .row-title, #members a').setAttribute('data-mark', 'old')"
    page.evaluate(marked)
    teller = page.context.new_page()
    teller.goto("/gallery/")
    page.bring_to_front()
    teller.evaluate(hint, ["no.such"])
    teller.evaluate(hint, ["tenancy.membership"])
    expect(page.locator("[data-mark=old]")).to_have_count(0)
    page.evaluate(marked)
    page.evaluate(
        "() => { const i = document.createElement('input'); i.id = 'typing';"
        " document.getElementById('members').append(i); i.focus(); }"
    )
    answers: list[str] = []
    page.on("request", lambda asked: answers.append(asked.url))
    teller.evaluate(hint, ["tenancy.membership"])
    page.wait_for_timeout(400)
    assert answers == []
    page.evaluate("document.activeElement.blur()")
    expect(page.locator("[data-mark=old]")).to_have_count(0)
