"""A dashboard built by hand: tiles dragged, resized, moved by keys, taken back; two tabs, a phone, the secret link."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.serving import Served

from .conftest import PHONE, Faults, sideways, violations
from .looking import sound
from .test_insights import start

NAME = "增长周会：新客、留存、漏斗一起看，给大屏和周一早会用的那一块看板 📊"
SAYS = {
    "en": {"insight": "A saved insight", "text": "A text", "add": "Add", "more": "More", "undo": "Undo",
           "edit": "Edit the text", "save": "Save", "off": "Take off", "share": "Share by link",
           "make": "Make a link", "end": "Turn the link off", "users": "2 users", "place": "Move or resize…"},
    "zh": {"insight": "保存过的分析", "text": "一段文字", "add": "添加", "more": "更多", "undo": "撤销",
           "edit": "编辑文字", "save": "保存", "off": "移除", "share": "链接分享",
           "make": "生成链接", "end": "关闭链接", "users": "2 位用户", "place": "移动或调整大小…"},
}  # fmt: skip


def keep(page: Page, slug: str, name: str, math: str) -> None:
    """Save a trend of payments."""
    page.goto(f"/w/{slug}/data/new/trends/?series.0.event=支付成功&series.0.math={math}&from=-6d&to=today")
    page.locator("tp-dialog:defined").first.wait_for(state="attached")
    page.click("[data-dialog=save]")
    page.fill("#save-name", name)
    page.locator("dialog#save .btn-primary").click()
    page.wait_for_url(re.compile(r"/insights/[0-9a-f-]{36}/$"))


def ready(page: Page) -> None:
    """Every tile is answered, and what moves tiles is there."""
    page.locator("tp-dashboard-grid:defined").wait_for(state="attached")
    page.locator("tp-menu:defined").first.wait_for(state="attached")
    expect(page.locator(".skeleton-lines")).to_have_count(0)


def build(page: Page, served: Served, slug: str, words: dict[str, str]) -> str:
    """A dashboard with two insights and a text; its address."""
    start(page, served, slug)
    keep(page, slug, "付费次数", "total")
    keep(page, slug, "付费用户", "unique_users")
    page.goto(f"/w/{slug}/data/dashboards/")
    page.locator("tp-dialog:defined").first.wait_for(state="attached")
    sound(page, f"dashboards-none-{slug}")
    page.click("[data-dialog=dashboard-new]")
    page.fill("#new-name", NAME)
    page.locator("dialog#dashboard-new .btn-primary").click()
    page.wait_for_url(re.compile(r"/dashboards/[0-9a-f-]{36}/$"))
    ready(page)
    for name in ("付费次数", "付费用户"):
        page.locator("#dashboard-add-button").click()
        page.get_by_role("menuitem", name=words["insight"]).click()
        page.locator("#tile-choices li", has_text=name).get_by_role("button").click()
        expect(page.locator(".tile", has_text=name)).to_be_visible()
        page.locator("dialog#add-insight [data-close]").last.click()
        expect(page.locator("dialog#add-insight")).to_be_hidden()
    page.locator("#dashboard-add-button").click()
    page.get_by_role("menuitem", name=words["text"], exact=True).click()
    page.fill("#new-text", "## 本周要看什么\n- **新客**是否留下来")
    page.locator("dialog#add-text .btn-primary").click()
    expect(page.locator(".tile .prose")).to_contain_text("新客")
    ready(page)
    return page.url


def place(page: Page, name: str) -> tuple[int, int, int, int]:
    tile = page.locator(".tile", has_text=name)
    return tuple(int(tile.get_attribute(f"data-{key}") or -1) for key in "xywh")  # type: ignore[return-value]


def saved(page: Page, act: Callable[[], object]) -> None:
    """Do what arranges tiles and wait until the server's answer stands on the page."""
    with page.expect_response(lambda got: got.url.split("?")[0].endswith("/arrange/") and got.ok):
        act()


def drag(page: Page, name: str, handle: str, by_x: float, by_y: float) -> None:
    tile = page.locator(".tile", has_text=name)
    tile.hover()
    box = tile.locator(handle).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by_x / 2, y + by_y / 2, steps=4)
    page.mouse.move(x + by_x, y + by_y, steps=4)
    expect(tile).to_have_attribute("data-dragging", "")
    page.wait_for_timeout(100)  # a frame in which it follows
    saved(page, page.mouse.up)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_dashboard_is_built_arranged_and_taken_back(
    person: Callable[..., Page], served: Served, language: str
) -> None:
    page, words, slug = person(language), SAYS[language], f"board-{language}"
    address = build(page, served, slug, words)
    expect(page.locator(".insight-total")).to_have_text(["3", "2"])
    assert (place(page, "付费次数"), place(page, "付费用户")) == ((0, 0, 6, 8), (6, 0, 6, 8))
    sound(page, f"dashboard-{language}")

    page.locator(".insight-total").nth(1).click()
    expect(page.locator(".page-lead")).to_contain_text(words["users"])
    page.go_back()
    ready(page)

    width = page.locator("#dashboard-grid").bounding_box()["width"]  # type: ignore[index]
    drag(page, "付费用户", "[data-grip]", -width / 2, 0)
    assert place(page, "付费用户")[:2] == (0, 0)
    assert place(page, "付费次数")[:2] == (0, 8)
    expect(page.locator(".insight-total")).to_have_text(["2", "3"])
    drag(page, "付费用户", "[data-corner]", width / 4, 100)
    assert place(page, "付费用户")[2] == 9
    assert place(page, "付费用户")[3] > 8
    page.reload()
    ready(page)
    assert place(page, "付费用户")[2] == 9

    grip = page.locator(".tile", has_text="付费用户").locator("[data-grip]")
    grip.focus()
    saved(page, lambda: page.keyboard.press("Alt+ArrowRight"))
    assert place(page, "付费用户")[0] == 1
    expect(grip).to_be_focused()
    saved(page, lambda: page.keyboard.press("Alt+Shift+ArrowLeft"))
    assert place(page, "付费用户")[2] == 8
    toast = page.locator("tp-toasts .toast").last
    expect(toast.get_by_role("button", name=words["undo"])).to_be_visible()
    with page.expect_response(lambda got: got.url.endswith("/undo/")):
        page.keyboard.press("Control+z")
    expect(page.locator(".tile", has_text="付费用户")).to_have_attribute("data-w", "9")

    text = page.locator(".tile:has(.prose)")
    text.hover()
    text.get_by_role("button", name=words["more"]).click()
    page.get_by_role("menuitem", name=words["edit"]).click()
    page.locator(".tile-edit textarea").fill("# 只看一眼")
    page.locator(".tile-edit").get_by_role("button", name=words["save"]).click()
    expect(page.locator(".tile .prose h1")).to_have_text("只看一眼")
    page.locator(".tile", has_text="付费次数").get_by_role("button", name=words["more"]).click()
    page.get_by_role("menuitem", name=words["off"]).click()
    expect(page.locator(".tile", has_text="付费次数")).to_have_count(0)
    page.locator("tp-toasts .toast").last.get_by_role("button", name=words["undo"]).click()
    expect(page.locator(".tile", has_text="付费次数")).to_be_visible()
    ready(page)

    page.click("#over button[name=preset][value='today']")
    expect(page.locator("#over button[value='today']")).to_have_attribute("aria-pressed", "true")
    ready(page)
    expect(page.locator(".insight-total")).to_have_text(["2", "3"])
    assert "from=today" in page.url
    sound(page, f"dashboard-over-{language}")
    page.goto(address)
    ready(page)
    sound(page, f"dashboard-arranged-{language}")


def test_others_see_it_move_and_a_hand_is_left_alone(person: Callable[..., Page], served: Served) -> None:
    page = person("zh")
    address = build(page, served, "board-two", SAYS["zh"])
    other = page.context.new_page()
    other.goto(address)
    ready(other)
    other.locator("tp-live").wait_for(state="attached")
    page.locator(".tile", has_text="付费次数").locator("[data-grip]").focus()
    saved(page, lambda: page.keyboard.press("Alt+Shift+ArrowDown"))
    expect(other.locator(".tile", has_text="付费次数")).to_have_attribute("data-h", "9")

    box = other.locator(".tile", has_text="付费用户").locator("[data-grip]").bounding_box()
    assert box is not None
    other.mouse.move(box["x"] + 8, box["y"] + 8)
    other.mouse.down()
    other.mouse.move(box["x"] + 8, box["y"] + 60, steps=4)
    expect(other.locator(".tile", has_text="付费用户")).to_have_attribute("data-dragging", "")
    saved(page, lambda: page.keyboard.press("Alt+Shift+ArrowDown"))
    other.wait_for_timeout(1500)  # longer than a hint takes: nothing must have come under the hand
    expect(other.locator(".tile", has_text="付费次数")).to_have_attribute("data-h", "9")
    other.keyboard.press("Escape")
    other.mouse.up()
    expect(other.locator(".tile", has_text="付费次数")).to_have_attribute("data-h", "10")


def test_on_a_phone_it_is_one_column_and_still_can_be_arranged(
    person: Callable[..., Page], served: Served
) -> None:
    page, words = person("zh"), SAYS["zh"]
    build(page, served, "board-phone", words)
    page.set_viewport_size(PHONE)
    tops = [page.locator(".tile").nth(n).bounding_box() for n in range(3)]
    assert all(box is not None and box["x"] == tops[0]["x"] for box in tops)  # type: ignore[index]
    assert [box["y"] for box in tops] == sorted(box["y"] for box in tops)  # type: ignore[index]
    assert sideways(page) == 0
    page.locator(".tile", has_text="付费用户").get_by_role("button", name=words["more"]).click()
    page.get_by_role("menuitem", name=words["place"]).click()
    page.locator(".tile-edit [name=x]").fill("1")
    assert not violations(page)
    page.locator(".tile-edit").get_by_role("button", name=words["save"]).click()
    expect(page.locator(".tile").first).to_contain_text("付费用户")


def test_a_link_opens_it_to_whoever_has_it_and_nothing_else(
    person: Callable[..., Page], served: Served, faults: Faults
) -> None:
    page, words = person("zh"), SAYS["zh"]
    build(page, served, "board-link", words)
    page.locator("#dashboard-more-button").click()
    page.get_by_role("menuitem", name=words["share"]).click()
    page.get_by_role("button", name=words["make"]).click()
    line = page.locator("dialog#share .copy-line code")
    expect(line).to_be_visible()
    assert not violations(page)
    link = line.inner_text()
    path = re.sub(r"^https?://[^/]+", "", link)

    for language, theme in (("en", "light"), ("zh", "dark")):
        reader = person(language, theme)
        reader.goto(path)
        expect(reader.locator(".insight-total")).to_have_text(["3", "2"])
        assert reader.locator("a.insight-total, .side, form").count() == 0
        sound(reader, f"dashboard-shared-{language}")
    page.get_by_role("button", name=words["end"]).click()
    expect(page.locator("dialog#share .copy-line")).to_have_count(0)
    gone = reader.goto(path)
    assert gone is not None
    assert gone.status == 404
    faults.expect("404")
