"""Sign-up to undo, with two browsers, in both languages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.serving import Served

from .conftest import Faults
from .steps import WORDS, Account, invitation_link, join, make_workspace, open_palette, sign_up


@pytest.mark.parametrize("language", ["en", "zh"])
def test_from_sign_up_to_undo(person, served: Served, faults: Faults, language: str) -> None:
    words, slug = WORDS[language], f"people-{language}"
    owner = Account("沈一诺" if language == "zh" else "Yinuo Shen", f"owner-{language}@people.example")
    mate = Account("何予安" if language == "zh" else "Yu'an He", f"mate-{language}@people.example")
    guest = Account("Kim", f"guest-{language}@people.example")

    first = person(language)
    first.goto("/accounts/signup/")
    expect(first.locator("main h1")).to_be_visible()
    sign_up(first, owner, served)
    make_workspace(first, "晴班" if language == "zh" else "Qingban", slug)

    # A second browser comes in through a link, a third as a guest.
    second = person(language)
    join(second, invitation_link(first, slug, "member"), mate)
    third = person(language)
    join(third, invitation_link(first, slug, "guest"), guest)

    # The guest is refused what is not a guest's.
    assert third.goto(f"/w/{slug}/settings/").status == 403
    faults.expect("403")

    # A change in one browser appears in the other by itself, without a reload.
    second.goto(f"/w/{slug}/members/")
    second.evaluate("window.stayed = true")
    first.goto(f"/w/{slug}/members/")
    row = first.locator("[data-row]", has_text=guest.email)
    row.locator("select[name=role]").select_option("member")
    expect(second.locator("[data-row]", has_text=guest.email).locator(".badge.outline")).not_to_have_text(
        re.compile("Guest|访客")
    )
    assert second.evaluate("window.stayed") is True

    # Undo takes it back, for both.
    first.locator(".toast").get_by_role("button", name=words["undo"]).click()
    expect(second.locator("[data-row]", has_text=guest.email).locator(".badge.outline")).to_have_text(
        re.compile("Guest|访客")
    )

    # The palette by keyboard: pinyin initials find the page and the person.
    open_palette(first)
    palette = first.locator("tp-palette dialog")
    expect(palette).to_be_visible()
    first.keyboard.type("hk" if language == "zh" else "look")
    expect(palette.locator("[role=option]").first).to_contain_text(re.compile("回看|Look back"))
    first.keyboard.press("Enter")
    first.wait_for_url(re.compile(f"/w/{slug}/lookback/"))
    if language == "zh":
        open_palette(first)
        first.keyboard.type("hya")
        expect(palette.locator("[role=option]", has_text=mate.name)).to_be_visible()
        first.keyboard.press("Escape")

    # Language and theme are the reader's own and stay.
    first.goto("/profile/")
    first.locator("main select[name=language]").select_option("en" if language == "zh" else "zh-hans")
    first.locator("main form", has=first.locator("select[name=language]")).locator(
        ".btn-primary"
    ).first.click()
    expect(first.locator("html")).to_have_attribute(
        "lang", re.compile("^en" if language == "zh" else "^zh-Hans")
    )
    with first.expect_response(lambda answer: "/appearance/" in answer.url):
        first.locator("main [data-theme-set=dark]").click()
    expect(first.locator("html")).to_have_attribute("data-theme", "dark")
    first.goto(f"/w/{slug}/")
    expect(first.locator("html")).to_have_attribute("data-theme", "dark")
    other = WORDS["en" if language == "zh" else "zh"]
    expect(first.get_by_role("link", name=other["home"]).first).to_be_visible()
