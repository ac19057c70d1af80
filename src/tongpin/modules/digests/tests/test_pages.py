"""The pages of robots, as people use them."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from tongpin.modules.digests.actions.robot import create_robot
from tongpin.modules.digests.enums import MessageState
from tongpin.modules.digests.models import Message, Robot

from .conftest import DINGTALK, TOPICS

LIST = "/w/acme/projects/STF/robots/"


def page_of(row):
    return f"{LIST}{row.public_id}/"


def toast(response):
    return json.loads(response.headers["HX-Trigger"])["toast"]


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("member", 200), ("guest", 404), ("stranger", 404), ("nobody", 302)],
)
def test_who_may_open_the_pages(client_of, who, status, make_robot):
    row = make_robot()
    assert client_of(who).get(LIST).status_code == status
    assert client_of(who).get(page_of(row)).status_code == status


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("admin", 200), ("member", 403), ("guest", 403), ("stranger", 404)]
)
def test_who_sees_all_robots(client_of, who, status, make_robot):
    make_robot()
    answer = client_of(who).get("/w/acme/settings/robots/")
    assert answer.status_code == status
    assert ("打卡组" in answer.content.decode()) is (status == 200)


def test_a_robot_is_made_on_its_project_s_page(client_of, project):
    client = client_of("member")
    given = {
        "name": "打卡组 🎉",
        "address": DINGTALK,
        "secret": "SECabc",
        "topics": TOPICS,
        "language": "zh-hans",
    }
    answer = client.post(LIST, given)
    row = Robot.objects.get()
    assert (row.name, row.vendor, row.project, row.topics) == ("打卡组 🎉", "dingtalk", project, TOPICS)
    assert answer.headers["HX-Redirect"] == page_of(row)
    assert toast(answer)["undo"]
    body = client.get(page_of(row)).content.decode()
    assert "SECabc" not in body
    assert "0123456789ab" not in body


def test_a_refused_form_keeps_what_was_typed(client_of, project):
    given = {"name": "很长的群名" * 4, "address": "https://oapi.dingtalk.com/robot/send", "secret": "SECabc",
             "topics": TOPICS[:1], "language": "en", "quiet_from": "22:00", "quiet_until": "08:00"}  # fmt: skip
    answer = client_of("member").post(LIST, given)
    body = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "This is not the whole address of a DingTalk robot." in body
    for typed in (given["name"], given["address"], "SECabc", "22:00", "08:00"):
        assert f'value="{typed}"' in body
    assert re.search(r'value="projects.settings"[^>]* checked', body)
    assert not re.search(r'value="projects.people"[^>]* checked', body)
    assert Robot.objects.count() == 0


def test_two_people_change_different_settings(client_of, make_robot):
    """Each saves the form as it was shown: neither takes the other's change back."""
    row = make_robot()
    shown = {"name": "打卡组", "topics": TOPICS, "language": "en", "quiet_from": "", "quiet_until": ""}
    before = {f"initial-{name}": value for name, value in shown.items()}
    client_of("member").post(page_of(row), {**shown, **before, "name": "新名字"})
    client_of("owner").post(page_of(row), {**shown, **before, "language": "zh-hans"})
    row.refresh_from_db()
    assert (row.name, row.language, row.topics) == ("新名字", "zh-hans", TOPICS)


def test_a_test_message_says_what_the_group_answered(client_of, make_robot, group):
    row = make_robot(at=group.address)
    client = client_of("member")
    assert toast(client.post(page_of(row) + "test/")) == {
        "message": "Sent. Look into the group.", "hint": "", "kind": "done", "undo": None,
    }  # fmt: skip
    assert "Member tries out this robot." in group.got[0]["markdown"]["text"]
    group.answers = [(200, json.dumps({"errcode": 310000, "errmsg": "keywords not in content"}))]
    told = toast(client.post(page_of(row) + "test/"))
    assert (told["kind"], told["hint"]) == ("error", "310000 keywords not in content")
    assert told["message"].startswith("The group wants a keyword.")
    row.refresh_from_db()
    assert row.paused_at is None  # whoever tries it out sees the answer and mends it


def test_a_paused_robot_can_be_tried_out(client_of, make_robot, group):
    row = make_robot(at=group.address)
    client = client_of("member")
    client.post(page_of(row) + "pause/")
    assert toast(client.post(page_of(row) + "test/"))["kind"] == "done"
    assert len(group.got) == 1


def test_the_log_shows_what_failed_and_sends_it_again(client_of, make_robot):
    row = make_robot()
    failed = Message.objects.create(
        workspace=row.workspace, robot=row, state=MessageState.FAILED, count=3, first="<b>Kim</b> left",
        why="rejected", answer="430104 <i>no</i>",
    )  # fmt: skip
    client = client_of("member")
    body = client.get(page_of(row)).content.decode()
    assert "&lt;b&gt;Kim" in body
    assert "The group refused the message itself." in body
    assert "430104 &lt;i&gt;no" in body
    client.post(f"{page_of(row)}messages/{failed.public_id}/retry/")
    failed.refresh_from_db()
    assert failed.state == MessageState.WAITING
    again = client.post(f"{page_of(row)}messages/{failed.public_id}/retry/")  # a double click
    assert toast(again)["kind"] == "error"


def test_pausing_deleting_and_undo(client_of, make_robot):
    row = make_robot()
    client = client_of("member")
    client.post(page_of(row) + "pause/")
    row.refresh_from_db()
    assert row.paused_at
    client.post(page_of(row) + "resume/")
    answer = client.post(page_of(row) + "delete/")
    assert answer.headers["HX-Push-Url"] == LIST
    assert client.get(page_of(row)).status_code == 404
    client.post("/undo/", {"token": toast(answer)["undo"]})
    assert client.get(page_of(row)).status_code == 200


def test_the_tab_is_there_for_those_who_may(client_of, make_robot, people):
    make_robot()
    assert LIST in client_of("member").get("/w/acme/projects/STF/").content.decode()
    people.member.role = "member"
    other = client_of("owner").get("/w/acme/settings/robots/").content.decode()
    assert "STF 移动打卡" in other


def test_all_robots_stand_among_the_workspace_s_settings(client_of, people):
    page = client_of("owner").get("/w/acme/settings/robots/").content.decode()
    tabs = page.index('<nav class="settings-nav"')
    own = page.index("Profile", tabs)
    assert tabs < page.index('href="/w/acme/settings/robots/"', tabs) < own


@pytest.mark.parametrize("address", [LIST, "/w/acme/settings/robots/"])
def test_a_list_costs_the_same_queries_however_long(
    client_of, make_robot, project, actor_of, address, django_assert_num_queries
):
    client = client_of("owner")
    client.get(address)
    for total in (1, 3):
        while Robot.objects.count() < total:
            create_robot.run(
                actor_of("member"),
                {"project": project.public_id, "name": "x", "address": DINGTALK, "topics": TOPICS},
            )
        with django_assert_num_queries(QUERIES[address]):
            client.get(address)


QUERIES = {LIST: 9, "/w/acme/settings/robots/": 7}


def test_the_log_costs_the_same_queries_however_long(client_of, make_robot, django_assert_num_queries):
    row = make_robot()
    client = client_of("owner")
    client.get(page_of(row))
    for total in (1, 3):
        while Message.objects.count() < total:
            Message.objects.create(workspace=row.workspace, robot=row, first="x")
        with django_assert_num_queries(11):
            client.get(page_of(row))
