"""Workspace tokens as an owner keeps them: made, used by a program, given a new secret, revoked."""

from __future__ import annotations

import re
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests.serving import Served

from .conftest import DESK, PHONE, SHOTS, Faults, sideways, violations
from .steps import Account, make_workspace, sign_up

WORDS = {
    "en": {
        "empty": "No workspace tokens yet",
        "actor": "Token CI deploy",
        "name": "CI deploy",
        "rotate": "New secret",
        "revoke": "Revoke",
        "old": "The old secret works until",
        "used": "from 127.0.0.1",
    },
    "zh": {
        "empty": "还没有工作区令牌",
        "actor": "令牌 CI 部署",
        "name": "CI 部署",
        "rotate": "换密钥",
        "revoke": "吊销",
        "old": "旧密钥可用到",
        "used": "来自 127.0.0.1",
    },
}


def called(served: Served, slug: str, secret: str) -> int:
    """The status a program gets with this secret."""
    asked = urllib.request.Request(
        f"{served.address}/api/v1/workspaces/{slug}", headers={"Authorization": f"Bearer {secret}"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def shown(page: Page) -> str:
    found = re.search(r"tpw_\w{49}", page.locator("#tokens .callout").inner_html())
    assert found is not None
    return found[0]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_token_from_its_making_to_its_end(
    person, served: Served, faults: Faults, language: str, size: dict[str, int]
) -> None:
    words = WORDS[language]
    slug = f"keys-{language}-{size['width']}"
    page = person(language, size=size)
    page.goto("/accounts/signup/")
    sign_up(page, Account("沈一诺", f"{slug}@keys.example"), served)
    make_workspace(page, "晴班 Qingban", slug)
    page.goto(f"/w/{slug}/settings/tokens/")
    expect(page.get_by_text(words["empty"])).to_be_visible()
    sound(page, f"{slug}-empty")

    page.fill("main input[name=name]", words["name"])
    page.check("main input[value='workspaces:read']")
    page.locator("main form .btn-primary").last.click()
    first = shown(page)
    sound(page, f"{slug}-made")
    assert called(served, slug, first) == 200

    page.goto(f"/w/{slug}/settings/tokens/")
    expect(page.locator("#tokens .rows")).to_contain_text(words["used"])
    page.locator("tp-dialog:defined").first.wait_for(state="attached")
    page.get_by_role("button", name=words["rotate"], exact=True).click()
    expect(page.locator("dialog[open]")).to_be_visible()
    sound(page, f"{slug}-rotate")
    page.locator("dialog[open] .btn-primary").click()
    expect(page.locator("#tokens .callout")).to_be_visible()
    second = shown(page)
    expect(page.locator("#tokens .rows")).to_contain_text(words["old"])
    assert [called(served, slug, secret) for secret in (first, second)] == [200, 200]
    sound(page, f"{slug}-rotated")

    page.locator("tp-dialog:defined").first.wait_for(state="attached")
    page.get_by_role("button", name=words["revoke"], exact=True).click()
    page.locator("dialog[open] .btn-danger").click()
    expect(page.get_by_text(words["empty"])).to_be_visible()
    assert [called(served, slug, secret) for secret in (first, second)] == [401, 401]

    page.goto(f"/w/{slug}/settings/audit/")
    expect(page.locator("main b", has_text=words["actor"]).first).to_be_visible()
    sound(page, f"{slug}-audit")


def sound(page: Page, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    assert sideways(page) == 0, name
    assert violations(page) == [], name
