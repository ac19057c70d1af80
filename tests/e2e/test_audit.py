"""The audit log as an owner reads it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.serving import Served

from .conftest import DESK, PHONE, SHOTS, sideways, violations
from .steps import Account, make_workspace, sign_up

SAID = {"en": "created the workspace", "zh": "创建了工作区"}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_an_owner_reads_narrows_and_exports_it(
    person, served: Served, language: str, size: dict[str, int]
) -> None:
    slug = f"audit-{language}-{size['width']}"
    page = person(language, size=size)
    page.goto("/accounts/signup/")
    sign_up(page, Account("沈一诺 🌤️", f"{slug}@audit.example"), served)
    make_workspace(page, "晴班 Qingban 门店运营与排班协同工作区", slug)
    page.goto(f"/w/{slug}/settings/audit/")
    line = page.locator("#lines li", has_text=SAID[language])
    expect(line).to_have_count(1)
    line.locator("summary").click()
    expect(line.locator("dl")).to_contain_text("workspaces.workspace.create")

    assert violations(page) == []
    assert sideways(page) == 0
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{slug}.png", full_page=True)

    page.select_option("select[name=kind]", "settings")
    page.fill("input[name=ip]", "127.0.0.0/8")
    page.locator("main form[role=search] .btn-primary").click()
    expect(page).to_have_url(re.compile("kind=settings"))
    expect(line).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert SAID[language] in text

    page.fill("input[name=ip]", "10.0.0.300")
    page.locator("main form[role=search] .btn-primary").click()
    expect(page.locator("input[name=ip]")).to_have_value("10.0.0.300")
    expect(page.locator("#id_ip_errors")).to_be_visible()
