"""Insights on real files of events, against what others counted in them (``../shared/data/EXPECTED.json``)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.realdata.test_event_files import DATA, bring, expected, running, source, store
from tongpin.modules.analytics.insights import running as insights
from tongpin.modules.analytics.insights.scope import Scope

__all__ = ["bring", "running", "source", "store"]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data in {DATA}"),
]
YEAR = 366 * 86_400


def ask(people: Any, question: dict[str, Any]) -> dict[str, Any]:
    scope = Scope(people.workspace.public_id, "Asia/Shanghai", 0, datetime(2026, 11, 1, tzinfo=UTC))
    return insights.answer(insights.read(question), scope).result


def test_the_shop_s_funnel(bring, people):
    bring("retentioneering-ecom.csv.gz")
    oracle = expected("ecom")
    question = {
        "kind": "funnel", "steps": oracle["steps"], "window_seconds": YEAR, "from": "2024-01-01", "to": "2024-06-30",
    }  # fmt: skip
    assert ask(people, question)["counts"] == oracle["ordered_funnel_users"]


def test_the_cohorts_of_a_record_shop(bring, people):
    bring("cdnow_master.txt", " ", name="purchase", user="customer_id", time="date")
    cohorts = expected("cdnow")["cohorts"]
    question = {
        "kind": "retention", "interval": "month", "periods": 17, "start": "purchase", "return": "purchase",
        "from": "1997-01-01", "to": "1997-03-31",
    }  # fmt: skip
    told = ask(people, question)["cohorts"]
    assert {each["period"][:7]: each["values"] for each in told} == cohorts
