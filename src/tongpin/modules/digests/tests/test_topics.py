"""What a robot can be asked to post, from the modules below: discussions in the project, results linked with it."""

from __future__ import annotations

import json

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.events import payloads
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.digests import topics
from tongpin.modules.digests.models import Update
from tongpin.modules.goals.tests.conftest import RESULT
from tongpin.modules.goals.tests.steps import create

ON = "workspaces.project"


def said() -> list[str]:
    return list(Update.objects.order_by("pk").values_list("said", flat=True))


@pytest.fixture
def comment(time, drain, actor_of):
    """Somebody writes on an object, and the relay hands it over."""

    def run(kind, row, text, who="owner", **more):
        with time.held():
            data = {"about_type": kind, "about_id": str(row.public_id), "text": text, **more}
            made = run_named("discussions.comment.write", actor_of(who), data).value
            drain()
        return made

    return run


@pytest.fixture
def lookback(drain, actor_of, people):
    """A look back with its result, linked with the given projects."""

    def run(*projects, who="owner"):
        row = create(actor_of(who), title="弱网打卡")
        for project in projects:
            ends = {
                "this": {"type": "goals.lookback", "id": str(row.public_id)},
                "other": {"type": ON, "id": str(project.public_id)},
            }
            run_named("relations.relation.add", actor_of("owner"), {"kind": "relates", **ends})
        run_named("goals.lookback.evaluate", actor_of(who), {}, target=row)
        server = Actor.system(people.workspace)
        run_named("goals.lookback.start", server, {"run": 1}, target=row)
        result = json.loads(RESULT.read_text())
        run_named("goals.lookback.record_result", server, {"run": 1, "result": result}, target=row)
        drain()
        return row

    return run


def test_every_topic_is_made_of_events_there_are():
    assert set(topics.names()) <= set(payloads.kinds())
    assert len(topics.names()) == len(set(topics.names()))  # an event belongs to one topic


def test_a_comment_on_the_project_is_posted(make_robot, project, comment, actor_of, time, drain):
    make_robot(topics=["discussions.comments"])
    written = comment(ON, project, "周五上线，大家有问题吗？")
    assert said() == ["Owner commented: 周五上线，大家有问题吗？"]
    assert Update.objects.get().about == project.name
    with time.held():
        run_named("discussions.comment.resolve", actor_of("owner"), {}, target=written)
        drain()
    assert said()[1:] == ["Owner resolved a thread: 周五上线，大家有问题吗？"]


def test_only_where_it_was_asked_for(make_robot, project, comment):
    make_robot(topics=["projects.people"])
    comment(ON, project, "不该出现")
    assert said() == []


def test_another_project_s_comments_are_not_posted(make_robot, comment, actor_of, time):
    make_robot(topics=["discussions.comments"])
    with time.held():
        other = run_named(
            "workspaces.project.create", actor_of("owner"), {"name": "会员", "key": "VIP"}
        ).value
    comment(ON, other, "别的项目")
    assert said() == []


def test_a_linked_look_back_s_result_is_posted_to_each_project_once(
    make_robot, project, lookback, actor_of, time
):
    make_robot(topics=["goals.results"])
    with time.held():
        other = run_named(
            "workspaces.project.create", actor_of("owner"), {"name": "会员", "key": "VIP"}
        ).value
    make_robot("owner", project=other.public_id, topics=["goals.results", "discussions.comments"])
    lookback(project, other)
    lookback()  # linked with nothing: nobody's news
    assert [line.startswith("The server concluded “弱网打卡”") for line in said()] == [True, True]
    assert set(Update.objects.values_list("robot__project__key", flat=True)) == {"STF", "VIP"}


def test_what_the_robot_s_owner_does_not_see_is_not_posted(make_robot, project, lookback, actor_of, people):
    """The project's lead is made a guest: look backs of others are hidden from a guest."""
    make_robot("member", topics=["goals.results"])
    people.member.role = "guest"
    people.member.save(update_fields=["role"])
    lookback(project)
    assert said() == []
