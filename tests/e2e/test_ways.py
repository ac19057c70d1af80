"""A template opens the builder; ways are drawn as ribbons on a desk and as columns on a phone; in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.serving import Served

from .conftest import DESK, PHONE
from .looking import sound
from .sending import send
from .steps import Account, make_workspace, sign_up

SAYS = {"en": "Open", "zh": "打开"}


def start(page: Page, served: Served, slug: str) -> None:
    """Of three who search, two fill a cart and one of them signs up."""
    page.goto("/accounts/signup/")
    sign_up(page, Account("沈一诺", f"{slug}@ways.example"), served)
    make_workspace(page, "晴班", slug)
    page.goto(f"/w/{slug}/settings/sources/")
    page.fill("main form input[name=name]", "官网")
    page.click("main form .btn-primary")
    page.wait_for_url(re.compile(r"/sources/[0-9a-f-]{36}/$"))
    key = page.locator("#key-rows code").first.inner_text().strip()
    done = [
        ("ann", "search"),
        ("bo", "search"),
        ("cy", "search"),
        ("ann", "cart"),
        ("bo", "cart"),
        ("ann", "signed_up"),
    ]
    status, answer = send(served, key, *({"event": name, "distinct_id": who} for who, name in done))
    assert (status, answer["accepted"]) == (200, 6)
    field = page.locator("#template-after input[name=sign_up]")
    for _ in range(120):
        page.goto(f"/w/{slug}/data/templates/")
        if field.count() and field.input_value() == "signed_up":
            return
        page.wait_for_timeout(500)
    raise AssertionError("the catalogue does not know the events")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_template_is_opened_and_ways_are_followed(
    person: Callable[..., Page], served: Served, language: str
) -> None:
    page, slug = person(language), f"ways-{language}"
    start(page, served, slug)
    sound(page, f"templates-{language}")
    page.locator("#template-after").get_by_role("button", name=SAYS[language], exact=True).click()
    page.wait_for_url(re.compile(r"/data/new/paths/\?"))
    expect(page.locator("#question [name=start]")).to_have_value("signed_up")

    page.goto(f"/w/{slug}/data/new/paths/")
    page.locator("tp-ways:defined").wait_for()
    sound(page, f"ways-{language}")
    page.set_viewport_size(PHONE)
    expect(page.locator(".flow-picture")).to_be_hidden()
    expect(page.locator(".way-level").first).to_be_visible()
    page.set_viewport_size(DESK)
    expect(page.locator(".flow-picture")).to_be_visible()

    spot = page.locator("a.flow-spot", has_text="search")
    ribbon = page.locator("a.flow-ribbon", has_text="search → cart")
    expect(ribbon).not_to_have_attribute("data-lit", "")
    spot.focus()
    expect(ribbon).to_have_attribute("data-lit", "")
    spot.blur()
    expect(ribbon).not_to_have_attribute("data-lit", "")
    page.locator("a.flow-drop").first.focus()
    spot.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/data/people/"))
    expect(page.locator("#behind-rows li")).to_have_count(3)
