"""What is done with a comment: edited, quoted, settled, deleted and brought back; the other's page follows."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import DESK, PHONE, SHOTS, sideways, violations
from .talking import Person, begin, comment, more, write

WORDS = {
    "en": {
        "edit": "Edit", "edited": "edited", "quote": "Quote and reply", "resolve": "Resolve", "reopen": "Reopen",
        "resolved": "Resolved by 周牧", "delete": "Delete", "deleted": "This comment was deleted.", "undo": "Undo",
        "reply": "Reply", "react": "React", "copy": "Copy link", "copied": "Link copied.",
    },
    "zh-hans": {
        "edit": "编辑", "edited": "已编辑", "quote": "引用回复", "resolve": "标记解决", "reopen": "重新打开",
        "resolved": "周牧 已标记解决", "delete": "删除", "deleted": "这条评论已删除。", "undo": "撤销",
        "reply": "回复", "react": "添加表情", "copy": "复制链接", "copied": "链接已复制。",
    },
}  # fmt: skip
WAYS = [
    pytest.param("en", "light", DESK, id="en-desk"),
    pytest.param("zh-hans", "dark", PHONE, id="zh-phone-dark"),
]


def sound(page: Page, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")
    assert sideways(page) == 0, name
    assert violations(page) == [], name


@pytest.mark.parametrize(("language", "theme", "size"), WAYS)
def test_a_comment_from_its_first_version_to_its_end(
    person: Person, served, language: str, theme: str, size: dict[str, int]
):
    words, talk = WORDS[language], begin(served, language)
    short = "zh" if language != "en" else "en"
    one = talk.enter("owner", person(short, theme, size))
    other = talk.enter("member", person(short))

    # Edited: the history tells the versions apart.
    write(one, "渠道码 6 个，ship on **Friday** <img src=x onerror=alert(1)>")
    mine = comment(one, "渠道码 6 个")
    expect(mine.locator("strong")).to_have_text("Friday")
    more(one, mine, words["edit"])
    box = mine.locator("textarea")
    expect(box).to_be_focused()
    expect(mine.locator(".btn-primary")).to_be_in_viewport()
    box.fill("渠道码 8 个，ship on **Monday**")
    box.press("Control+Enter")
    mine = comment(one, "渠道码 8 个")
    mine.get_by_role("button", name=words["edited"]).click()
    change = one.locator(".version").first
    expect(change.locator("del")).to_have_text(["6", re.compile("^Friday")])
    expect(change.locator("ins")).to_have_text(["8", re.compile("^Monday")])
    sound(one, f"history-{language}")
    one.keyboard.press("Escape")
    expect(one.locator("#history-dialog")).to_be_hidden()

    # Quoted by the other, who sees it without a reload; the quote leads to what it quotes.
    mine, theirs = mine.first, comment(other, "渠道码 8 个").first  # the answer will quote it
    expect(theirs).to_be_visible()
    more(other, theirs, words["quote"])
    reply = other.locator("tp-composer textarea:focus")
    expect(reply).to_have_value(re.compile(r"^> \[周牧\]\(#c-[0-9a-f-]+\)\n>\n> 渠道码 8 个"))
    reply.press("Control+End")
    reply.press_sequentially("好 👌🏽")
    reply.press("Control+Enter")
    answer = comment(one, "好 👌🏽")
    expect(answer.locator("blockquote")).to_contain_text("渠道码 8 个")
    answer.locator("blockquote a").first.click()
    expect(mine).to_be_focused()
    expect(mine).to_be_in_viewport()
    assert one.evaluate("document.querySelector('article.comment:target') === document.activeElement")

    # A reaction of the one is counted on the page of the other.
    mine.locator("[popovertarget^=react-]").click()
    one.locator(".react-list:popover-open button[value='🎉']").click()
    expect(mine.locator(".reaction")).to_have_attribute("aria-pressed", "true")
    expect(theirs.locator(".reaction")).to_have_attribute("aria-pressed", "false")
    expect(theirs.locator(".reaction")).to_contain_text("1")

    # Settled: folded on both pages, opened by whoever wants to read it; reopened.
    mine.get_by_role("button", name=words["resolve"]).click()
    folded = one.locator(".thread-folded")
    expect(folded.locator("summary")).to_contain_text(words["resolved"])
    expect(other.locator(".thread-folded")).to_be_visible()
    expect(answer).to_be_hidden()
    sound(one, f"settled-{language}")
    folded.locator("summary").click()
    expect(answer).to_be_visible()
    folded.get_by_role("button", name=words["reopen"]).click()
    expect(folded).to_have_count(0)

    # Deleted while something answers it: a mark is left, and Undo brings it back on both pages.
    more(one, mine, words["delete"])
    expect(one.get_by_text(words["deleted"])).to_be_visible()
    expect(other.get_by_text(words["deleted"])).to_be_visible()
    expect(answer).to_be_visible()
    expect(comment(one, "渠道码 8 个")).to_have_count(1)  # the quote of it stays
    sound(one, f"deleted-{language}")
    one.locator(".toast").last.get_by_role("button", name=words["undo"]).click()
    expect(one.locator(".comment.is-deleted")).to_have_count(0)
    expect(other.locator(".comment.is-deleted")).to_have_count(0)


def test_the_address_of_a_comment_is_copied_and_leads_to_it(person: Person, served):
    talk = begin(served, "en")
    one = talk.enter("owner", person())
    one.context.grant_permissions(["clipboard-read", "clipboard-write"])
    write(one, "decided on Monday")
    more(one, comment(one, "decided on Monday"), WORDS["en"]["copy"])
    expect(one.locator(".toast", has_text=WORDS["en"]["copied"])).to_be_visible()
    address = one.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(rf"{served.address}/w/{talk.slug}/comments/[0-9a-f-]+/", address)
    one.goto(address)
    expect(comment(one, "decided on Monday")).to_be_focused()


def test_ten_thousand_comments(person: Person, served):
    """The page stays short, earlier ones are asked for, and the very first is led to by its address."""
    talk = begin(served, "en")
    first = talk.say("""
from tongpin.modules.discussions.models import Comment, Discussion
first = run("owner", "discussions.comment.write", {**on, "text": "the very first"})
d = Discussion.objects.get(pk=first.discussion_id)
said = dict(workspace=d.workspace, discussion=d, author=members["member"].user)
Comment.objects.bulk_create([Comment(**said, text=f"number {n}") for n in range(9_999)], batch_size=2_000)
print(first.public_id)""").strip()
    page = talk.enter("member", person())
    expect(page.locator("#discussion .count").first).to_have_text(re.compile("10,?000"))
    threads = page.locator("ol.threads > li")
    expect(threads).to_have_count(30)
    expect(threads.last).to_contain_text("number 9998")
    page.get_by_role("button", name=re.compile("Load earlier")).click()
    expect(threads).to_have_count(60)
    page.goto(f"/w/{talk.slug}/comments/{first}/")
    there = comment(page, "the very first")
    expect(there).to_be_focused()
    expect(there).to_be_in_viewport()
    there.locator("[popovertarget^=react-]").click()
    page.locator(".react-list:popover-open button[value='👀']").click()
    expect(there.locator(".reaction")).to_be_visible()  # still there, not back at the newest
    page.get_by_role("button", name=re.compile("Show the newest")).click()
    expect(threads.last).to_contain_text("number 9998")
    # A quote of it, read among the newest, leads there as well.
    write(page, f"see [that](#c-{first})")
    comment(page, "see that").get_by_role("link", name="that").click()
    expect(there).to_be_focused()
