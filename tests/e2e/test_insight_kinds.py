"""Every kind of insight from an empty form to a kept answer and back: by pointer on a desk in English, by pointer on a
phone in Chinese, and by keys alone. What a file and a picture hold is what the page shows.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.serving import Served

from .conftest import DESK, PATIENCE_MS, PHONE
from .looking import sound
from .sending import send
from .test_insights import SAYS

ENTER = """
import json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import User
from tongpin.modules.analytics.models import SourceKey
made = {"cookie": settings.SESSION_COOKIE_NAME}
for language in ("en", "zh-hans"):
    user = User.objects.create_user(f"{language}@kinds.example", name="沈一诺", language=language)
    slug = f"kinds-{language[:2]}"
    run_named("workspaces.workspace.create", Actor.of(user), {"name": "晴班", "slug": slug})
    actor = Actor.in_workspace(user, slug)
    source = run_named("analytics.source.create", actor, {"name": "商城"}).value
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    key = SourceKey.objects.get(source__workspace=actor.workspace).value
    made[language[:2]] = {"slug": slug, "session": session.session_key, "key": key}
print(json.dumps(made))
"""
RANGE = ("2026-03-02", "2026-03-04")
PEOPLE = {"ann": ("pro", "phone"), "bo": ("free", "desk"), "cy": ("pro", "phone"), "dee": ("pro", "desk")}
# Who, on which of the three days, in which minute, what, from where.
HAPPENED = [
    ("ann", 2, 0, "search", "wechat"), ("ann", 2, 5, "cart", ""), ("ann", 2, 15, "paid", ""),
    ("ann", 3, 0, "search", ""), ("ann", 4, 0, "search", ""),
    ("bo", 2, 0, "search", ""), ("bo", 2, 4, "cart", ""), ("bo", 4, 0, "search", ""),
    ("cy", 2, 0, "search", ""),
    ("dee", 3, 0, "search", "baidu"), ("dee", 3, 1, "cart", ""), ("dee", 3, 2, "paid", ""),
]  # fmt: skip
CONVERTED = {"ann", "dee"}
EVERYBODY = set(PEOPLE)
Lines = list[list[str]]


@dataclass(frozen=True)
class Kind:
    """``fields`` are filled into the form in order; ``number`` then shows ``says`` and, of the professionals
    with a phone, ``narrowed``; behind it are ``who``. ``seen`` are the figures of the page, ``filed`` of the file,
    which must be the same."""

    name: str
    fields: list[tuple[str, str]]
    number: str
    says: str
    narrowed: str
    who: set[str]
    seen: Callable[[Page], list[float]]
    filed: Callable[[Lines], list[float]]
    drawn: bool = True


def figures(*found: str) -> list[float]:
    """The first number of each text."""
    return [float(re.search(r"-?[\d.]+", text.replace(",", ""))[0]) for text in found]


def cells(page: Page, place: str) -> list[float]:
    return figures(*page.locator(place).all_text_contents())


def twin(page: Page, column: int) -> list[float]:
    return [abs(each) for each in cells(page, f"[data-cell^='{column}:']")]


def column(lines: Lines, at: int, *, where: Callable[[list[str]], bool] = lambda line: True) -> list[float]:
    return [float(line[at]) for line in lines[1:] if where(line)]


KINDS = [
    Kind(
        "funnel",
        [("steps.0.0.event", "search"), ("steps.1.0.event", "cart"), ("+", "steps"), ("steps.2.0.event", "paid"),
         ("breakdown.property", "on")],
        ".step-bar:nth-child(3) .step-count a", "2", "1", CONVERTED,
        lambda page: cells(page, ".step-count, [aria-labelledby=funnel-groups] td:not(:last-child)"),
        lambda lines: column(lines, 3),
    ),
    Kind(
        "retention",
        [("start.event", "search"), ("return.event", "search"), ("periods", "2")],
        ".heat tbody tr:nth-child(2) td:nth-child(5) .heat-count", "2", "1", {"ann", "bo"},
        lambda page: cells(page, ".heat-count"),
        lambda lines: column(lines, 3, where=lambda line: line[1] not in ("", "0")),
    ),
    Kind(
        "lifecycle",
        [("event", "search")],
        "[data-cell='0:0'] a", "3", "2", {"ann", "bo", "cy"},
        lambda page: [each for at in range(4) for each in twin(page, at)],
        lambda lines: [each for at in range(1, 5) for each in column(lines, at)],
    ),
    Kind(
        "stickiness",
        [("event", "search")],
        ".insight-totals li:first-child .insight-total", "4", "2", EVERYBODY,
        lambda page: twin(page, 0),
        lambda lines: column(lines, 1),
    ),
    Kind(
        "paths",
        [("max_steps", "3")],
        "a.insight-total", "7", "4", EVERYBODY,
        lambda page: sorted(cells(page, "[aria-labelledby=ways-legs] td:last-child")),
        lambda lines: sorted(column(lines, 3)),
        drawn=False,
    ),
    Kind(
        "sessions",
        [("breakdown.property", "plan")],
        "a.insight-total >> nth=0", "4", "2", EVERYBODY,
        lambda page: twin(page, 0),
        lambda lines: column(lines, 1, where=lambda line: line[0].startswith("2026-")),
    ),
    Kind(
        "attribution",
        [("conversion.event", "paid"), ("value_property", "amount")],
        "a.insight-total >> nth=0", "2", "1", CONVERTED,
        lambda page: cells(page, ".insight-answer tbody td"),
        lambda lines: column(lines, 2),
        drawn=False,
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def shops(served: Served) -> dict[str, dict[str, str]]:
    """A shop in each language with the same events in the store."""
    made = json.loads(served.script(ENTER).splitlines()[-1])
    for language in ("en", "zh"):
        batch = [
            {
                "event": what, "distinct_id": who, "at": f"2026-03-0{day}T12:{minute:02}:00+08:00",
                "properties": {
                    "plan": PEOPLE[who][0], "on": PEOPLE[who][1], "amount": 30,
                    **({"utm_source": source} if source else {}),
                },
            }
            for who, day, minute, what, source in HAPPENED
        ]  # fmt: skip
        assert send(served, made[language]["key"], *batch)[1]["accepted"] == len(HAPPENED)
    return made


@pytest.fixture
def shop(served: Served, shops: dict, person: Callable[..., Page]) -> Callable[[str, dict], tuple[Page, str]]:
    """``shop("zh", PHONE)``: its page, signed in, once its events can be asked about; and where its insights are."""

    def enter(language: str, size: dict[str, int]) -> tuple[Page, str]:
        page, mine = person(language, size=size), shops[language]
        page.context.add_cookies([{"name": shops["cookie"], "value": mine["session"], "url": served.address}])
        base = f"/w/{mine['slug']}/data/"
        for _ in range(120):
            page.goto(f"{base}new/trends/?series.0.math=total&from={RANGE[0]}&to={RANGE[1]}")
            if page.locator(".insight-total").all_inner_texts() == [str(len(HAPPENED))]:
                return page, base
            page.wait_for_timeout(500)
        raise AssertionError("the events are not in the store")

    return enter


def ask(page: Page, act: Callable[[], object]) -> None:
    """Change something in the form, and wait until its answer is on the page: only then is there more to be typed."""
    page.evaluate(
        """(patience) => { window.answered = new Promise((done, never) => {
            document.addEventListener("htmx:after:swap", () => done(), { once: true });
            setTimeout(() => never(new Error("no answer")), patience); }); }""",
        PATIENCE_MS,
    )
    act()
    page.evaluate("() => window.answered")


def fill(page: Page, name: str, value: str) -> None:
    field = page.locator(f"#question [name='{name}']")

    def act() -> None:
        field.fill(value)
        field.blur()

    ask(page, act)


def add(page: Page, place: str) -> None:
    ask(page, lambda: page.click(f"#question button[name=add][value='{place}']"))


def put(page: Page, name: str, value: str) -> None:
    """Fill a field of the form or press the button that adds one."""
    add(page, value) if name == "+" else fill(page, name, value)


def behind(page: Page) -> set[str]:
    return set(page.locator("#behind-rows .row-title").all_inner_texts())


def drawn(page: Page) -> Locator:
    """The last chart, once its engine is there."""
    plot = page.locator("tp-plot:has(.chart-plot svg, .chart-plot canvas)").last
    plot.wait_for()
    return plot


def picture(page: Page) -> bytes:
    plot = drawn(page)
    with page.expect_download() as saved:
        plot.locator("[data-png]").click()
    return Path(saved.value.path()).read_bytes()


def file(page: Page) -> Lines:
    with page.expect_download() as saved:
        page.locator(".card-foot a[download]").click()
    return list(csv.reader(io.StringIO(Path(saved.value.path()).read_text("utf-8-sig"))))


def number(page: Page, kind: Kind) -> Locator:
    """The figure; where it is in the table twin, that is opened first."""
    if kind.number.startswith("[data-cell") and page.locator(".chart-table").first.is_hidden():
        drawn(page).locator("[data-twin]").click()
    return page.locator(kind.number)


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("zh", PHONE)], ids=["en-desk", "zh-phone"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_is_built_narrowed_opened_kept_changed_and_taken_back(
    shop: Callable[..., tuple[Page, str]], kind: Kind, language: str, size: dict[str, int]
) -> None:
    page, base = shop(language, size)
    words = SAYS[language]
    page.goto(f"{base}new/{kind.name}/")
    expect(page.locator(".insight-answer .empty")).to_be_visible()  # nothing within the last 30 days
    fill(page, "from", RANGE[0])
    fill(page, "to", RANGE[1])
    for name, value in kind.fields:
        put(page, name, value)
    if kind.drawn:
        assert picture(page).startswith(b"\x89PNG\r\n\x1a\n")
    expect(number(page, kind)).to_have_text(kind.says)
    assert kind.seen(page) == kind.filed(file(page))

    # Narrowed: professionals who were on a phone or (for a moment) on a desk.
    add(page, "where.of")
    if kind.number.startswith("[data-cell"):
        expect(
            page.locator(".chart-table").first
        ).to_be_visible()  # whoever looks at the table goes on doing so
    fill(page, "where.of.0.property", "plan")
    fill(page, "where.of.0.value", "pro")
    add(page, "where.of.group")
    fill(page, "where.of.1.of.0.property", "on")
    fill(page, "where.of.1.of.0.value", "phone")
    expect(number(page, kind)).to_have_text(kind.narrowed)
    add(page, "where.of.1.of")
    fill(page, "where.of.1.of.1.property", "on")
    fill(page, "where.of.1.of.1.value", "desk")
    expect(page.locator("#question [name='where.of.1.match']")).to_have_value("any")
    sound(page, f"insight-{kind.name}-{language}")
    page.set_viewport_size(size)
    assert kind.seen(page) == kind.filed(file(page))
    ask(page, lambda: page.click("#question button[name=drop][value='where.of.1.of.1']"))
    expect(number(page, kind)).to_have_text(kind.narrowed)
    ask(page, lambda: page.click("#question button[name=drop][value='where.of.1']"))
    ask(page, lambda: page.click("#question button[name=drop][value='where.of.0']"))
    expect(number(page, kind)).to_have_text(kind.says)
    page.wait_for_url(lambda url: "where.of" not in url)
    asked = page.url

    number(page, kind).click()
    page.wait_for_url(re.compile("/data/people/"))
    expect(page.locator("#behind-rows .row-title")).to_have_count(len(kind.who))
    assert behind(page) == kind.who
    page.go_back()
    page.wait_for_url(asked)
    expect(number(page, kind)).to_have_text(kind.says)

    name = f"{kind.name} {language}"
    page.click("[data-dialog=save]")
    page.fill("#save-name", name)
    page.locator("dialog#save .btn-primary").click()
    page.wait_for_url(re.compile(r"/insights/[0-9a-f-]{36}/$"))
    expect(page.locator("h1")).to_have_text(name)
    badge = page.locator(".page-actions").get_by_text(words["changed"])
    fill(page, "to", "2026-03-03")
    expect(badge).to_be_visible()
    page.locator(".page-actions").get_by_role("link", name=words["discard"]).click()
    expect(badge).to_have_count(0)
    expect(page.locator("#question [name=to]")).to_have_value(RANGE[1])
    fill(page, "to", "2026-03-03")
    ask(page, lambda: page.locator(".page-actions").get_by_role("button", name=words["changes"]).click())
    expect(badge).to_have_count(0)
    expect(page.locator("#question [name=to]")).to_have_value("2026-03-03")

    page.locator(".page-actions tp-menu:defined").wait_for()
    page.locator(".page-actions").get_by_role("button", name=words["more"], exact=True).click()
    page.get_by_role("menuitem", name=words["delete"]).click()
    page.wait_for_url(re.compile(r"/data/$"))
    expect(page.locator("#insight-list")).not_to_contain_text(name)
    page.locator("tp-toasts .toast", has_text=name).get_by_role("button", name=words["undo"]).click()
    expect(page.locator("#insight-list")).to_contain_text(name)


def tab_to(page: Page, place: str, key: str = "Tab") -> None:
    """Press Tab until the focus is there."""
    for _ in range(120):
        page.keyboard.press(key)
        if page.evaluate("(place) => document.activeElement?.matches(place) ?? false", place):
            return
    raise AssertionError(f"{key} does not lead to {place}")


def type_into(page: Page, name: str, value: str, key: str = "Tab") -> None:
    """Go to a field of the form by keys, write, go on; the focus is somewhere in the form when the answer has come."""
    tab_to(page, f"#question [name='{name}']", key)
    page.keyboard.type(value)
    ask(page, lambda: page.keyboard.press("Tab"))
    assert page.evaluate("() => document.activeElement.closest('#question') !== null"), name


def press(page: Page, value: str) -> None:
    tab_to(page, f"#question button[name=add][value='{value}']")
    ask(page, lambda: page.keyboard.press("Enter"))


def test_a_funnel_is_built_and_opened_by_keys_alone(shop: Callable[..., tuple[Page, str]]) -> None:
    page, base = shop("en", DESK)
    got = page.locator(".step-bar:nth-child(3) .step-count a")
    page.goto(f"{base}new/funnel/?steps.0.0.event=&steps.1.0.event=&from={RANGE[0]}&to={RANGE[1]}")
    type_into(page, "steps.0.0.event", "search")
    type_into(page, "steps.1.0.event", "cart")
    press(page, "steps")
    type_into(page, "steps.2.0.event", "paid", "Shift+Tab")
    expect(got).to_have_text("2")
    press(page, "where.of")
    type_into(page, "where.of.0.property", "on", "Shift+Tab")
    type_into(page, "where.of.0.value", "phone")
    expect(got).to_have_text("1")
    tab_to(page, "#opt-order")
    ask(page, lambda: page.keyboard.press("ArrowDown"))
    expect(page.locator("#opt-order")).to_have_value("strict")
    assert page.evaluate("() => document.activeElement.id") == "opt-order"
    expect(got).to_have_text("1")

    tab_to(page, ".step-bar:nth-child(3) .step-count a")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/data/people/"))
    assert behind(page) == {"ann"}
    page.go_back()
    drawn(page)
    tab_to(page, ".chart-plot")
    page.keyboard.press("End")
    expect(page.locator(".chart-cursor")).to_contain_text("Converted 1")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("took"))
    assert behind(page) == {"ann"}
