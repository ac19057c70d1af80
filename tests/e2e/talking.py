"""Members of one workspace who talk about one project, each signed in on a page of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page

from tests.serving import Served

ENTER = """
import json, uuid
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User, Workspace
slug = "talk-" + uuid.uuid4().hex[:8]
workspace = Workspace.objects.create(slug=slug, name="晴班")
made, sessions = {}, {}
for name, pinyin, role in (("周牧", "zhou mu", Role.OWNER), ("宋晚", "song wan", Role.MEMBER), ("Kim", "", Role.GUEST)):
    user = User.objects.create_user(f"{role}@{slug}.example", name=name, pinyin=pinyin, language="LANGUAGE")
    made[role] = Membership.objects.create(workspace=workspace, user=user, role=role)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    sessions[role] = session.session_key
owner = Actor.for_member(made[Role.OWNER])
project = run_named("workspaces.project.create", owner, {"name": "CALLED", "key": "STF"}).value
told = {"slug": slug, "sessions": sessions, "cookie": settings.SESSION_COOKIE_NAME}
print(json.dumps(told | {"project": str(project.public_id)}))
"""
LONG = "新店开张季企微社群与线下餐饮展渠道码核销数据每日对账与异常领取复核专项工作组二期"  # 40 characters


@dataclass
class Talk:
    """``enter("owner", page)`` signs a page in and opens the project on it."""

    slug: str
    project: str
    served: Served
    sessions: dict[str, str]
    cookie: str

    @property
    def place(self) -> str:
        return f"/w/{self.slug}/projects/STF/"

    def enter(self, who: str, page: Page) -> Page:
        page.context.add_cookies(
            [{"name": self.cookie, "value": self.sessions[who], "url": self.served.address}]
        )
        page.goto(self.place)
        page.locator("#composer-new:defined").wait_for()
        page.locator("tp-live[data-state=live]").wait_for(state="attached")
        return page

    def say(self, code: str) -> str:
        """Run ``code`` as the server, with ``run(who, action, data)``; ``on`` names the project."""
        return self.served.script(
            f"""
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
rows = Membership.objects.select_related("user", "workspace").filter(workspace__slug="{self.slug}")
members = {{row.role: row for row in rows}}
on = {{"about_type": "workspaces.project", "about_id": "{self.project}"}}
def run(who, action, data, **more): return run_named(action, Actor.for_member(members[who]), data, **more).value
{code}"""
        )

    def heard(self, who: str, count: int) -> None:
        """Wait until so much news has come to a member's inbox, so that a page opened then shows all of it."""
        self.say(f"""
import time
from tongpin.modules.notifications.models import Notification
ends = time.monotonic() + 60
while (n := Notification.objects.filter(recipient=members["{who}"]).count()) < {count}:
    assert time.monotonic() < ends, n
    time.sleep(0.1)""")


def begin(served: Served, language: str, name: str = LONG) -> Talk:
    made: dict[str, Any] = json.loads(
        served.script(ENTER.replace("LANGUAGE", language).replace("CALLED", name)).splitlines()[-1]
    )
    return Talk(made["slug"], made["project"], served, made["sessions"], made["cookie"])


def write(page: Page, text: str, box: str = "#composer-new-text") -> None:
    """Type into the box at the end and send."""
    page.locator(box).fill(text)
    page.locator(box).press("Control+Enter")


def comment(page: Page, text: str) -> Locator:
    """The comment that says so."""
    return page.locator("article.comment", has=page.locator(".comment-body", has_text=text))


def more(page: Page, said: Locator, item: str) -> None:
    """Choose from a comment's menu."""
    said.locator("[popovertarget^=more-]").click()
    page.get_by_role("menuitem", name=item, exact=True).click()


Person = Callable[..., Page]
