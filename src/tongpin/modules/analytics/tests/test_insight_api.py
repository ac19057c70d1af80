"""Insights for programs, through their addresses with a token."""

from __future__ import annotations

import json

import pytest
from tests.api.conftest import problem, program_of

from tongpin.modules.analytics import insight_form
from tongpin.modules.analytics.actions.insight import save_insight
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.models import Insight
from tongpin.modules.analytics.tests.events import arrive, event

__all__ = ["program_of"]

pytestmark = pytest.mark.django_db

ASK = "workspaces/acme/analytics/ask"
INSIGHTS = "workspaces/acme/analytics/insights"
PAID = {
    "kind": "trends",
    "from": "2026-02-27",
    "to": "2026-03-03",
    "series": [{"event": "paid", "math": "total"}],
}
READ = ["analytics:read"]


@pytest.fixture
def world(people, store):
    arrive(people.workspace, event("ann", "paid", 0), event("ann", "paid", 60), event("bo", "paid", 30))
    return people


@pytest.fixture
def kept(people, actor_of):
    return save_insight.run(actor_of("member"), {"name": "Sales", "question": PAID}).value


def ask(program, question):
    return program.post(ASK, json.dumps(question))


def test_a_question_is_answered(world, program_of):
    answer = ask(program_of("member", READ), PAID)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert told["result"]["series"][0]["total"] == 3
    assert told["result"]["buckets"][2] == "2026-03-01"
    assert told["question"]["series"][0]["name"] == "A"
    assert told["asked_at"].endswith(("Z", "+00:00"))
    assert told["time_zone"] == world.workspace.time_zone


@pytest.mark.parametrize("kind", insight_form.STARTS)
def test_every_kind_is_answered_or_refused_in_words(people, store, program_of, kind):
    answer = ask(program_of("member", READ), {"kind": kind, **insight_form.STARTS[kind]})
    if kind in running.KINDS:
        assert answer.status_code == 200, answer.content
    else:
        assert kind in problem(answer, 422, "kind_not_answered")["detail"]


@pytest.mark.parametrize(
    "question",
    [{}, {"kind": "none"}, PAID | {"from": "sometime"}, PAID | {"more": 1}, PAID | {"to": "2026-01-01"}],
)
def test_a_question_that_cannot_be_asked_says_where(world, program_of, question):
    answer = ask(program_of("member", READ), question)
    found = problem(answer, 422, answer.json()["code"])
    assert found["code"] in ("question_unreadable", "question_unanswerable")
    assert found["hint"]


def test_a_store_that_is_away_is_a_problem_with_a_hint(world, store, kept, program_of):
    from tongpin.kernel.store import client

    program = program_of("member", READ)
    store.stop()
    try:
        client._forget()
        for answer in (ask(program, PAID), program.get(f"{INSIGHTS}/{kept.public_id}/answer")):
            assert problem(answer, 503, "store_unavailable")["hint"]
    finally:
        store.start()


def test_saved_ones_are_listed_read_and_asked(world, kept, program_of):
    program = program_of("member", READ)
    listed = program.get(INSIGHTS).json()
    assert [each["name"] for each in listed["items"]] == ["Sales"]
    assert listed["next"] is None
    one = program.get(f"{INSIGHTS}/{kept.public_id}").json()
    assert one == listed["items"][0]
    assert one["question"] == kept.question
    assert one["url"].endswith(f"/w/acme/data/insights/{kept.public_id}/")
    assert one["owner"]["id"] == str(world.member.public_id)
    answer = program.get(f"{INSIGHTS}/{kept.public_id}/answer").json()
    assert answer["result"] == ask(program, kept.question).json()["result"]
    assert program.get(INSIGHTS, kind="funnel").json()["items"] == []
    assert program.get(INSIGHTS, q="sal").json()["items"] == listed["items"]


def test_the_list_comes_in_pieces(people, actor_of, program_of):
    for n in range(3):
        save_insight.run(actor_of("member"), {"name": f"I {n}", "question": PAID})
    program = program_of("member", READ)
    first = program.get(INSIGHTS, limit=2).json()
    second = program.get(INSIGHTS, limit=2, cursor=first["next"]).json()
    assert [each["name"] for each in first["items"] + second["items"]] == ["I 2", "I 1", "I 0"]


def test_who_may(world, kept, program_of):
    one = f"{INSIGHTS}/{kept.public_id}"
    for program in (program_of("guest"), program_of("member", ["goals:read"])):
        problem(ask(program, PAID), 403, "denied")
        for path in (INSIGHTS, one, f"{one}/answer"):
            problem(program.get(path), 403, "denied")
    for path in (INSIGHTS, one, f"{one}/answer"):
        assert program_of("stranger").get(path).status_code == 404
        assert program_of("nobody").get(path).status_code == 401
    assert ask(program_of("stranger"), PAID).status_code == 404
    elsewhere = "workspaces/elsewhere/analytics/insights"
    assert program_of("stranger").get(f"{elsewhere}/{kept.public_id}").status_code == 404
    assert Insight.objects.get().version == kept.version
