"""A thousand events at once: the vendor's limit is never exceeded, and none is lost or said twice."""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter

import pytest

from tongpin.kernel import clock
from tongpin.kernel.events.models import Event
from tongpin.modules.digests import handlers, pacing, sending
from tongpin.modules.digests.enums import MessageState
from tongpin.modules.digests.models import Message, Robot, Update
from tongpin.modules.digests.vendors import VENDORS
from tongpin.modules.digests.vendors.base import Limit

EVENTS = 1000


def happen(project, people, time, count, start=0):
    """So many people came into the project: one event each, their names telling them apart."""
    with time.held():
        events = Event.objects.bulk_create(
            Event(
                workspace=people.workspace, name="workspaces.project_members_changed", v=1, actor=people.owner.user,
                payload={
                    "project": "STF",
                    "changes": [{"name": f"P{start + n:04d}", "before": "", "after": "member"}],
                },
                subject_type="workspaces.project", subject_id=project.public_id, via="web", action="x", at=clock.now(),
            )
            for n in range(count)
        )  # fmt: skip
        handlers.on_news(events)


def spoken(group):
    return Counter(re.findall(r"P\d{4}", json.dumps(group.got)))


def work(time, until, step):
    """Let a worker look every ``step`` seconds until nothing waits; simulated seconds it took."""
    took = 0.0
    while (
        Update.objects.filter(message=None).exists()
        or Message.objects.exclude(state__in=[MessageState.SENT, MessageState.FAILED]).exists()
    ):
        with time.held():
            sending.run_once()
        time.pass_(seconds=step)
        took += step
        assert took < until, "it does not come to an end"
    return took


@pytest.mark.parametrize(
    ("vendor", "limit", "seconds"),
    [("dingtalk", 20, 60), ("wecom", 20, 60), ("feishu", 100, 60), ("feishu", 5, 1), ("slack", 1, 1)],
)
def test_a_thousand_events(make_robot, group, people, project, time, vendor, limit, seconds):
    robot = make_robot(at=group.address)
    Robot.objects.update(vendor=vendor)
    group.limit, group.seconds = limit, seconds
    group.ok = {"errcode": 0, "code": 0}
    happen(project, people, time, EVENTS)
    took = work(time, until=1800, step=0.5 if seconds == 1 else 2)

    assert group.exceeded == 0
    assert spoken(group) == {f"P{n:04d}": 1 for n in range(EVENTS)}
    assert set(Message.objects.filter(robot=robot).values_list("state", flat=True)) == {MessageState.SENT}
    assert sum(Message.objects.values_list("count", flat=True)) == EVENTS
    assert all(VENDORS[vendor].size(body) <= VENDORS[vendor].ROOM for body in group.got)
    assert took <= 300  # whoever waits for the last of them waits no longer than five minutes


@pytest.mark.parametrize("dies", ["before posting", "after posting"])
def test_workers_killed_in_the_middle_of_a_burst(make_robot, group, people, project, time, dies, monkeypatch):
    """Every third worker is gone before it could note the answer, so that its lease has to run out. Nothing is lost,
    no limit is exceeded; only what the group had got already may come twice.
    """
    make_robot(at=group.address)
    group.limit = 20
    happen(project, people, time, EVENTS)
    tries, really = [0], sending._post

    class Killed(BaseException):
        """What SIGKILL looks like from inside: nothing after it runs."""

    def post(taken):
        tries[0] += 1
        doomed = tries[0] % 3 == 0 and tries[0] < 30
        if doomed and dies == "before posting":
            raise Killed
        answer = really(taken)
        if doomed:
            raise Killed
        return answer

    monkeypatch.setattr(sending, "_post", post)
    for _look in range(5000):
        if not Update.objects.filter(message=None).exists() and not Message.objects.exclude(
            state=MessageState.SENT
        ):
            break
        with time.held(), contextlib.suppress(Killed):
            sending.run_once()
        time.pass_(seconds=5)
    assert tries[0] >= 30
    assert group.exceeded == 0
    assert set(spoken(group)) == {f"P{n:04d}" for n in range(EVENTS)}
    twice = sum(count > 1 for count in spoken(group).values())
    assert (twice > 0) is (dies == "after posting")
    assert sum(Message.objects.values_list("count", flat=True)) == EVENTS


def test_a_trickle_that_grows_into_a_flood(make_robot, group, people, project, time):
    """Single messages use the limit up; then what comes is gathered, still without exceeding it."""
    make_robot(at=group.address)
    group.limit = 20
    for n in range(300):
        happen(project, people, time, 1, start=n)
        with time.held():
            sending.run_once()
        time.pass_(seconds=1)
    work(time, until=300, step=1)
    assert group.exceeded == 0
    assert spoken(group) == {f"P{n:04d}": 1 for n in range(300)}
    assert Message.objects.filter(count=1).exists()
    assert Message.objects.filter(count__gt=1).exists()


def test_one_shut_out_by_another_program_s_messages_loses_nothing(make_robot, group, people, project, time):
    """A second sender uses the same robot: the vendor shuts it out, and afterwards everything arrives."""
    make_robot(at=group.address)
    group.limit = 20
    group.at = [time.now] * 20
    happen(project, people, time, 100)
    took = work(time, until=2000, step=5)
    assert group.exceeded == 1  # the one that found out; not one more in the ten minutes
    assert took >= 600
    assert spoken(group) == {f"P{n:04d}": 1 for n in range(100)}


def test_a_bucket_of_tokens_would_not_do(time):
    """20 just before the minute's end and 20 just after are 40 in a few seconds: the pace refuses the 21st."""
    limits = (Limit(20, 60),)
    sent = [time.now] * 20
    time.pass_(seconds=59)
    assert pacing.room(limits, sent, time.now) == 0
    assert (pacing.free_at(limits, sent, time.now) - time.now).total_seconds() == 1.5
    time.pass_(seconds=1.5)
    assert pacing.room(limits, sent, time.now) == 20
