"""What people do on the pages, in either language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from tests.serving import Served

PASSWORD = "correct horse battery"

WORDS = {
    "en": {
        "create account": "Create account",
        "new workspace": "New workspace",
        "home": "Home",
        "deactivated": "Deactivated",
        "show result": "Show the verdict",
        "join": "Join",
        "undo": "Undo",
        "met": "Met",
        "make link": "Make a link",
        "delete": "Delete",
        "absent": "This page does not exist",
        "no answer": "The server does not answer.",
    },
    "zh": {
        "create account": "创建账号",
        "new workspace": "新建工作区",
        "home": "首页",
        "deactivated": "已停用",
        "show result": "看结论",
        "join": "加入",
        "undo": "撤销",
        "met": "达成",
        "make link": "生成链接",
        "delete": "删除",
        "absent": "页面不存在",
        "no answer": "服务器没有响应。",
    },
}


@dataclass(frozen=True)
class Account:
    name: str
    email: str


def sign_up(page: Page, account: Account, served: Served | None = None) -> None:
    """From the sign-up page to wherever a new account lands.

    Whoever is neither the server's first account nor invited must confirm the address: ``served`` has the mail.
    """
    page.fill("main input[name=name]", account.name)
    page.fill("main input[name=email]", account.email)
    page.fill("main input[name=password1]", PASSWORD)
    page.click("main form .btn-primary")
    expect(page).not_to_have_url(re.compile("/accounts/signup/"))
    if "/accounts/confirm-email/" not in page.url:
        return
    assert served is not None, "this account must confirm its address"
    mail = served.script(
        "from tongpin.kernel.mail.models import OutboxMail;"
        f"print(OutboxMail.objects.filter(to={account.email!r}).latest('id').text)"
    )
    page.goto(re.search(r"https?://\S+/accounts/confirm-email/\S+", mail)[0])
    page.click("main form .btn-primary")
    if page.locator("input[name=login]").count():
        page.fill("input[name=login]", account.email)
        page.fill("input[name=password]", PASSWORD)
        page.click("main form .btn-primary")
    page.wait_for_url(re.compile(r"/workspaces/|/w/"))


def open_palette(page: Page) -> None:
    """Ctrl+K, once the page listens: islands are there a moment after the page has loaded."""
    page.locator("tp-palette:defined").wait_for(state="attached")
    page.keyboard.press("Control+k")


def make_workspace(page: Page, name: str, slug: str) -> None:
    """From anywhere, signed in, to the new workspace's Home."""
    page.goto("/workspaces/new/")
    page.fill("main input[name=name]", name)
    page.fill("main input[name=slug]", slug)
    page.click("main form .btn-primary")
    page.wait_for_url(re.compile(f"/w/{slug}/$"))


def invitation_link(page: Page, slug: str, role: str) -> str:
    """The address of a fresh invitation link for that role."""
    page.goto(f"/w/{slug}/members/invitations/")
    form = page.locator("form[action$='/members/link/']")
    form.locator("select[name=role]").select_option(role)
    form.locator("button.btn:not([type=button])").first.click()
    shown = page.locator(
        "#invitations .callout input, #invitations .callout code, #invitations [data-copy]"
    ).first
    expect(shown).to_be_visible()
    text = page.locator("#invitations .callout").inner_html()
    return re.search(r"https?://[^\"<\s]+/invite/[^\"<\s]+", text)[0]


def join(page: Page, link: str, account: Account) -> None:
    """A newcomer follows an invitation: account, then the workspace."""
    page.goto(link)
    page.click("main a.btn-primary")
    sign_up(page, account)
    if "/invite/" in page.url:
        page.click("main form .btn-primary")
    page.wait_for_url(re.compile(r"/w/[a-z-]+/"))


def series(lift: float = 0.25, days: int = 112, after: int = 20) -> tuple[str, date]:
    """Two columns as Excel copies them (heading, weekly season, quiet noise) and the launch day in it."""
    first = date(2026, 5, 4)
    launch = first + timedelta(days=days - after)
    rows = ["日期\t新注册门店"]
    for number in range(days):
        day = first + timedelta(days=number)
        season = (1.0, 1.02, 1.01, 1.0, 1.06, 0.9, 0.86)[day.weekday()]
        noise = 1 + ((number * 7919) % 13 - 6) / 400
        value = 1200 * season * noise * (1 + (lift if day >= launch else 0))
        rows.append(f"{day.isoformat()}\t{value:,.0f}")
    return "\n".join(rows), launch


def paste(page: Page, text: str) -> None:
    """Paste into the look-back desk, as from Excel."""
    box = page.locator("textarea[name=text]")
    box.click()
    page.evaluate(
        """(text) => {
            const box = document.querySelector("textarea[name=text]");
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
            if (box.dispatchEvent(event)) { box.setRangeText(text, 0, box.value.length, "end"); }
            box.dispatchEvent(new InputEvent("input", {bubbles: true}));
        }""",
        text,
    )
