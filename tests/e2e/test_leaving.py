"""Somebody leaves: what they led is handed over in the same step, and Undo brings all of it back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.serving import Served

from .conftest import Faults
from .looking import sound
from .steps import WORDS, Account, invitation_link, join, make_workspace, sign_up


@pytest.mark.parametrize("language", ["en", "zh"])
def test_handing_over(person, served: Served, faults: Faults, language: str) -> None:
    slug, words = f"leaving-{language}", WORDS[language]
    owner, mate = person(language), person(language)
    owner.goto("/accounts/signup/")
    sign_up(owner, Account("沈一诺", f"stays-{language}@leaving.example"), served)
    make_workspace(owner, "晴班", slug)
    join(mate, invitation_link(owner, slug, "member"), Account("何予安", f"goes-{language}@leaving.example"))
    mate.goto(f"/w/{slug}/projects/new/")
    mate.fill("main input[name=name]", "一个名字很长很长的项目：新用户首月增长与门店核销联动活动🎉")
    mate.fill("main input[name=key]", "LONG")
    mate.locator("main form .btn-primary").click()
    mate.wait_for_url(re.compile("/projects/LONG/"))

    owner.goto(f"/w/{slug}/members/")
    row = owner.locator("[data-row]", has_text="何予安")
    row.locator("tp-menu button, [aria-haspopup=menu]").first.click()
    owner.get_by_role("menuitem", name=re.compile("Deactivate|停用")).click()
    owner.wait_for_url(re.compile("/leaving/"))
    sound(owner, f"leaving-{language}")
    owner.get_by_role("combobox").fill("shenyinuo")
    owner.get_by_role("option", name=re.compile("沈一诺")).click()
    owner.locator("#leaving .btn-danger").click()
    expect(owner.locator("#leaving .callout.good")).to_contain_text("何予安")
    assert mate.goto(f"/w/{slug}/projects/").status == 404
    faults.expect("404")
    owner.locator(".toast").get_by_role("button", name=words["undo"]).click()
    expect(owner.locator("#leaving .btn-danger")).to_be_visible()
    expect(owner.locator("#leaving")).to_contain_text("新用户首月增长")
