from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tongpin.kernel import clock, keyring
from tongpin.kernel.actions.door import run_named
from tongpin.modules.digests.actions.robot import create_robot

from .group import Group

TOPICS = ["projects.settings", "projects.people"]
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef"


class Time:
    """A clock the test moves: seen by the queue and by the group alike."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)

    def held(self):
        return clock.frozen_at(self.now)


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def project(people, actor_of, time):
    """Led by the member, so that the leads' rights can be told from the admins'."""
    with time.held():
        made = run_named(
            "workspaces.project.create", actor_of("member"), {"name": "STF 移动打卡", "key": "STF"}
        )
    return made.value


@pytest.fixture
def group(time, settings):
    settings.ROBOT_HOSTS = ["127.0.0.1"]
    made = Group(time)
    with made.serve() as served:
        made.address = served.address
        yield made


@pytest.fixture
def make_robot(project, actor_of, time, drain):
    """A robot of the project, as that person; ``at`` moves it to another address, whatever its vendor."""

    def make(who="member", at="", **data):
        given = {
            "project": project.public_id,
            "name": "打卡组",
            "address": DINGTALK,
            "topics": TOPICS,
            **data,
        }
        with time.held():
            row = create_robot.run(actor_of(who), given).value
            drain()
        if at:
            row.address = keyring.encrypt(at)
            row.save(update_fields=["address"])
        return row

    return make


@pytest.fixture
def rename(project, actor_of, time, drain):
    """News of the project: it is renamed, and the relay hands that over."""

    def run(name="STF 考勤", who="owner"):
        with time.held():
            run_named("workspaces.project.edit", actor_of(who), {"name": name}, target=project)
            drain()

    return run
