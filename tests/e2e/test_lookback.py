"""Paste a series, click the launch day, understand the result, share it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.serving import Served

from .conftest import Faults
from .steps import WORDS, Account, invitation_link, join, make_workspace, paste, series, sign_up


@pytest.mark.parametrize("language", ["en", "zh"])
def test_from_paste_to_a_shared_result(person, served: Served, faults: Faults, language: str) -> None:
    words, slug = WORDS[language], f"lookback-{language}"
    page = person(language)
    page.goto("/accounts/signup/")
    sign_up(page, Account("罗小满", f"xiaoman-{language}@lookback.example"), served)
    make_workspace(page, "晴班", slug)

    text, launch = series()
    page.goto(f"/w/{slug}/lookback/new/")
    paste(page, text)
    chart = page.locator("tp-chart[data-pick]")
    plot = chart.locator(".chart-plot")
    plot.scroll_into_view_if_needed()
    expect(chart).to_have_attribute("data-drawn", "")

    # Pick a day on the chart with the mouse, then the exact one in the field.
    box = plot.bounding_box()
    plot.click(position={"x": box["width"] * 0.8, "y": box["height"] * 0.5})
    day = page.locator("input[name=launch]")
    expect(day).not_to_have_value("")
    expect(day).to_have_value(re.compile(r"2026-0[678]-\d\d"))
    day.fill(launch.isoformat())
    day.dispatch_event("change")
    page.locator("input[name=expected]").fill("20")
    expect(page.locator("#desk-power")).to_contain_text(re.compile(r"%"))

    # A server that does not answer is told, and what was typed stays.
    show = page.locator("button[name=intent][value=show]")
    page.route("**/lookback/new/", lambda route: route.abort())
    show.click()
    expect(page.locator("tp-toasts")).to_contain_text(words["no answer"])
    page.unroute("**/lookback/new/")
    faults.expect("Failed to")
    expect(page.locator("textarea[name=text]")).to_have_value(text)
    expect(day).to_have_value(launch.isoformat())

    show.dblclick()
    page.wait_for_url(re.compile(rf"/w/{slug}/lookback/[0-9a-f-]{{36}}/"))

    # The result comes by itself.
    verdict = page.locator(".verdict")
    expect(verdict).to_be_visible(timeout=60_000)
    expect(verdict.locator(".result").first).to_contain_text(words["met"])
    expect(verdict).to_contain_text("C")
    expect(verdict.locator("svg.interval:visible")).to_have_count(1)
    expect(page.locator("tp-chart svg").first).to_be_visible()

    # As CSV and as a picture.
    with page.expect_download() as csv:
        page.locator("a[download]").last.click()
    content = csv.value.path().read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert launch.isoformat() in content.decode("utf-8-sig")
    with page.expect_download() as png:
        page.locator("tp-chart [data-png]").first.click()
    assert png.value.path().read_bytes().startswith(b"\x89PNG")

    # The way back leads to the desk with everything still there.
    address = page.url
    page.go_back()
    page.wait_for_url(re.compile(rf"/w/{slug}/lookback/new/\?from="))
    expect(page.locator("textarea[name=text]")).to_have_value(re.compile(launch.isoformat()))
    expect(page.locator("input[name=launch]")).to_have_value(launch.isoformat())
    page.goto(address)

    # On Home, and for a member with the link; a stranger learns nothing.
    page.goto(f"/w/{slug}/")
    expect(page.locator(f"main a[href='{address.split('/', 3)[-1].join(['/', ''])}']").first).to_be_visible()
    mate = person(language)
    join(mate, invitation_link(page, slug, "member"), Account("蒋沐", f"mu-{language}@lookback.example"))
    mate.goto(address)
    expect(mate.locator(".verdict")).to_be_visible()
    stranger = person(language)
    stranger.goto("/accounts/signup/")
    sign_up(stranger, Account("Stranger", f"stranger-{language}@else.example"), served)
    assert stranger.goto(address).status == 404
    faults.expect("404")
    expect(stranger.locator("body")).not_to_contain_text("新注册门店")


def test_a_refused_form_keeps_what_was_typed(person, served: Served, faults: Faults) -> None:
    page = person("en")
    page.goto("/accounts/signup/")
    sign_up(page, Account("Keeper", "keeper@lookback.example"), served)
    make_workspace(page, "Keeper", "keeper")
    page.goto("/w/keeper/lookback/new/")
    text, _launch = series()
    broken = text + "\nnot a day\tnot a number"
    paste(page, broken)
    page.locator("input[name=launch]").fill("2031-01-01")
    page.locator("input[name=expected]").fill("twenty")
    with page.expect_console_message(lambda said: "422" in said.text):
        page.locator("button[name=intent][value=show]").click()
    expect(page.locator(".field-errors").first).to_be_visible()
    expect(page.locator("textarea[name=text]")).to_have_value(re.compile("not a number"))
    expect(page.locator("input[name=expected]")).to_have_value("twenty")
    faults.expect("422")
