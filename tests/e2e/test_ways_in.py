"""The sign-in page of a server with every way in set up: what a person sees, presses and types."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.serving import Served
from tongpin.modules.workspaces.tests import slapd

from .conftest import DESK, PHONE, SHOTS, sideways, violations

WORDS = {
    "en": {"messengers": ["Feishu", "DingTalk", "WeCom"], "cancelled": "You cancelled signing in",
           "login": "E-mail or login", "wrong": "The login or the password is wrong."},
    "zh": {"messengers": ["飞书", "钉钉", "企业微信"], "cancelled": "你取消了登录",
           "login": "邮箱或登录名", "wrong": "登录名或密码不对。"},
}  # fmt: skip
pytestmark = pytest.mark.skipif(slapd.SLAPD is None, reason="slapd is not installed (bin/install-directory)")


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of a company with a directory and three messengers."""
    with slapd.running(tmp_path_factory.mktemp("slapd")) as directory:
        for login, name in (("en", "Shen Yinuo"), ("zh", "沈一诺")):
            directory.add(login, name, f"{login}@corp.example", units=("产品部",))
        server = Served(
            tmp_path_factory.mktemp("ways") / "data",
            TONGPIN_FEISHU_APP_ID="cli_1", TONGPIN_FEISHU_APP_SECRET="x",
            TONGPIN_DINGTALK_CLIENT_ID="ding1", TONGPIN_DINGTALK_CLIENT_SECRET="x",
            TONGPIN_DINGTALK_CORP_ID="corp-1",
            TONGPIN_WECOM_CORP_ID="ww1", TONGPIN_WECOM_SECRET="x", TONGPIN_WECOM_AGENT_ID="1",
            TONGPIN_LDAP_URL=f"ldaps://127.0.0.1:{directory.secure_port}", TONGPIN_LDAP_BASE=slapd.PEOPLE,
            TONGPIN_LDAP_BIND_DN=slapd.READER, TONGPIN_LDAP_BIND_PASSWORD=slapd.READER_PASSWORD,
            TONGPIN_LDAP_CA_FILE=directory.ca_file,
        ).start()  # fmt: skip
        try:
            yield server
        finally:
            server.stop()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_way_in_is_named_and_in_reach(
    ways: Served, person: Callable[..., Page], language: str, size: dict[str, int]
) -> None:
    page = person(language, size=size)
    page.goto(f"{ways.address}/accounts/login/")
    words = WORDS[language]
    expect(page.get_by_label(words["login"])).to_be_focused()
    for name in words["messengers"]:
        expect(page.get_by_role("button", name=re.compile(name))).to_be_visible()
    assert violations(page) == []
    assert not sideways(page)
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"ways-in-{language}-{size['width']}.png", full_page=True)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_saying_no_in_the_messenger_leads_back(
    ways: Served, person: Callable[..., Page], language: str
) -> None:
    page = person(language, size=PHONE)

    def say_no(route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        back = f"{asked['redirect_uri'][0]}?error=access_denied&state={asked['state'][0]}"
        route.fulfill(status=302, headers={"Location": back})

    page.route("https://accounts.feishu.cn/**", say_no)
    page.goto(f"{ways.address}/accounts/login/")
    words = WORDS[language]
    page.get_by_role("button", name=re.compile(words["messengers"][0])).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words["cancelled"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_directorys_password_leads_in(ways: Served, person: Callable[..., Page], language: str) -> None:
    page = person(language, size=PHONE)
    page.goto(f"{ways.address}/accounts/login/?next=/profile/")
    words = WORDS[language]
    page.get_by_label(words["login"]).fill(language)
    page.fill("input[name=password]", "wrong")
    page.locator("main form .btn-primary").click()
    expect(page.get_by_text(words["wrong"])).to_be_visible()
    expect(page.get_by_label(words["login"])).to_have_value(language)
    assert violations(page) == []
    page.screenshot(path=SHOTS / f"ways-in-refused-{language}.png", full_page=True)
    page.fill("input[name=password]", slapd.PASSWORD)
    page.locator("main form .btn-primary").dblclick()
    page.wait_for_url(re.compile("/profile/"))
    expect(page.locator("main input[name=name]")).to_have_value(
        {"en": "Shen Yinuo", "zh": "沈一诺"}[language]
    )
