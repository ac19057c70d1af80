"""From an event to a message in the group, and what becomes of one that does not arrive."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tongpin.kernel import keyring
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.events.models import Event
from tongpin.modules.digests import handlers, sending
from tongpin.modules.digests.actions import queue
from tongpin.modules.digests.actions.message import retry_message
from tongpin.modules.digests.actions.robot import delete_robot, edit_robot, pause_robot, resume_robot
from tongpin.modules.digests.enums import MessageState, Why
from tongpin.modules.digests.models import Message, Pace, Robot, Update
from tongpin.modules.notifications.models import Notification

BAD_SIGN = (200, json.dumps({"errcode": 310000, "errmsg": "sign not match"}))
BUSY = (503, "busy")


def send(time):
    with time.held():
        return sending.run_once()


def only(robot):
    return Message.objects.get(robot=robot)


def texts(group):
    return [body["markdown"]["text"] for body in group.got]


def test_news_of_the_project_reaches_the_group(make_robot, group, rename, time, project):
    robot = make_robot(at=group.address, language="zh-hans")
    rename("STF 考勤")
    assert send(time) == 1
    link = f"http://127.0.0.1:8400/w/acme/projects/{project.key}/"
    assert texts(group) == [f"#### 同频 · STF 考勤\n\nOwner 修改了项目的名称 [STF 考勤]({link})"]
    assert (only(robot).state, only(robot).sent_at, only(robot).count) == (MessageState.SENT, time.now, 1)
    assert send(time) == 0


def test_the_message_is_in_the_robot_s_language(make_robot, group, rename, time):
    make_robot(at=group.address, language="en")
    rename("Clock-in")
    send(time)
    assert texts(group)[0].startswith(
        "#### Tongpin 同频 · Clock-in\n\nOwner changed the name of the project [Clock-in]("
    )


def test_a_signed_robot_signs_each_message(make_robot, group, rename, time):
    robot = make_robot(at=group.address, secret="SECabc")
    assert "SECabc" not in robot.secret
    assert "access_token" not in robot.address
    rename()
    send(time)
    query = parse_qs(urlsplit(group.paths[0]).query)
    assert query["timestamp"] == [str(int(time.now.timestamp() * 1000))]
    assert len(query["sign"][0]) == 44


def test_an_event_handed_over_twice_is_sent_once(make_robot, group, rename, time):
    make_robot(at=group.address)
    rename()
    event = Event.objects.get(name="workspaces.project_edited")
    with time.held():
        handlers.on_news([event])
        handlers.on_news([event, event])
    assert Update.objects.count() == 1
    assert send(time) == 1
    with time.held():
        handlers.on_news([event])
    assert send(time) == 0


def test_only_the_chosen_news_is_posted(make_robot, group, rename, time):
    make_robot(at=group.address, topics=["projects.people"])
    rename()
    assert (Update.objects.count(), send(time)) == (0, 0)


def test_news_of_another_project_is_not_posted(make_robot, group, time, actor_of, drain):
    make_robot(at=group.address)
    with time.held():
        other = run_named(
            "workspaces.project.create", actor_of("owner"), {"name": "Other", "key": "OTH"}
        ).value
        run_named("workspaces.project.edit", actor_of("owner"), {"name": "Another"}, target=other)
        drain()
    assert Update.objects.count() == 0


def test_what_happened_before_it_was_made_is_not_its_news(make_robot, group, project, actor_of, time, drain):
    with time.held():
        run_named("workspaces.project.edit", actor_of("owner"), {"name": "Before"}, target=project)
    time.pass_(seconds=1)
    make_robot(at=group.address)
    assert Update.objects.count() == 0


def test_trouble_is_tried_again_later_and_later_then_given_up(make_robot, group, rename, time):
    robot = make_robot(at=group.address)
    rename()
    group.answers = [BUSY] * queue.ATTEMPTS
    pauses = []
    for _try in range(queue.ATTEMPTS):
        assert send(time) == 1
        assert send(time) == 0  # not before its time
        pauses.append((only(robot).next_at - time.now).total_seconds())
        time.now = max(only(robot).next_at, time.now)
    for pause, plain in zip(pauses[:-1], [30, 60, 120, 240, 480, 960, 1800], strict=True):
        assert 0.8 * plain <= pause <= 1.2 * plain
    message = only(robot)
    assert (message.state, message.why, message.answer) == (
        MessageState.FAILED,
        Why.UNREACHED,
        "HTTP 503 busy",
    )
    assert Robot.objects.get().paused_at is None
    time.pass_(hours=5)
    assert send(time) == 0


def test_a_message_given_up_can_be_sent_by_hand(make_robot, group, rename, time, actor_of):
    robot = make_robot(at=group.address)
    rename()
    group.answers = [(200, json.dumps({"errcode": 430104, "errmsg": "含有不合适的内容"}, ensure_ascii=False))]
    send(time)
    assert (only(robot).state, only(robot).why) == (MessageState.FAILED, Why.REJECTED)
    with time.held():
        retry_message.run(actor_of("member"), {}, target=only(robot))
    assert send(time) == 1
    assert (only(robot).state, only(robot).why, len(group.got)) == (MessageState.SENT, "", 1)


def test_what_a_person_must_mend_pauses_the_robot_and_tells_its_maker(
    make_robot, group, rename, time, people, actor_of, drain
):
    robot = make_robot(at=group.address)
    rename()
    group.answers = [BAD_SIGN]
    send(time)
    robot.refresh_from_db()
    assert (robot.paused_at, robot.paused_why, robot.paused_said) == (
        time.now,
        Why.SIGN,
        "310000 sign not match",
    )
    assert only(robot).state == MessageState.WAITING
    assert send(time) == 0
    drain()
    told = Notification.objects.get(kind="digests.robot")
    assert told.recipient == people.member
    assert told.words["en"]["title"] == "The robot “打卡组” has stopped"
    assert told.words["zh-hans"]["title"] == "机器人“打卡组”已停止发送"
    assert told.url == f"/w/acme/projects/STF/robots/{robot.public_id}/"
    with time.held():
        resume_robot.run(actor_of("member"), {}, target=robot)
    assert send(time) == 1
    assert only(robot).state == MessageState.SENT


def test_a_vendor_that_wants_less_is_left_alone_for_as_long_as_it_says(make_robot, group, rename, time):
    robot = make_robot(at=group.address)
    rename()
    group.answers = [(200, json.dumps({"errcode": 410100, "errmsg": "too fast"}))] * 20
    for _block in range(20):  # however often: it is no try of the message
        assert send(time) == 1
        time.pass_(seconds=599)
        assert send(time) == 0
        time.pass_(seconds=1)
    assert send(time) == 1
    assert only(robot).state == MessageState.SENT


def test_a_redirect_is_not_followed(make_robot, group, rename, time):
    robot = make_robot(at=group.address)
    rename()
    group.answers = [(302, "")]
    send(time)
    robot.refresh_from_db()
    assert robot.paused_why == Why.ADDRESS


def test_a_private_address_is_not_called(make_robot, group, rename, time, settings):
    robot = make_robot(at=group.address)
    settings.ROBOT_HOSTS = []
    rename()
    send(time)
    robot.refresh_from_db()
    assert (robot.paused_why, group.paths) == (Why.ADDRESS, [])


def test_an_address_whose_key_is_lost_stops_the_robot(make_robot, group, rename, time):
    robot = make_robot(at=group.address)
    Robot.objects.update(address="not to be read")
    rename()
    send(time)
    robot.refresh_from_db()
    assert robot.paused_why == Why.KEY_LOST


def test_quiet_hours_hold_news_back_and_then_send_it(make_robot, group, rename, time):
    # 10:00 in Shanghai
    robot = make_robot(at=group.address, quiet_from="09:30", quiet_until="11:00")
    rename()
    assert send(time) == 0
    time.pass_(minutes=59)
    assert send(time) == 0
    time.pass_(minutes=1)
    assert send(time) == 1
    assert only(robot).state == MessageState.SENT


@pytest.mark.parametrize(
    ("begin", "end", "hour", "until"),
    [
        ("22:00", "08:00", 23, timedelta(hours=9)),
        ("22:00", "08:00", 7, timedelta(hours=1)),
        ("22:00", "08:00", 8, None),
        ("22:00", "08:00", 21, None),
        ("12:00", "14:00", 13, timedelta(hours=1)),
    ],
)
def test_quiet_hours_over_midnight(make_robot, time, begin, end, hour, until):
    robot = make_robot(quiet_from=begin, quiet_until=end)
    robot.refresh_from_db()
    now = time.now.replace(hour=(hour - 8) % 24)
    assert robot.quiet_end(now) == (now + until if until else None)


def test_paused_means_nothing_is_queued(make_robot, group, rename, time, actor_of):
    robot = make_robot(at=group.address)
    with time.held():
        pause_robot.run(actor_of("member"), {}, target=robot)
    rename()
    with time.held():
        resume_robot.run(actor_of("member"), {}, target=robot)
    assert send(time) == 0


def test_a_deleted_robot_sends_nothing_more(make_robot, group, rename, time, actor_of):
    robot = make_robot(at=group.address)
    rename()
    with time.held():
        delete_robot.run(actor_of("member"), {}, target=robot)
    assert (send(time), group.paths) == (0, [])


def test_what_waited_longer_than_a_day_is_shown_as_not_delivered(make_robot, group, rename, time, actor_of):
    robot = make_robot(at=group.address)
    rename()
    with time.held():
        pause_robot.run(actor_of("member"), {}, target=robot)
    time.pass_(hours=25)
    with time.held():
        resume_robot.run(actor_of("member"), {}, target=robot)
    assert send(time) == 0
    assert (only(robot).state, only(robot).why, only(robot).count) == (MessageState.FAILED, Why.TOO_OLD, 1)


def test_a_worker_that_died_half_way_is_relieved(make_robot, group, rename, time):
    robot = make_robot(at=group.address)
    rename()
    with time.held():
        taken = queue.claim()
        assert taken.robot == robot
        assert queue.claim() is None  # one at a time
    time.pass_(seconds=121)
    assert send(time) == 1
    assert only(robot).state == MessageState.SENT
    with time.held():  # the first one's answer comes late: nothing is overwritten
        queue.settle(taken, sending.Answer(sending.Verdict.TROUBLE, "late", Why.UNREACHED))
    assert only(robot).state == MessageState.SENT


def test_other_quiet_hours_take_effect_at_once(make_robot, group, rename, time, actor_of):
    robot = make_robot(at=group.address, quiet_from="09:30", quiet_until="11:00")
    rename()
    assert send(time) == 0
    with time.held():
        edit_robot.run(actor_of("member"), {"quiet_from": None, "quiet_until": None}, target=robot)
    assert send(time) == 1


def test_rotating_the_server_s_key_keeps_robots_working(make_robot, group, rename, time):
    make_robot(at=group.address, secret="SECabc")
    assert keyring.rotate(forget=True)["digests.robots"] == 2
    rename()
    send(time)
    assert len(group.got) == 1


def test_old_messages_are_forgotten(make_robot, group, rename, time):
    make_robot(at=group.address)
    rename()
    send(time)
    time.pass_(days=31)
    with time.held():
        assert queue.forget_old() == 2
    assert (Message.objects.count(), Update.objects.count(), Pace.objects.count()) == (0, 0, 1)
