"""Two people talk about a project: mention by pinyin, draft, answer, live for the other, undo."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .conftest import DESK, PHONE, sideways, violations
from .steps import Account, invitation_link, join, make_workspace, sign_up

WORDS = {
    "en": {"reply": "Reply", "send": "Comment", "watching": "Watching", "resolve": "Resolve"},
    "zh": {"reply": "回复", "send": "评论", "watching": "已关注", "resolve": "标记解决"},
}


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("zh", PHONE)])
def test_a_talk_about_a_project(person, served, language, size):
    slug, words = f"talk-{language}", WORDS[language]
    owner, mate = person(language, size=size), person(language)
    owner.goto("/accounts/signup/")
    sign_up(owner, Account("沈一诺", f"yinuo-{language}@talk.example"), served)
    make_workspace(owner, "晴班", slug)
    join(mate, invitation_link(owner, slug, "member"), Account("宋晚", f"wan-{language}@talk.example"))
    owner.goto(f"/w/{slug}/projects/new/")
    owner.fill("main input[name=name]", "员工端 Staff app 🎉")
    owner.fill("main input[name=key]", "STF")
    owner.locator("main form .btn-primary").first.click()
    owner.wait_for_url(re.compile("/projects/STF/"))
    mate.goto(f"/w/{slug}/projects/STF/")

    # A draft outlives a reload; @ with pinyin initials offers the person.
    owner.locator("tp-composer:defined").first.wait_for()
    box = owner.locator("#composer-new-text")
    box.click()
    owner.keyboard.type("打卡失败率 3% ")
    owner.reload()
    owner.locator("tp-composer:defined").first.wait_for()
    expect(box).to_have_value("打卡失败率 3% ")
    box.click()
    owner.keyboard.press("Control+End")
    owner.keyboard.type("@sw")
    expect(owner.locator("#composer-new-people [role=option]")).to_have_text(re.compile("宋晚"))
    owner.keyboard.press("Enter")
    owner.keyboard.type("**please**<script>alert(1)</script>")
    owner.keyboard.press("Control+Enter")
    said = owner.locator("#discussion .prose", has_text="打卡失败率 3%")
    expect(said).to_contain_text("宋晚")
    expect(said.locator("strong")).to_have_text("please")
    expect(box).to_have_value("")
    expect(owner.locator("#discussion")).to_contain_text(words["watching"])
    assert violations(owner) == []
    assert sideways(owner) == 0

    # The other sees it without a reload, and answers; the first sees that.
    theirs = mate.locator("#discussion .prose", has_text="打卡失败率 3%")
    expect(theirs).to_be_visible()
    mate.get_by_role("button", name=words["reply"]).or_(
        mate.get_by_role("link", name=words["reply"])
    ).first.click()
    mate.locator("tp-composer textarea:focus").wait_for()
    mate.keyboard.type("周五给结论 👍")
    mate.keyboard.press("Control+Enter")
    expect(owner.locator("#discussion .prose", has_text="周五给结论 👍")).to_be_visible()
    assert violations(mate) == []
