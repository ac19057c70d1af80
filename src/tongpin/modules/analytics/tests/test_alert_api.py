"""Alerts for programs, through their addresses with a token."""

from __future__ import annotations

from datetime import date

import pytest
from tests.api.conftest import problem, program_of

from tongpin.modules.analytics.models import Firing
from tongpin.modules.analytics.tests.test_alert_pages import insight, kept

__all__ = ["insight", "kept", "program_of"]

pytestmark = pytest.mark.django_db

ALERTS = "workspaces/acme/analytics/alerts"
READ = ["analytics:read"]


def test_they_are_listed_and_read_with_when_they_rang(kept, insight, program_of):
    Firing.objects.create(
        workspace=kept.workspace, alert=kept, day=date(2026, 5, 4), last_day=date(2026, 5, 5), value=90,
        expected=40, low=20, high=60, reason=kept.rule,
    )  # fmt: skip
    program = program_of("member", READ)
    listed = program.get(ALERTS).json()
    one = program.get(f"{ALERTS}/{kept.public_id}").json()
    (firing,) = one.pop("firings")
    assert listed == {"items": [one], "next": None}
    assert (one["name"], one["insight"], one["rule"]) == (kept.name, str(insight.public_id), kept.rule)
    assert one["url"].endswith(f"/w/acme/data/alerts/{kept.public_id}/")
    assert (firing["day"], firing["last_day"], firing["value"], firing["high"]) == (
        "2026-05-04",
        "2026-05-05",
        90,
        60,
    )
    assert program.get(ALERTS, q="no such alert").json()["items"] == []


def test_who_may(kept, program_of):
    for path in (ALERTS, f"{ALERTS}/{kept.public_id}"):
        for program in (program_of("guest"), program_of("member", ["goals:read"])):
            problem(program.get(path), 403, "denied")
        assert program_of("stranger").get(path).status_code == 404
        assert program_of("nobody").get(path).status_code == 401
