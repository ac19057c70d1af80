"""The inbox in a browser: news arrives while the page is open, keys work through it, what is undone comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import DESK, PHONE, SHOTS, sideways, violations

NARROW = {"width": 320, "height": 700}
PATIENCE_MS = 20_000  # bounds a failure on a busy machine

ENTER = """
import json, uuid
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User, Workspace
slug = "news-" + uuid.uuid4().hex[:8]
workspace = Workspace.objects.create(slug=slug, name="Qingban")
made = {}
for who, role in (("owner", Role.OWNER), ("reader", Role.MEMBER)):
    user = User.objects.create_user(f"{who}@{slug}.example", name=who.title(), language="LANGUAGE")
    made[who] = Membership.objects.create(workspace=workspace, user=user, role=role)
session = SessionStore()
session[SESSION_KEY] = str(made["reader"].user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = made["reader"].user.get_session_auth_hash()
session.create()
print(json.dumps({"slug": slug, "session": session.session_key, "cookie": settings.SESSION_COOKIE_NAME}))
"""

TELL = """
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
members = Membership.objects.select_related("user", "workspace").filter(workspace__slug="SLUG")
owner = Actor.for_member(members.get(role="owner"))
reader = members.get(user__name="Reader")
for role in "ROLES".split():
    run_named("workspaces.member.change_role", owner, {"role": role}, target=reader)
for name in "PROJECTS".split():
    project = run_named("workspaces.project.create", owner, {"name": name}).value
    place = {"member": reader.public_id, "role": "member"}
    run_named("workspaces.project.set_members", owner, {"members": [place]}, target=project)
"""


@dataclass
class Reader:
    page: Page
    slug: str
    tell: Callable[..., None]

    @property
    def inbox(self) -> str:
        return f"/w/{self.slug}/inbox/"


@pytest.fixture
def reader(served: Any, person: Callable[..., Page]) -> Callable[..., Reader]:
    """A signed-in member; ``tell("admin member", "Store App")`` lets the owner change their role, news of one thread,
    and take them into projects, each a thread of its own."""

    def enter(language: str = "en", theme: str = "light", size: dict[str, int] = DESK) -> Reader:
        code = {"en": "en", "zh": "zh-hans"}[language]
        made = json.loads(served.script(ENTER.replace("LANGUAGE", code)).splitlines()[-1])
        page = person(language, theme, size)
        page.context.add_cookies([{"name": made["cookie"], "value": made["session"], "url": served.address}])
        tell = TELL.replace("SLUG", made["slug"])

        def said(roles: str, projects: str) -> None:
            served.script(tell.replace("ROLES", roles).replace("PROJECTS", projects))

        return Reader(page, made["slug"], lambda roles, projects="": said(roles, projects))

    return enter


def row(page: Page):
    return page.locator("[id$=-notificationsinbox]:visible")


def told(one: Reader, count: int) -> None:
    """Open the inbox once so many threads have arrived in it: what comes later only tells of itself."""
    one.page.goto(f"/w/{one.slug}/settings/notifications/")
    expect(row(one.page)).to_have_accessible_name(re.compile(f"Inbox ?, {count} new"), timeout=PATIENCE_MS)
    one.page.goto(one.inbox)


def titles(page: Page) -> list[str]:
    return page.locator("#inbox-rows .row-title").all_inner_texts()


def test_news_reaches_an_open_page_and_moves_nothing_in_it(reader: Callable[..., Reader]):
    one = reader()
    one.page.goto(f"/w/{one.slug}/settings/notifications/")
    expect(row(one.page)).to_have_accessible_name("Inbox", timeout=PATIENCE_MS)

    one.tell("admin")

    expect(row(one.page)).to_have_accessible_name(re.compile("Inbox ?, 1 new"), timeout=PATIENCE_MS)
    one.page.goto(one.inbox)
    expect(one.page.locator("#inbox-rows .row-title")).to_have_count(1)
    one.tell("", "Alpha")
    expect(one.page.get_by_role("link", name="1 new")).to_be_visible(timeout=PATIENCE_MS)
    expect(one.page.locator("#inbox-rows .row-title")).to_have_count(1)
    one.page.get_by_role("link", name="1 new").click()
    expect(one.page.locator("#inbox-rows .row-title")).to_have_count(2)


def test_the_inbox_is_worked_through_by_keys_and_taken_back(reader: Callable[..., Reader]):
    one = reader()
    one.tell("", "Alpha Beta Gamma")
    told(one, 3)
    expect(row(one.page)).to_have_accessible_name(re.compile("Inbox ?, 3 new"), timeout=PATIENCE_MS)
    rows = one.page.locator("#inbox-rows [data-row]")
    expect(rows).to_have_count(3)
    before = titles(one.page)

    one.page.keyboard.press("j")
    one.page.keyboard.press("j")
    expect(rows.nth(1)).to_have_attribute("data-cursor", "")
    one.page.keyboard.press("e")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_have_attribute("data-cursor", "")  # the next one took its place under the cursor
    expect(row(one.page)).to_have_accessible_name(re.compile("Inbox ?, 2 new"), timeout=PATIENCE_MS)
    one.page.keyboard.press("k")
    one.page.keyboard.press("u")
    expect(rows.nth(0)).not_to_have_class("row-unread")
    expect(row(one.page)).to_have_accessible_name(re.compile("Inbox ?, 1 new"), timeout=PATIENCE_MS)
    one.page.keyboard.press("Control+z")
    expect(rows.nth(0)).to_have_class("row-unread")
    expect(row(one.page)).to_have_accessible_name(re.compile("Inbox ?, 2 new"), timeout=PATIENCE_MS)

    one.page.get_by_role("button", name="Mark all as read").click()
    expect(one.page.get_by_text("You have read everything")).to_be_visible()
    expect(row(one.page)).to_have_accessible_name("Inbox", timeout=PATIENCE_MS)
    one.page.get_by_role("button", name="Undo").last.click()
    expect(rows).to_have_count(2)
    assert titles(one.page) == [before[0], before[2]]

    rows.nth(0).get_by_role("link").click()
    expect(one.page).to_have_url(re.compile("/projects/"))
    one.page.goto(f"{one.inbox}?tab=archived")
    expect(rows).to_have_count(1)


def test_a_preference_is_saved_at_once(reader: Callable[..., Reader]):
    one = reader()
    one.page.goto(f"/w/{one.slug}/settings/notifications/")
    choice = one.page.get_by_label("Your access")
    choice.select_option("off")
    expect(one.page.locator(".toast", has_text="Saved.")).to_be_visible()
    one.page.reload()
    expect(choice).to_have_value("off")
    one.page.get_by_label("Your access").select_option("bell")
    expect(one.page.get_by_role("button", name="Undo")).to_be_visible()
    one.page.keyboard.press("Control+z")
    expect(choice).to_have_value("off")


def test_selected_rows_are_snoozed_from_one_picker_and_taken_back(reader: Callable[..., Reader]):
    one = reader()
    one.tell("", "Alpha Beta Gamma")
    told(one, 3)
    rows = one.page.locator("#inbox-rows [data-row]")
    expect(rows).to_have_count(3)
    for _ in range(2):
        one.page.keyboard.press("j")
        one.page.keyboard.press("x")
    expect(one.page.get_by_text("2 selected")).to_be_visible()
    one.page.keyboard.press("h")
    one.page.get_by_role("button", name=re.compile("Tomorrow morning")).click()
    expect(rows).to_have_count(1)
    expect(one.page.locator("#snooze")).to_be_hidden()
    expect(one.page.get_by_role("link", name=re.compile("Snoozed"))).to_contain_text("2")
    one.page.keyboard.press("z")
    expect(rows).to_have_count(3)

    one.page.keyboard.press("j")
    one.page.keyboard.press("m")
    expect(rows.filter(has_text="Muted")).to_have_count(1)
    one.page.goto(f"/w/{one.slug}/settings/notifications/")
    expect(one.page.locator("#muted-threads li")).to_contain_text(re.compile("Alpha|Beta|Gamma"))
    one.page.get_by_role("button", name="Hear of it again").click()
    expect(one.page.get_by_text("Nothing is muted")).to_be_visible()


def test_what_is_read_on_one_page_is_read_on_the_other(reader: Callable[..., Reader]):
    one = reader()
    one.tell("", "Alpha Beta")
    told(one, 2)
    other = one.page.context.new_page()
    other.goto(one.inbox)
    elsewhere = other.locator("#inbox-rows [data-row]")
    expect(elsewhere).to_have_count(2)
    expect(one.page.locator("tp-live")).to_have_attribute("data-state", "live")

    one.page.bring_to_front()
    one.page.get_by_role("button", name=re.compile("^Archive: .*Beta")).click()
    expect(one.page.locator("#inbox-rows [data-row]")).to_have_count(1)
    one.page.get_by_role("button", name="Undo").last.click()
    expect(one.page.locator("#inbox-rows [data-row]")).to_have_count(2)
    other.bring_to_front()
    expect(elsewhere).to_have_count(2)  # what was taken back is there again, in its place
    expect(elsewhere.nth(0).locator(".row-title")).to_contain_text("Beta")

    one.page.bring_to_front()
    one.page.get_by_role("button", name=re.compile("^Archive: .*Beta")).click()
    expect(one.page.locator("#inbox-rows [data-row]")).to_have_count(1)
    one.page.get_by_role("button", name=re.compile("^Mark as read: .*Alpha")).click()

    other.bring_to_front()
    expect(elsewhere).to_have_count(1)
    expect(elsewhere.nth(0)).not_to_have_class("row-unread")
    expect(row(other)).to_have_accessible_name("Inbox")


def test_an_answer_that_was_late_puts_no_row_in_twice(reader: Callable[..., Reader]):
    one = reader()
    one.tell("", "Alpha Beta")
    told(one, 2)
    rows = one.page.locator("#inbox-rows [data-row]")
    expect(one.page.locator("tp-live")).to_have_attribute("data-state", "live")
    one.page.get_by_role("button", name=re.compile("^Archive: .*Beta")).click()
    expect(rows).to_have_count(1)
    held: list[Route] = []
    one.page.route(re.compile("/inbox/shown/"), lambda route: held.append(route))
    with one.page.expect_request(re.compile("/inbox/shown/")) as asked:  # as any news of a change has it ask
        one.page.evaluate(
            "() => document.querySelector('[data-sync]').dispatchEvent(new CustomEvent('tp-sync'))"
        )
    assert (asked.value.post_data or "").count("shown=") == 1

    one.page.get_by_role("button", name="Undo").last.click()
    expect(rows).to_have_count(2)
    one.page.evaluate(
        """() => document.querySelector('[data-sync]').addEventListener(
            'htmx:finally:swap', () => { document.body.dataset.late = 'here'; }, { once: true })"""
    )
    held[0].continue_()
    expect(one.page.locator("body[data-late]")).to_be_attached()
    expect(rows).to_have_count(2)


@pytest.mark.parametrize(
    ("language", "theme", "size"),
    [("en", "light", DESK), ("zh", "dark", DESK), ("zh", "light", PHONE), ("en", "dark", NARROW)],
    ids=["en-desk", "zh-dark", "zh-phone", "en-narrow"],
)
def test_its_pages_are_accessible_and_fit(
    reader: Callable[..., Reader], language: str, theme: str, size: dict[str, int]
):
    one = reader(language, theme, size)
    one.tell("admin member", "店长端新店开张季门店拓展与员工排班联动项目 Beta😀")
    paths = (
        one.inbox,
        f"{one.inbox}?tab=archived",
        f"{one.inbox}?tab=snoozed",
        f"/w/{one.slug}/settings/notifications/",
    )
    for path in paths:
        one.page.goto(path)
        expect(one.page.locator("h1").first).to_be_visible()
        assert sideways(one.page) == 0, path
        assert violations(one.page) == [], path
        if path == one.inbox:
            one.page.locator("#inbox-rows input[data-bulk]").first.check()
            one.page.locator('[data-bulk-act="h"]').click()
            assert violations(one.page) == [], "the snooze picker"
            one.page.screenshot(path=SHOTS / f"inbox-{language}-{theme}-{size['width']}.png")
