"""A project's news into a group: made, tried out, received, and its link followed on a signed-out phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.serving import Served
from tongpin.modules.digests.tests.group import Group

from .conftest import PHONE, SHOTS, Faults, sideways, violations, watch
from .steps import PASSWORD, Account, make_workspace, sign_up

SAYS = {
    "en": {"sent": "Sent. Look into the group.", "deleted": "was deleted", "undo": "Undo", "state": "Active"},
    "zh": {"sent": "已送达，去群里看看。", "deleted": "已删除", "undo": "撤销", "state": "运行中"},
}
LINK = re.compile(r"<(http://[^|>]+)\|")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that may post to a chat on loopback."""
    data = tmp_path_factory.mktemp("robots") / "data"
    server = Served(data, TONGPIN_ROBOT_HOSTS="127.0.0.1").start()
    yield server
    server.stop()


@pytest.fixture
def group() -> Iterator[Group]:
    made = Group(lambda: datetime.now(UTC))  # noqa: TID251  a chat's own clock
    with made.serve() as chat:
        made.address = chat.address
        yield made


@pytest.mark.parametrize("language", ["en", "zh"])
def test_news_into_a_group(person, served: Served, faults: Faults, group: Group, language: str) -> None:
    slug, words = f"robots-{language}", SAYS[language]
    lead = Account("沈一诺" if language == "zh" else "Yinuo Shen", f"lead-{language}@robots.example")
    page = person(language)
    page.goto("/accounts/signup/")
    sign_up(page, lead, served)
    make_workspace(page, "晴班" if language == "zh" else "Qingban", slug)
    page.goto(f"/w/{slug}/projects/new/")
    page.fill("input[name=name]", "店长端排班与打卡体验")
    page.fill("input[name=key]", "DZD")
    page.locator("main form .btn-primary").click()
    page.wait_for_url(f"**/w/{slug}/projects/DZD/")

    # The tab; a wrong address is refused and everything typed stays.
    page.locator(".tabs a[href$='/robots/']").click()
    expect(page.locator(".tabs [aria-current]")).to_have_attribute("href", re.compile("/robots/$"))
    look(page, f"robots-empty-{language}")
    page.fill("input[name=name]", "店长端 · 全国运营与产品沟通大群 🎉")
    page.fill("input[name=address]", "https://oapi.dingtalk.com/robot/send")
    page.locator("input[name=topics]").first.check()
    page.locator("input[name=topics]").last.check()
    page.locator("main form .btn-primary").click()
    expect(page.locator(".field-errors").first).to_be_visible()
    faults.expect("422")
    expect(page.locator("input[name=address]")).to_have_value("https://oapi.dingtalk.com/robot/send")
    expect(page.locator("input[name=topics]").first).to_be_checked()
    look(page, f"robots-refused-{language}")
    page.fill("input[name=address]", group.address)
    page.locator("main form .btn-primary").click()
    page.wait_for_url(re.compile(r"/projects/DZD/robots/[0-9a-f-]{36}/$"))
    expect(page.locator(".badge.good").first).to_have_text(words["state"])
    expect(page.locator("input[name=address]")).to_have_value("")  # it is a secret now

    # Tried out: the answer is said at once, and the log has it.
    page.locator("button[hx-post$='/test/']").click()
    expect(page.locator(".toast").last).to_contain_text(words["sent"])
    expect(page.locator("#message-rows li")).to_have_count(1)
    here = page.url

    # News of the project arrives by itself, in the group and in the log of whoever has it open.
    page.locator("tp-live[data-state=live]").wait_for(state="attached")
    beside = page.context.new_page()
    watch(beside, faults)
    beside.goto(f"/w/{slug}/projects/DZD/settings/")
    beside.fill("input[name=name]", "店长端排班")
    beside.locator("main form .btn-primary").first.click()
    expect(page.locator("#message-rows li")).to_have_count(2)
    expect(page.locator("#message-rows .badge.good")).to_have_count(2)
    assert len(group.got) == 2
    beside.close()
    look(page, f"robots-robot-{language}")

    # Whoever follows its link on a phone signs in and is where it leads.
    link = LINK.search(group.got[1]["blocks"][1]["text"]["text"])[1]
    path = re.sub(r"^https?://[^/]+", "", link)
    phone = person(language, size=PHONE)
    phone.goto(path)
    phone.fill("input[name=login]", lead.email)
    phone.fill("input[name=password]", PASSWORD)
    phone.locator("main form .btn-primary").first.click()
    phone.wait_for_url(f"**{path}")
    expect(phone.locator("h1").first).to_contain_text("店长端排班")
    phone.goto(re.sub(r"^https?://[^/]+", "", here))
    look(phone, f"robots-robot-phone-{language}")
    phone.goto(f"/w/{slug}/settings/robots/")
    look(phone, f"robots-all-phone-{language}")
    phone.goto(f"/w/{slug}/projects/DZD/robots/")
    look(phone, f"robots-list-phone-{language}")

    # Deleted and taken back.
    page.locator("button[hx-post$='/delete/']").click()
    page.wait_for_url(re.compile(r"/projects/DZD/robots/$"))
    expect(page.locator("#robot-rows li")).to_have_count(0)
    page.locator(".toast").last.get_by_role("button", name=words["undo"]).click()
    expect(page.locator("#robot-rows li")).to_have_count(1)
    page.goto(here)
    expect(page.locator("#robot-title")).to_be_visible()


def look(page, name: str) -> None:
    """Nothing axe objects to, nothing wider than the window; a picture for people."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    assert violations(page) == []
    assert sideways(page) <= 0
