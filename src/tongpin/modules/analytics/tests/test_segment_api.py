"""Segments for programs, through their addresses with a token."""

from __future__ import annotations

import json

import pytest
from tests.api.conftest import problem, program_of

from tongpin.modules.analytics.models import Segment
from tongpin.modules.analytics.tests.test_segment_pages import PAYERS, kept, world

__all__ = ["kept", "program_of", "world"]

pytestmark = pytest.mark.django_db

SEGMENTS = "workspaces/acme/analytics/segments"
READ, WRITE = ["analytics:read"], ["analytics:read", "analytics:write"]


def test_they_are_listed_read_and_counted(kept, program_of):
    program = program_of("member", READ)
    listed = program.get(SEGMENTS).json()
    assert [each["name"] for each in listed["items"]] == ["Payers"]
    one = program.get(f"{SEGMENTS}/{kept.public_id}").json()
    assert one == listed["items"][0]
    assert (one["kind"], one["unit"], one["rule"]) == ("rule", "user", kept.rule)
    assert one["url"].endswith(f"/w/acme/data/segments/{kept.public_id}/")
    size = program.get(f"{SEGMENTS}/{kept.public_id}/size").json()
    assert (size["size"], size["of"], size["days"]) == (1, 3, [])
    assert program.get(SEGMENTS, kind="list").json()["items"] == []


def test_a_rule_is_counted_without_being_kept(world, program_of):
    program = program_of("member", READ)
    told = program.post(f"{SEGMENTS}/ask", json.dumps({"who": [{"event": "paid"}]})).json()
    assert (told["size"], told["of"]) == (2, 3)
    assert told["rule"] == {"who": {"match": "all", "of": [{"event": "paid"}]}}
    wrong = program.post(f"{SEGMENTS}/ask", json.dumps({"who": [{"event": "paid", "times": "x"}]}))
    assert "times" in problem(wrong, 422, "rule_unreadable")["detail"]
    assert not Segment.objects.exists()


def test_they_are_made_from_a_rule_and_from_ids(world, program_of):
    program = program_of("member", WRITE)
    made = program.do("analytics.segment.create", data={"name": "R", "rule": PAYERS})
    assert made.status_code == 200, made.content
    listed = program.do("analytics.segment.list", data={"name": "L", "ids": ["ann", "zoe"]})
    assert listed.status_code == 200, listed.content
    row = Segment.objects.get(name="L")
    assert program.get(f"{SEGMENTS}/{row.public_id}").json()["report"]["found"] == 1
    assert program.get(f"{SEGMENTS}/{row.public_id}/size").json()["size"] == 1


def test_who_may(kept, program_of):
    one = f"{SEGMENTS}/{kept.public_id}"
    rule = json.dumps(PAYERS)
    for program in (program_of("guest"), program_of("member", ["goals:read"])):
        for path in (SEGMENTS, one, f"{one}/size"):
            problem(program.get(path), 403, "denied")
        problem(program.post(f"{SEGMENTS}/ask", rule), 403, "denied")
    for path in (SEGMENTS, one, f"{one}/size"):
        assert program_of("stranger").get(path).status_code == 404
        assert program_of("nobody").get(path).status_code == 401
    elsewhere = "workspaces/elsewhere/analytics/segments"
    assert program_of("stranger").get(f"{elsewhere}/{kept.public_id}").status_code == 404
    assert Segment.objects.get().version == kept.version
