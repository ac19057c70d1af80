"""How the server stands, as its owner reads it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.serving import Served

from .conftest import DESK, PHONE, SHOTS, sideways, violations

# Other tests of the same server may have made a robot.
OUTGOING = {
    "en": re.compile("nothing that calls out is set up|Group robots"),
    "zh": re.compile("未配置任何对外连接|群机器人"),
}
WORDS = {"en": "Last backup", "zh": "最近一次备份"}
ADD = """
from tongpin.kernel.tenancy.models import User
from tongpin.modules.workspaces.public import create_account
if not User.objects.filter(email="keeper@server.example").exists():
    create_account("keeper@server.example", "周牧", "correct horse battery")
User.objects.filter(owns_server=True).update(owns_server=False)
User.objects.filter(email="keeper@server.example").update(owns_server=True, language="{language}")
"""


@pytest.mark.parametrize(("language", "code"), [("en", "en"), ("zh", "zh-hans")])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_each_line_says_how_it_stands(person, served: Served, language: str, code: str, size) -> None:
    served.script(ADD.format(language=code))
    page = person(language, size=size)
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "keeper@server.example")
    page.fill("input[name=password]", "correct horse battery")
    page.click("main form .btn-primary")
    page.wait_for_url("**/workspaces/**")
    page.goto("/system/")
    line = page.locator("section[aria-labelledby=facts-title] li").first
    expect(line).to_contain_text(WORDS[language])
    expect(line).to_contain_text("TONGPIN_BACKUP_AT")
    assert sideways(page) == 0
    assert violations(page) == []
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"system-{language}-{size['width']}.png", full_page=True)
    outgoing = page.locator("section[aria-labelledby=outgoing-title]")
    expect(outgoing).to_contain_text(OUTGOING[language])
    line.get_by_role("link").click()
    page.wait_for_url("**/system/guides/backup/")
    expect(page.locator("h1")).to_have_text("Backup, restore, upgrade")
    assert sideways(page) == 0
    assert violations(page) == []
    page.screenshot(path=SHOTS / f"guide-{language}-{size['width']}.png")
