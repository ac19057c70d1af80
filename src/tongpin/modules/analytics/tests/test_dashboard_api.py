"""Dashboards for programs: read as pages show them, with every tile's answer."""

from __future__ import annotations

import json

import pytest
from tests.api.conftest import problem, program_of

from tongpin.modules.analytics.actions.dashboard import create_dashboard
from tongpin.modules.analytics.actions.insight import delete_insight
from tongpin.modules.analytics.models import Dashboard
from tongpin.modules.analytics.tests.test_dashboard_pages import board
from tongpin.modules.analytics.tests.test_insight_pages import world

__all__ = ["board", "program_of", "world"]

pytestmark = pytest.mark.django_db

BOARDS = "workspaces/acme/analytics/dashboards"
ACTIONS = "workspaces/acme/actions/analytics.dashboard"
READ = ["analytics:read"]


def test_one_is_read_with_its_tiles_and_their_answers(board, actor_of, program_of):
    program = program_of("member", READ)
    one = program.get(f"{BOARDS}/{board.public_id}").json()
    assert [(each["kind"], each["title"]) for each in one["tiles"]] == [
        ("insight", "Sales"), ("insight", "Payers"), ("text", "Note"),
    ]  # fmt: skip
    assert one["url"].endswith(f"/w/acme/data/dashboards/{board.public_id}/")
    answers = program.get(f"{BOARDS}/{board.public_id}/answers").json()
    assert [each["result"] and each["result"]["series"][0]["total"] for each in answers] == [3, 2, None]
    assert answers[0]["question"]["series"][0]["event"] == "paid"
    assert [bool(each["asked_at"]) for each in answers] == [True, True, False]
    delete_insight.run(actor_of("member"), {}, target=board.tiles.get(insight__name="Sales").insight)
    assert program.get(f"{BOARDS}/{board.public_id}").json()["tiles"][0]["insight"] is None


def test_a_tile_that_cannot_be_asked_says_why(board, program_of):
    Dashboard.objects.update(override={"from": "2020-01-01"})
    answers = program_of("member", READ).get(f"{BOARDS}/{board.public_id}/answers").json()
    assert answers[0]["problem"]["code"] == "question_unanswerable"
    assert answers[0]["result"] is None


def test_the_list_is_paged(people, actor_of, program_of):
    for n in range(3):
        create_dashboard.run(actor_of("member"), {"name": f"D {n}"})
    program = program_of("member", READ)
    first = program.get(BOARDS, limit=2).json()
    second = program.get(BOARDS, limit=2, cursor=first["next"]).json()
    assert [each["name"] for each in first["items"] + second["items"]] == ["D 2", "D 1", "D 0"]


def test_it_is_made_and_filled_and_shared_by_actions(people, program_of):
    program = program_of("member", ["analytics:read", "analytics:write"])
    made = program.post(f"{ACTIONS}.create", json.dumps({"data": {"name": "Made"}}))
    assert made.status_code == 200, made.content
    row = Dashboard.objects.get()
    put = program.post(
        f"{ACTIONS}.add_tile", json.dumps({"target": str(row.public_id), "data": {"text": "Hello"}})
    )
    assert put.status_code == 200, put.content
    shared = program.post(f"{ACTIONS}.share", json.dumps({"target": str(row.public_id), "data": {}}))
    assert "/share/dashboards/" in shared.json()["shown_once"]


def test_who_may(board, program_of):
    one = f"{BOARDS}/{board.public_id}"
    for program in (program_of("guest"), program_of("member", ["goals:read"])):
        for path in (BOARDS, one, f"{one}/answers"):
            problem(program.get(path), 403, "denied")
    for path in (BOARDS, one, f"{one}/answers"):
        assert program_of("stranger").get(path).status_code == 404
        assert program_of("nobody").get(path).status_code == 401
    elsewhere = "workspaces/elsewhere/analytics/dashboards"
    assert program_of("stranger").get(f"{elsewhere}/{board.public_id}").status_code == 404
