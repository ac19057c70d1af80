"""What somebody writes is not lost: offline, by a second click, under another's news; files pasted and dropped."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import DESK, PHONE, SHOTS, Faults, sideways, violations
from .talking import Person, begin, comment, write

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC"
)
GIVE = """([kind, name, type, base64]) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name, {type}));
    const box = document.querySelector("#composer-new-text");
    const how = {bubbles: true, cancelable: true};
    box.dispatchEvent(kind === "paste" ? new ClipboardEvent("paste", {...how, clipboardData: data})
        : new DragEvent("drop", {...how, dataTransfer: data}));
}"""
BOX = "#composer-new-text"


@pytest.mark.parametrize(
    ("language", "theme", "size"),
    [
        pytest.param("en", "dark", DESK, id="en-desk-dark"),
        pytest.param("zh-hans", "light", PHONE, id="zh-phone"),
    ],
)
def test_files_are_pasted_and_dropped_and_seen_by_others(
    person: Person, served, language: str, theme: str, size: dict[str, int]
):
    talk, short = begin(served, language), "zh" if language != "en" else "en"
    one, other = talk.enter("owner", person(short, theme, size)), talk.enter("member", person(short))
    one.locator(BOX).fill("截图如下")
    one.evaluate(GIVE, ["paste", "打卡 [失败].png", "image/png", PNG])
    expect(one.locator(BOX)).to_have_value(
        re.compile(r"截图如下\n!\[打卡 \(失败\)\.png\]\(file:[0-9a-f-]+\)\n")
    )
    one.evaluate(GIVE, ["drop", "核销.csv", "text/csv", "5pel5pyfLOaVsAo="])
    expect(one.locator(BOX)).to_have_value(re.compile(r"\[核销\.csv\]\(file:[0-9a-f-]+\)"))

    # A draft with its files outlives a reload, and is seen before it is sent.
    one.reload()
    one.locator("#composer-new:defined").wait_for()
    expect(one.locator(BOX)).to_have_value(re.compile(r"核销\.csv"))
    one.locator("#composer-new [data-act=preview]").click()
    preview = one.locator("#composer-new .composer-preview")
    expect(preview.locator("a.thumb img")).to_have_js_property("naturalWidth", 10)
    assert violations(one) == []
    one.locator("#composer-new [data-act=preview]").click()
    one.locator(BOX).press("Control+Enter")
    for page in (one, other):
        said = comment(page, "截图如下")
        expect(said.locator("a.thumb img")).to_have_js_property("naturalWidth", 10)
        expect(said.locator("a.thumb img")).to_have_attribute("alt", "打卡 (失败).png")
        expect(said.locator("a.attachment")).to_have_text("核销.csv")
    with other.expect_download() as given:
        comment(other, "截图如下").locator("a.attachment").click()
    assert given.value.suggested_filename == "核销.csv"
    SHOTS.mkdir(exist_ok=True)
    one.screenshot(path=SHOTS / f"files-{language}.png")
    assert sideways(one) == 0
    assert violations(one) == []


def test_what_is_refused_stays_in_the_box(person: Person, served, faults: Faults):
    talk = begin(served, "en")
    page = talk.enter("owner", person())
    page.locator(BOX).fill("see")
    page.evaluate(GIVE, ["paste", "empty.txt", "text/plain", ""])
    expect(page.locator("#composer-new-error")).to_contain_text("empty.txt: This file is empty.")
    expect(page.locator(BOX)).to_have_value(re.compile("^see"))
    faults.expect("422")


def test_offline_the_text_stays_and_is_sent_once(person: Person, served, faults: Faults):
    talk = begin(served, "en")
    page, other = talk.enter("owner", person()), talk.enter("member", person())
    page.context.set_offline(True)
    write(page, "written in a tunnel 🚇")
    expect(page.locator(".toast")).to_contain_text("No connection.")
    expect(page.locator(BOX)).to_have_value("written in a tunnel 🚇")
    page.context.set_offline(False)
    page.locator("#composer-new .btn-primary").click()
    expect(comment(other, "written in a tunnel")).to_have_count(1)
    expect(page.locator(BOX)).to_have_value("")
    assert faults
    faults[:] = [
        fault for fault in faults if not re.search("ERR_INTERNET_DISCONNECTED|Failed to fetch|fetch", fault)
    ]


def test_the_second_click_on_a_slow_way_sends_nothing(person: Person, served):
    talk = begin(served, "en")
    page = talk.enter("owner", person())
    held = []
    page.route("**/write/", lambda route: held.append(route))
    page.locator(BOX).fill("only once")
    page.locator("#composer-new .btn-primary").dblclick()
    page.locator(BOX).press("Control+Enter")
    expect(page.locator(BOX)).to_have_value("only once")  # it stays until the server has it
    page.wait_for_function(
        "() => document.querySelector('#composer-new form.htmx-request, #composer-new .htmx-request')"
    )
    assert len(held) == 1
    held[0].continue_()
    expect(comment(page, "only once")).to_have_count(1)
    expect(page.locator(BOX)).to_have_value("")


def test_news_of_another_takes_nothing_from_who_is_typing(person: Person, served, faults: Faults):
    talk = begin(served, "en")
    one, other = talk.enter("owner", person()), talk.enter("member", person())
    write(one, "first")
    comment(other, "first").get_by_role("button", name="Reply").click()
    reply = other.locator("tp-composer textarea:focus")
    reply.press_sequentially("half a sen")
    write(one, "second")
    expect(comment(one, "second")).to_be_visible()
    expect(reply).to_be_focused()
    box = other.locator(".reply-slot tp-composer textarea")
    other.locator(
        "#discussion-title"
    ).click()  # what has come meanwhile is shown once the hand is off the box
    expect(comment(other, "second")).to_be_visible()
    expect(box).to_have_value("half a sen")
    box.press("Control+End")
    box.press_sequentially("tence")
    expect(box).to_have_value("half a sentence")
    _deleted_under(one, other)
    faults.expect("422")


def _deleted_under(one: Page, other: Page) -> None:
    """What is answered goes while the answer is written: the answer is refused, and stays to be copied."""
    comment(one, "first").locator("[popovertarget^=more-]").click()
    one.get_by_role("menuitem", name="Delete").click()
    expect(comment(one, "first")).to_have_count(0)
    box = other.locator(".reply-slot tp-composer textarea")
    box.press("Control+Enter")
    expect(other.locator(".reply-slot .composer-error")).to_contain_text("not there any more")
    expect(box).to_have_value("half a sentence")
