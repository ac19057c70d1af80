"""Headless Chromium against a whole server. A console error, a failed request or a CSP violation fails the test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.serving import Served

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = (
    20_000  # how long a busy machine may take; what is measured in seconds is measured in tests/perf
)
expect.set_options(timeout=PATIENCE_MS)
SHOTS = ROOT / "screenshots"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 860}
LOCALES = {"en": "en-US", "zh": "zh-CN"}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    setattr(item, f"report_{report.when}", report)
    return report


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("served") / "data").start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for each test file, gone with it.

    Playwright keeps an event loop running in this thread for as long as it lives; what a worker tests next must not
    find itself inside one.
    """
    path = next(
        (
            found
            for name in ("chromium", "chromium-browser", "google-chrome")
            if (found := shutil.which(name))
        ),
        None,
    )
    assert path, "Chromium is not installed; see bin/install-browser"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Faults(list[str]):
    """What the browser complained of. ``expect(text)`` takes out a complaint that a test causes on purpose."""

    def expect(self, text: str) -> None:
        kept = [fault for fault in self if text not in fault]
        assert len(kept) < len(self), f"the browser did not complain of {text!r}"
        self[:] = kept


@pytest.fixture
def faults() -> Iterator[Faults]:
    found = Faults()
    yield found
    assert found == []


@pytest.fixture
def person(
    request: pytest.FixtureRequest, chromium: Browser, served: Served, faults: Faults
) -> Iterator[Callable[..., Page]]:
    """``person(language="zh", theme="dark", size=PHONE)``: a page in a browser profile of its own."""
    contexts: list[BrowserContext] = []

    def open_page(language: str = "en", theme: str = "light", size: dict[str, int] = DESK) -> Page:
        context = chromium.new_context(
            base_url=served.address,
            locale=LOCALES[language],
            color_scheme=theme,
            viewport=size,
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        watch(page, faults)
        return page

    yield open_page
    failed = getattr(request.node, "report_call", None)
    for number, context in enumerate(contexts):
        if failed is not None and failed.failed:
            SHOTS.mkdir(exist_ok=True)
            for page in context.pages:
                page.screenshot(path=SHOTS / f"failed-{request.node.name}-{number}.png")
        context.close()


def watch(page: Page, faults: Faults) -> None:
    """Collect what goes wrong on a page: errors on the console (CSP violations among them), uncaught exceptions."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(f"{page.url}: {message.text}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))


def violations(page: Page) -> list[str]:
    """What axe-core finds on the page once nothing fades or slides in any more, each with the element."""
    page.evaluate(
        """() => Promise.all(document.getAnimations()
            .filter((one) => Number.isFinite(one.effect.getComputedTiming().endTime))
            .map((one) => one.finished.catch(() => undefined)))"""
    )
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    return [
        f"{item['id']}: {node['target']} {node['failureSummary']}" for item in found for node in item["nodes"]
    ]


def sideways(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
