"""A file of events: uploaded, its columns chosen, imported, reported, taken back; in both languages, desk and phone."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from tests.serving import Served

from .looking import sound
from .steps import Account, make_workspace, sign_up

FILE = (
    "uid,what,when,方案,订单金额 amount of an order in a long unbroken_name_of_a_column\n"
    "u-1,支付成功 💰,2026-03-01 08:00:00,pro,12\n"
    "u-2,支付成功 💰,刚才,pro,13\n"
    "u-3,a-very-long-name-of-an-event-that-no-table-should-be-broken-by,2026-03-01 09:00:00,free,14\n"
    "u-4,支付成功 💰,2026-03-01 09:30:00\n"
)
SAYS = {
    "en": {
        "bad": "Of the first 4 rows, 2 are no events.",
        "row 2": "Row 2: “when” is no time: '刚才'",
        "row 4": "Row 4: 3 cells where the heading has 5.",
        "time": "Choose which column is the time.",
        "undone": "Its events were removed.",
        "stopped": "Stopped after row 0.",
        "lost": "The connection was lost. What was uploaded is kept.",
        "empty": "The first line of a CSV must name its columns, each once.",
    },
    "zh": {
        "bad": "前 4 行中有 2 行无法成为事件",
        "row 2": "第 2 行：“when”不是时间：'刚才'",
        "row 4": "第 4 行：这一行有 3 个单元格，而列名有 5 个。",
        "time": "请选择哪一列是时间。",
        "undone": "这次导入的事件已移除。",
        "stopped": "已在第 0 行后停止",
        "lost": "网络中断，已上传的部分会保留。",
        "empty": "CSV 的第一行必须是列名，且不能重复。",
    },
}


def imports(page: Page, served: Served, slug: str) -> None:
    """A new workspace with a source, and the page of its imports."""
    page.goto("/accounts/signup/")
    sign_up(page, Account("沈一诺", f"{slug}@imports.example"), served)
    make_workspace(page, "晴班", slug)
    page.goto(f"/w/{slug}/settings/sources/")
    page.fill("main form input[name=name]", "官网")
    page.click("main form .btn-primary")
    page.wait_for_url(re.compile(r"/sources/[0-9a-f-]{36}/$"))
    page.click("a[href$='/imports/']")
    page.wait_for_url(re.compile("/imports/$"))


def choose(page: Page, name: str, content: bytes) -> None:
    page.locator("tp-event-file:defined").wait_for()
    file = {"name": name, "mimeType": "text/csv", "buffer": content}
    page.set_input_files("tp-event-file input[type=file]", file)


def start(page: Page, **chosen: str) -> None:
    """Choose the columns by their place and begin."""
    page.wait_for_url(re.compile("/imports/files/"))
    for at, role in chosen.items():
        with page.expect_response(re.compile("/imports/files/")):
            page.select_option(f"select[name={at}]", role)
    expect(page.locator("#preview")).to_be_visible()
    page.click("#event-file .form-actions .btn-primary")
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}/$"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_file_of_events(person, served: Served, faults, language: str) -> None:
    page, words = person(language), SAYS[language]
    imports(page, served, f"events-{language}")
    sound(page, f"event-imports-none-{language}")

    choose(page, "not-a-table.csv", b"nothing\n")
    expect(page.locator("[data-refused]")).to_contain_text(words["empty"])
    faults.expect("422")
    choose(page, "去年.csv", FILE.encode("gb18030"))
    page.wait_for_url(re.compile("/imports/files/"))
    expect(page.locator("#event-file")).to_contain_text(words["time"])
    expect(page.locator("#event-file .form-actions .btn-primary")).to_be_disabled()
    sound(page, f"event-columns-asked-{language}")
    for name, role in (("c1", "event"), ("c2", "time"), ("c3", "left_out")):
        with page.expect_response(re.compile("/imports/files/")):
            page.select_option(f"select[name={name}]", role)
    expect(page.locator(".callout")).to_contain_text(words["bad"])
    for row in ("row 2", "row 4"):
        expect(page.locator(".callout")).to_contain_text(words[row])
    first = page.locator("#preview tbody tr").first
    expect(first).to_contain_text("支付成功 💰")
    expect(first).to_contain_text("u-1")
    expect(first).not_to_contain_text("pro")
    sound(page, f"event-columns-{language}")

    page.click("#event-file .form-actions .btn-primary")
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}/$"))
    expect(page.locator("#import-counts dd")).to_have_text(["4", "2", "0", "2"])
    expect(page.locator("#refused tbody tr")).to_have_count(2)
    sound(page, f"event-import-{language}")
    with page.expect_download() as got:
        page.click("a[download]")
    assert got.value.path().read_text("utf-8-sig").count("\n") == 3

    page.on("dialog", lambda dialog: dialog.accept())
    page.click("#import .btn-danger")
    # What still waits for the store is looked at again in the next minute.
    expect(page.locator("#import")).to_contain_text(words["undone"], timeout=120_000)
    sound(page, f"event-import-undone-{language}")
    page.click("a[href$='/imports/']")
    expect(page.locator("#import-rows li")).to_have_count(1)
    sound(page, f"event-imports-{language}")


@contextmanager
def asleep(served: Served) -> Iterator[None]:
    """No worker moves meanwhile."""
    pid = served.pid("worker")
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_stopped_and_gone_on_with(person, served: Served, language: str) -> None:
    page, words = person(language), SAYS[language]
    imports(page, served, f"stopped-{language}")
    choose(page, "去年.csv", FILE.encode())
    with asleep(served):
        start(page, c1="event", c2="time")
        expect(page.locator("progress")).to_be_visible()
        sound(page, f"event-import-running-{language}")
        page.click("#import .form-actions .btn:not(.btn-danger)")
        expect(page.locator("#import")).to_contain_text(words["stopped"])
        sound(page, f"event-import-stopped-{language}")
        page.click("#import .form-actions .btn-primary")
        expect(page.locator("progress")).to_be_visible()
    expect(page.locator("#import-counts dd")).to_have_text(["4", "2", "0", "2"])


def test_an_upload_goes_on_after_a_lost_connection(person, served: Served, faults) -> None:
    page, words = person("en"), SAYS["en"]
    imports(page, served, "lost-en")
    lost: list[str] = []
    parts: list[str] = []

    def once(route: Route) -> None:
        parts.append(route.request.url.partition("?")[2])
        if len(parts) == 2:
            lost.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route("**/part/?*", once)
    content = (FILE.partition("\n")[0] + "\n" + "u,e,2026-03-01,pro,1\n" * 260_000).encode()
    choose(page, "large.csv", content)
    page.wait_for_url(re.compile("/imports/files/"))
    assert parts == ["at=0", "at=4194304", "at=4194304"], "the lost part alone is sent again"
    assert lost
    faults.expect("net::ERR_FAILED")
    page.unroute("**/part/?*")

    # Away for longer than it is patient, it keeps what was sent and asks.
    page.go_back()
    page.route("**/part/?at=4194304", lambda route: route.abort())
    choose(page, "other.csv", content + b"u,e,2026-03-02,pro,1\n")
    expect(page.locator("tp-event-file [data-state]")).to_have_text(words["lost"], timeout=60_000)
    sound(page, "event-upload-lost")
    faults.expect("net::ERR_FAILED")
    page.unroute("**/part/?at=4194304")
    page.click("[data-again]")
    page.wait_for_url(re.compile("/imports/files/"))
    expect(page.locator("#columns-title")).to_have_text("other.csv")
