"""Security settings of a workspace as an owner sets them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.serving import Served

from .conftest import DESK, PHONE, SHOTS, Faults, sideways, violations
from .steps import WORDS, Account, make_workspace, sign_up


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_networks_and_session_length(
    person, served: Served, faults: Faults, language: str, size: dict[str, int]
) -> None:
    slug = f"entry-{language}-{size['width']}"
    page = person(language, size=size)
    page.goto("/accounts/signup/")
    sign_up(page, Account("沈一诺", f"{slug}@entry.example"), served)
    make_workspace(page, "晴班 Qingban", slug)
    page.goto(f"/w/{slug}/settings/security/")
    box = page.locator("textarea[name=allowed_networks]")
    form = page.locator("form", has=box)

    box.fill("10.1.0.0/16")
    form.locator(".btn-primary").click()
    expect(page.locator("#id_allowed_networks_errors")).to_contain_text("127.0.0.1")
    expect(box).to_have_value("10.1.0.0/16")
    faults.expect("422")
    assert violations(page) == []

    box.fill("10.1.0.0/16, 127.0.0.1")
    form.locator(".btn-primary").click()
    expect(box).to_have_value("10.1.0.0/16\n127.0.0.1/32")
    page.select_option("select[name=idle_minutes]", "30")
    page.locator("form", has=page.locator("select[name=idle_minutes]")).locator(".btn-primary").click()
    expect(page.locator(".toast").last).to_be_visible()
    assert sideways(page) == 0
    assert violations(page) == []
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{slug}.png", full_page=True)
    page.locator(".toast").last.get_by_role("button", name=WORDS[language]["undo"]).click()
    expect(page.locator("select[name=idle_minutes]")).to_have_value("0")
