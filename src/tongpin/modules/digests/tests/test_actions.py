"""Who may do what with robots, and what the doors refuse."""

from __future__ import annotations

import json

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Denied, Invalid, NotFound, Throttled
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.digests import sending
from tongpin.modules.digests.actions import message, robot
from tongpin.modules.digests.actions.stopping import stop_robot
from tongpin.modules.digests.enums import MessageState, Why
from tongpin.modules.digests.models import DeletedRobot, Message, Pace, Robot, Update
from tongpin.modules.notifications.models import Notification

from .conftest import DINGTALK, TOPICS

WATCHED = (Robot, Pace, Message, Update, Event)


@pytest.fixture
def outsider(project, people, actor_of):
    """Another member, who is in the project but does not lead it, in the guest's place."""
    run_named(
        "workspaces.project.set_members",
        actor_of("owner"),
        {"members": [{"member": str(people.guest.public_id), "role": "viewer"}]},
        target=project,
    )
    return people.guest


def snapshot():
    return [list(model.objects.order_by("pk").values()) for model in WATCHED]


def refused(call, *errors):
    before = snapshot()
    with pytest.raises(errors or (Denied, NotFound)):
        call()
    assert snapshot() == before


ON_ROBOT = [
    (robot.edit_robot, {"name": "x"}),
    (robot.connect_robot, {"address": "https://oapi.dingtalk.com/robot/send?access_token=another"}),
    (robot.pause_robot, {}),
    (robot.resume_robot, {}),
    (robot.take_over_robot, {}),
    (robot.delete_robot, {}),
    (message.try_robot, {}),
]


@pytest.mark.parametrize(("action", "data"), ON_ROBOT, ids=lambda v: getattr(v, "name", ""))
@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_only_who_leads_the_project_changes_its_robots(action, data, who, make_robot, actor_of, outsider):
    row = make_robot()
    refused(lambda: action.run(actor_of(who), data, target=row))


@pytest.mark.parametrize(("action", "data"), ON_ROBOT, ids=lambda v: getattr(v, "name", ""))
def test_a_member_who_does_not_lead_it_cannot(action, data, make_robot, actor_of, people, project):
    row = make_robot("owner")
    run_named(
        "workspaces.project.set_members",
        actor_of("owner"),
        {
            "members": [
                {"member": str(people.admin.public_id), "role": "lead"},
                {"member": str(people.member.public_id), "role": "member"},
            ]
        },
        target=project,
    )
    refused(lambda: action.run(actor_of("member"), data, target=row))


@pytest.mark.parametrize(("action", "data"), ON_ROBOT, ids=lambda v: getattr(v, "name", ""))
@pytest.mark.parametrize("who", ["member", "owner", "admin"])
def test_the_lead_and_admins_do(action, data, who, make_robot, actor_of, people):
    """Each does what it says, and only that."""
    row = make_robot()
    if action is robot.resume_robot:
        robot.pause_robot.run(actor_of("owner"), {}, target=row)
    before = Robot.objects.filter(pk=row.pk).values().get()
    action.run(actor_of(who), data, target=row)
    after = Robot.objects.filter(pk=row.pk).values().get()
    told = {name for name in before if after[name] != before[name]} - {"version"}
    assert told == changes(action, who)
    if action is robot.take_over_robot:
        assert after["owner_id"] == people.of(who).pk
    if action is robot.edit_robot:
        assert after["name"] == "x"
    if action is message.try_robot:
        assert Message.objects.get().is_test


def changes(action, who):
    """The fields of a robot led by the member that this person's action changes."""
    return {
        robot.edit_robot: {"name"},
        robot.connect_robot: {"address", "address_end"},
        robot.pause_robot: {"paused_at", "paused_why"},
        robot.resume_robot: {"paused_at", "paused_why"},
        robot.take_over_robot: set() if who == "member" else {"owner_id"},
        robot.delete_robot: {"deleted_at"},
        message.try_robot: set(),
    }[action]


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_who_does_not_lead_a_project_makes_no_robot(who, project, actor_of, outsider):
    data = {"project": project.public_id, "name": "x", "address": DINGTALK, "topics": TOPICS}
    refused(lambda: robot.create_robot.run(actor_of(who), data))


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_others_do_not_restore_retry_or_stop(who, make_robot, actor_of, outsider):
    row = make_robot()
    failed = Message.objects.create(workspace=row.workspace, robot=row, state=MessageState.FAILED, first="x")
    refused(lambda: message.retry_message.run(actor_of(who), {}, target=failed))
    robot.delete_robot.run(actor_of("member"), {}, target=row)
    refused(lambda: robot.restore_robot.run(actor_of(who), {}, target=DeletedRobot.objects.get()))


@pytest.mark.parametrize("who", ["owner", "admin", "member", "guest", "stranger"])
def test_only_the_server_stops_a_robot_by_itself(who, make_robot, actor_of):
    row = make_robot()
    refused(lambda: stop_robot.run(actor_of(who), {"why": "gone"}, target=row))


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"address": "https://oapi.dingtalk.com/robot/send"}, "address"),
        ({"address": "http://chat.example/x"}, "address"),
        ({"topics": ["no.such"]}, "topics"),
        ({"topics": []}, "topics"),
        ({"name": " "}, "name"),
        ({"name": "群" * 41}, "name"),
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"quiet_until": "08:00"}, "quiet_from"),
        ({"quiet_from": "08:00", "quiet_until": "08:00"}, "quiet_until"),
        ({"address": "https://hooks.slack.com/services/x", "secret": "s"}, "secret"),
        ({"language": "fr"}, "language"),
    ],
)
def test_what_is_refused_is_said_beside_its_field(data, field, project, actor_of):
    given = {"project": project.public_id, "name": "x", "address": DINGTALK, "topics": TOPICS, **data}
    with pytest.raises(Invalid) as refusal:
        robot.create_robot.run(actor_of("member"), given)
    assert list(refusal.value.fields) == [field]
    assert Robot.objects.count() == 0


def test_a_project_has_ten_robots_at_most(make_robot):
    for _n in range(10):
        make_robot()
    with pytest.raises(Conflict):
        make_robot()
    assert Robot.objects.count() == 10


def test_no_secret_is_in_the_stream_or_readable_in_the_database(make_robot, actor_of):
    row = make_robot(secret="SECabc")
    robot.connect_robot.run(actor_of("member"), {"address": DINGTALK + "X", "secret": "SECdef"}, target=row)
    row.refresh_from_db()
    kept = json.dumps([list(Event.objects.values("payload")), list(Robot.objects.values())], default=str)
    for secret in ("SECabc", "SECdef", "0123456789abcdef"):
        assert secret not in kept
    assert row.address_end == "defX"


def test_undo_brings_settings_and_robots_back(make_robot, actor_of):
    me = actor_of("member")
    row = make_robot(quiet_from="22:00", quiet_until="08:00")
    edited = robot.edit_robot.run(
        me, {"name": "New", "quiet_from": None, "quiet_until": None, "topics": TOPICS[:1]}, target=row
    )
    run_named(edited.undo.action, me, edited.undo.data, target=edited.undo.target)
    row.refresh_from_db()
    assert (row.name, str(row.quiet_from), str(row.quiet_until), row.topics) == (
        "打卡组", "22:00:00", "08:00:00", TOPICS,
    )  # fmt: skip
    gone = robot.delete_robot.run(me, {}, target=row)
    assert not Robot.objects.visible_to(me).exists()
    run_named(gone.undo.action, me, gone.undo.data, target=gone.undo.target)
    assert Robot.objects.visible_to(me).get() == row
    paused = robot.pause_robot.run(me, {}, target=row)
    run_named(paused.undo.action, me, paused.undo.data, target=paused.undo.target)
    row.refresh_from_db()
    assert row.paused_at is None


def test_making_one_can_be_taken_back(project, actor_of):
    me = actor_of("member")
    data = {"project": project.public_id, "name": "x", "address": DINGTALK, "topics": TOPICS}
    made = robot.create_robot.run(me, data)
    run_named(made.undo.action, me, made.undo.data, target=made.undo.target)
    assert not Robot.objects.visible_to(me).exists()


def test_three_tries_a_minute(make_robot, actor_of, time):
    row = make_robot()
    with time.held():
        for _n in range(3):
            message.try_robot.run(actor_of("member"), {}, target=row)
        with pytest.raises(Throttled):
            message.try_robot.run(actor_of("member"), {}, target=row)
    assert Message.objects.count() == 3


def test_only_what_failed_is_sent_again(make_robot, actor_of):
    row = make_robot()
    sent = Message.objects.create(workspace=row.workspace, robot=row, state=MessageState.SENT, first="x")
    with pytest.raises(Conflict):
        message.retry_message.run(actor_of("member"), {}, target=sent)
    sent.refresh_from_db()
    assert sent.state == MessageState.SENT


class TestRights:
    """A robot acts with its owner's rights, and stops with them."""

    @pytest.fixture
    def stopped(self, drain, time):
        def check(row, why):
            with time.held():
                drain()
            row.refresh_from_db()
            assert (row.paused_why, row.paused_at) == (why, time.now)

        return check

    def test_an_owner_who_left(self, make_robot, people, actor_of, stopped, time, group, rename, project):
        row = make_robot("admin", at=group.address)
        rename()  # waits to be sent
        with time.held():
            run_named("workspaces.member.deactivate", actor_of("owner"), {}, target=people.admin)
            assert sending.run_once() == 0  # at once: before the relay has come round
        stopped(row, Why.OWNER_LEFT)
        assert group.paths == []
        assert (
            Notification.objects.get(kind="digests.robot").recipient == people.member
        )  # who leads the project

    def test_an_owner_who_no_longer_sees_the_project(
        self, make_robot, people, actor_of, stopped, time, project
    ):
        row = make_robot("admin")
        with time.held():
            run_named("workspaces.project.edit", actor_of("owner"), {"visibility": "private"}, target=project)
            run_named(
                "workspaces.member.change_role", actor_of("owner"), {"role": "member"}, target=people.admin
            )
        stopped(row, Why.OWNER_OUT)

    def test_an_owner_who_stays_keeps_it_running(self, make_robot, actor_of, time, project, drain):
        row = make_robot()
        with time.held():
            run_named("workspaces.project.edit", actor_of("owner"), {"visibility": "private"}, target=project)
            drain()
        row.refresh_from_db()
        assert row.paused_at is None

    def test_another_lead_takes_it_over(self, make_robot, people, actor_of, stopped, time, project):
        row = make_robot("admin")
        with time.held():
            run_named("workspaces.member.deactivate", actor_of("owner"), {}, target=people.admin)
        stopped(row, Why.OWNER_LEFT)
        with pytest.raises(Conflict):
            robot.resume_robot.run(actor_of("member"), {}, target=row)
        robot.take_over_robot.run(actor_of("member"), {}, target=row)
        row.refresh_from_db()
        assert (row.owner, row.paused_at, row.paused_why) == (people.member, None, "")

    def test_a_deleted_project_s_robot_only_waits(self, make_robot, actor_of, time, project, drain):
        row = make_robot()
        with time.held():
            run_named("workspaces.project.delete", actor_of("owner"), {}, target=project)
            drain()
        row.refresh_from_db()
        assert row.paused_at is None
        assert not Robot.objects.visible_to(Actor.for_member(row.owner)).exists()
