"""What is said about an object, in the activity of that object: through HTTP."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.modules.discussions import actions
from tongpin.modules.discussions.tests.steps import mention

pytestmark = pytest.mark.django_db

TAB = "/w/acme/projects/STO/activity/"


def lines(client: Any, url: str = TAB) -> list[str]:
    """The lines in words, newest first, without the times."""
    page = client.get(url).content.decode()
    found = re.findall(r'<div class="row-main"><span>(.*?)</span>', page, re.DOTALL)
    return [" ".join(html.unescape(re.sub("<[^>]+>", "", line)).split()) for line in found]


def test_a_project_s_activity_tells_what_was_said(client_of, say, actor_of, people, project):
    thread = say("member", f"{mention(people.admin)} **first**")
    say("admin", "second", thread=thread.public_id)
    actions.resolve_thread.run(actor_of("owner"), target=thread)
    assert lines(client_of("member"))[:3] == [
        "Owner resolved a thread: @Admin first · 店长端",
        "Admin replied: second · 店长端",
        "Member commented: @Admin first · 店长端",
    ]
    page = client_of("member").get(TAB).content.decode()
    assert f'href="/w/acme/comments/{thread.public_id}/"' in page
    section = f"/w/acme/activity/workspaces.project/{project.public_id}/"
    assert lines(client_of("member"), section)[2] == "Member commented: @Admin first · 店长端"
    run_named("workspaces.project.edit", actor_of("owner"), {"visibility": "private"}, target=project)
    assert client_of("member").get(TAB).status_code == 404


def test_what_was_deleted_is_not_read_there_any_more(client_of, say, actor_of):
    comment = say("member", "the password is 1234")
    assert lines(client_of("owner"))[0] == "Member commented: the password is 1234 · 店长端"
    actions.delete_comment.run(actor_of("member"), target=comment)
    for page in (TAB, "/w/acme/activity/"):
        assert "1234" not in client_of("owner").get(page).content.decode()
    assert lines(client_of("owner"))[:2] == [
        "Member deleted a comment · 店长端",
        "Member commented: … · 店长端",
    ]


def test_small_doings_are_left_to_the_discussion(client_of, say, actor_of, on):
    actions.react.run(actor_of("owner"), {"emoji": "👍"}, target=say("member", "done"))
    actions.watch.run(actor_of("admin"), on)
    assert lines(client_of("owner"))[0] == "Member commented: done · 店长端"


def test_a_nudge_and_a_copy_are_told(client_of, actor_of, on, people):
    actions.nudge.run(actor_of("owner"), {**on, "member": people.member.public_id})
    actions.cc.run(actor_of("owner"), {**on, "members": [people.admin.public_id]})
    assert lines(client_of("owner"))[:2] == ["Owner copied in Admin · 店长端", "Owner nudged Member · 店长端"]
