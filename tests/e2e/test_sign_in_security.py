"""Second factors in a browser: an authenticator app and its recovery codes; passkeys on a device of Chromium's own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tongpin.modules.workspaces.tests.signing_in import code_of

from .conftest import DESK, PHONE, sideways, violations

PASSWORD = "correct horse battery"
WORDS = {
    "en": {"passkey": "Sign in with a passkey", "use": "Use a passkey", "none": "No passkey was given."},
    "zh": {"passkey": "用通行密钥登录", "use": "用通行密钥确认", "none": "没有收到通行密钥"},
}
ENTER = """
import json, uuid
from tongpin.kernel.tenancy.models import Membership, Workspace
from tongpin.modules.workspaces.public import create_account
slug = "safe-" + uuid.uuid4().hex[:8]
user = create_account(f"one@{slug}.example", "沈一诺", PASSWORD, language="LANGUAGE")
workspace = Workspace.objects.create(slug=slug, name="Qingban")
Membership.objects.create(workspace=workspace, user=user, role="owner")
print(json.dumps({"slug": slug, "email": user.email}))
"""


class Someone:
    """A member at ``localhost`` (a passkey needs a name), not signed in yet."""

    def __init__(self, page: Page, address: str, slug: str, email: str) -> None:
        self.page, self.address, self.slug, self.email = page, address, slug, email

    def go(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def password(self) -> None:
        self.go("/accounts/login/")
        self.page.fill("input[name=login]", self.email)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.locator("main form .btn-primary").click()

    def confirm(self) -> None:
        """The password once more, as before every change."""
        self.page.fill("main input[name=password]", PASSWORD)
        self.page.locator("main form .btn-primary").click()

    def sign_out(self) -> None:
        self.page.goto("about:blank")  # no open page asks for its stream without a session
        self.page.context.clear_cookies(name="tongpin_session")

    def expect_inside(self) -> None:
        expect(self.page).to_have_url(re.compile(f"/w/{self.slug}/"))


@pytest.fixture
def someone(served: Any, person: Callable[..., Page]) -> Callable[..., Someone]:
    def enter(language: str, size: dict[str, int] = DESK) -> Someone:
        code = {"en": "en", "zh": "zh-hans"}[language]
        script = ENTER.replace("LANGUAGE", code).replace("PASSWORD", repr(PASSWORD))
        made = json.loads(served.script(script).splitlines()[-1])
        page = person(language, size=size)
        return Someone(page, served.address.replace("127.0.0.1", "localhost"), made["slug"], made["email"])

    return enter


def device(page: Page) -> Callable[[bool], None]:
    """Give the browser a device that keeps passkeys; the function says whether its finger is the right one."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    return lambda right: cdp.send(
        "WebAuthn.setUserVerified", {"authenticatorId": made, "isUserVerified": right}
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_passkey_from_adding_it_to_removing_it(someone, language):
    me, words = someone(language), WORDS[language]
    page, finger = me.page, device(me.page)
    me.password()
    me.go("/accounts/security/passkeys/add/")
    me.confirm()
    page.fill("main input[name=name]", "MacBook 沈")
    assert violations(page) == []
    page.locator("main form .btn-primary").click()

    # The first second factor brings recovery codes along.
    expect(page.locator(".codes li")).to_have_count(10)
    page.locator("main a.btn-primary").click()
    row = page.locator(".rows li", has_text="MacBook 沈")
    expect(row).to_be_visible()
    assert violations(page) == []

    # Signing in with it alone.
    me.sign_out()
    me.go("/accounts/login/")
    page.get_by_role("button", name=words["passkey"]).click()
    me.expect_inside()

    # The wrong finger is refused by the device, and said.
    me.sign_out()
    finger(False)
    me.go("/accounts/login/")
    page.get_by_role("button", name=words["passkey"]).click()
    expect(page.locator(".toast")).to_contain_text(words["none"])
    finger(True)

    # As the second step after the password.
    me.password()
    expect(page).to_have_url(re.compile("/login/second/"))
    assert violations(page) == []
    page.get_by_role("button", name=words["use"]).click()
    me.expect_inside()

    # Confirming with it, then another name, and away with it.
    me.go("/accounts/security/")
    row.get_by_role("link").first.click()
    page.locator(".front-alt a", has_text=words["use"]).click()
    page.get_by_role("button", name=words["use"]).click()
    page.fill("main input[name=name]", "工作电脑")
    page.locator("main form .btn-primary").click()
    row = page.locator(".rows li", has_text="工作电脑")
    row.get_by_role("link").last.click()
    page.locator("main form .btn-danger").click()
    expect(row).to_have_count(0)
    me.sign_out()
    me.go("/accounts/login/")
    page.get_by_role("button", name=words["passkey"]).click()
    expect(page.locator(".toast")).to_be_visible()
    expect(page).to_have_url(re.compile("/accounts/login/"))


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("zh", PHONE)])
def test_an_authenticator_app_and_its_recovery_codes(someone, language, size):
    me = someone(language, size)
    page = me.page
    me.password()
    me.go("/accounts/security/app/")
    me.confirm()
    expect(page.locator("svg.qr path")).to_have_attribute("d", re.compile("^M4 4h7"))
    page.locator("details summary").click()
    secret = page.locator(".copy-line code").inner_text().replace(" ", "")
    assert sideways(page) == 0
    assert violations(page) == []
    page.fill("main input[name=code]", code_of(secret))
    page.locator("main form .btn-primary").click()
    codes = page.locator(".codes li").all_inner_texts()
    with page.expect_download() as saved:
        page.locator("[data-save]").click()
    kept = saved.value.path().read_text().split()
    assert kept == [code.replace(" ", "") for code in codes]
    assert violations(page) == []

    me.sign_out()
    me.password()
    page.locator("main input[name=code]").wait_for()
    assert sideways(page) == 0
    page.fill("main input[name=code]", kept[0])
    page.locator("main form .btn-primary").click()
    me.expect_inside()


def test_an_address_that_is_a_number_says_that_it_cannot(someone, served):
    me = someone("en")
    me.address = served.address
    me.password()
    expect(me.page).to_have_url(re.compile("/w/"))
    me.go("/accounts/security/passkeys/add/")
    me.confirm()
    expect(me.page.locator("[data-impossible]")).to_be_visible()
    expect(me.page.locator("main input[name=name]")).to_be_hidden()
