"""Nudge 催办, copy in 抄送, watch, mute: from the project's page to the other's inbox, by keys, pointer and touch."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import DESK, PHONE, SHOTS, Faults, sideways, violations
from .talking import LONG, Person, begin, comment, write

WORDS = {
    "en": {
        "nudge": "Nudge", "times": "宋晚 was nudged 1 time", "again": "周牧 nudged 宋晚 about this today.",
        "copy": "Copy in", "watch": "Watch", "watching": "Watching", "nudged": "周牧 nudges you: ",
        "copied": "周牧 copied you in: ", "commented": "周牧 commented: ", "mute": "Mute its thread: ",
        "muted": "Muted", "mentioned": "周牧 mentioned you: ",
    },
    "zh-hans": {
        "nudge": "催办", "times": "宋晚 被催办 1 次", "again": "周牧今天已就此事催办过宋晚。",
        "copy": "抄送", "watch": "关注", "watching": "已关注", "nudged": "周牧 催办：",
        "copied": "周牧 抄送给你：", "commented": "周牧 发表了评论：", "mute": "不再通知此事：",
        "muted": "已静音", "mentioned": "周牧 提到了你：",
    },
}  # fmt: skip


def pick(page: Page, field: str, typed: str) -> None:
    """Choose a person by pinyin and keys alone."""
    page.locator(f"#{field} input[role=combobox], input#{field}").first.click()
    page.keyboard.type(typed)
    expect(page.locator("[role=option]:visible").first).to_contain_text("宋晚")
    page.keyboard.press("Enter")


def sound(page: Page, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")
    assert sideways(page) == 0, name
    assert violations(page) == [], name


@pytest.mark.parametrize(
    ("language", "theme", "size"),
    [
        pytest.param("en", "dark", DESK, id="en-desk-dark"),
        pytest.param("zh-hans", "light", PHONE, id="zh-phone"),
    ],
)
def test_from_a_nudge_to_a_muted_thread(
    person: Person, served, faults: Faults, language: str, theme: str, size: dict[str, int]
):
    words, talk = WORDS[language], begin(served, language)
    short = "zh" if language != "en" else "en"
    one = talk.enter("owner", person(short, theme, size))
    tools = one.locator(".discussion-tools")

    # Nudged once; the second time the dialog says why not and keeps what was typed.
    for number in (1, 2):
        tools.get_by_role("button", name=words["nudge"], exact=True).click()
        pick(one, "nudge-member", "sw")
        one.locator("#nudge-message").fill("六点前看一下 🙏")
        if number == 1:
            sound(one, f"nudge-{language}")
        one.locator("#nudge-dialog .btn-primary").click()
        expect(one.locator(".discussion-nudges")).to_contain_text(words["times"])
    expect(one.locator("#nudge-error")).to_contain_text(words["again"])
    expect(one.locator("#nudge-message")).to_have_value("六点前看一下 🙏")
    faults.expect("422")
    one.keyboard.press("Escape")

    # Copied in: told, and watching from then on.
    tools.get_by_role("button", name=words["copy"], exact=True).click()
    pick(one, "cc-members", "songwan")
    one.locator("#cc-dialog .btn-primary").click()
    expect(one.locator("#cc-dialog")).to_be_hidden()
    write(one, "周五给结论")

    other = person(short, theme, size)
    talk.enter("member", other)
    expect(tools_of(other).get_by_role("button", name=words["watching"], exact=True)).to_be_visible()
    talk.heard("member", 3)
    other.goto(f"/w/{talk.slug}/inbox/")
    other.locator("tp-inbox:defined").wait_for()
    thread = other.locator("#inbox-rows [data-row]")
    expect(thread).to_have_count(1)  # one object, one row
    expect(thread.locator(".row-title").first).to_contain_text(f"{words['commented']}{LONG}")
    thread.locator(".row-more summary").click()
    expect(thread.locator(".row-earlier")).to_contain_text(words["nudged"])
    expect(thread.locator(".row-earlier")).to_contain_text(words["copied"])
    sound(other, f"told-{language}")

    # Muted by its button, on a phone as well: comments are not heard of any more, being named still is.
    thread.get_by_role("button", name=re.compile(f"^{words['mute']}")).click()
    expect(thread).to_contain_text(words["muted"])
    write(one, "不用回")
    expect(comment(one, "不用回")).to_be_visible()
    one.locator("#composer-new-text").press_sequentially("@sw")
    expect(one.locator("#composer-new-people [role=option]")).to_have_text(re.compile("宋晚"))
    one.keyboard.press("Enter")
    one.keyboard.press("Control+Enter")
    pill = other.locator("#inbox-newer a")
    expect(pill).to_be_visible()
    pill.click()
    expect(thread.locator(".row-title").first).to_contain_text(words["mentioned"])
    expect(thread).not_to_contain_text("不用回")

    # No longer watching, by the member's own word.
    thread.locator(".row-title").first.click()
    expect(other.locator(".mention-me")).to_be_visible()
    tools_of(other).get_by_role("button", name=words["watching"], exact=True).click()
    expect(tools_of(other).get_by_role("button", name=words["watch"], exact=True)).to_be_visible()


def tools_of(page: Page):
    return page.locator(".discussion-tools")


def test_a_guest_and_a_private_project(person: Person, served, faults: Faults):
    """A guest sees no project they are not in; whoever a project becomes private to reads and hears no more of it."""
    talk = begin(served, "en")
    one = talk.enter("owner", person())
    other = talk.enter("member", person())
    guest = person()
    guest.context.add_cookies([{"name": talk.cookie, "value": talk.sessions["guest"], "url": served.address}])
    guest.goto(talk.place)
    expect(guest.locator("h1")).to_have_text("This page does not exist")
    faults.expect("404")
    write(other, "I watch it now")
    expect(comment(one, "I watch it now")).to_be_visible()
    talk.say("""
from tongpin.modules.workspaces.models import Project
run("owner", "workspaces.project.edit", {"visibility": "private"}, target=Project.objects.get(public_id=on["about_id"]))
run("owner", "discussions.comment.write", {**on, "text": "among us"})""")
    expect(comment(one, "among us")).to_be_visible()
    expect(comment(other, "among us")).to_have_count(0)
    other.goto(f"/w/{talk.slug}/inbox/?tab=all")
    expect(other.locator("#inbox-rows")).to_have_count(0)
    one.locator("#composer-new-text").press_sequentially("@")
    expect(one.locator("#composer-new-people [role=option]")).to_have_text([re.compile("周牧")])
    faults[:] = [fault for fault in faults if "404" not in fault]
