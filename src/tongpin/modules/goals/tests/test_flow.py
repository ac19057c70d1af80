"""From paste to result through the pages, the queue and the job."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from tongpin.modules.goals import jobs
from tongpin.modules.goals.enums import LookBackState
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.tests.sample import LAUNCH, table

NEW = "/w/acme/lookback/new/"


def run_queued() -> int:
    """Run the jobs that pages queued, as the worker would."""
    found = list(ProcrastinateJob.objects.filter(task_name="goals.evaluate", status="todo"))
    for job in found:
        jobs.evaluate_lookback(**job.args)
    return len(found)


@pytest.fixture
def asked(client_of):  # type: ignore[no-untyped-def]
    """The form of a complete look back."""
    return {
        "intent": "show",
        "text": table(),
        "launch": LAUNCH.isoformat(),
        "window_days": "14",
        "expected": "8",
        "expected_unit": "relative",
        "worth": "2",
        "direction": "up",
        "country": "CN",
        "metric": "发布排班",
    }


def test_paste_to_result(client_of, asked):  # type: ignore[no-untyped-def]
    client = client_of("member")
    page = client.get(NEW)
    assert page.status_code == 200
    answer = client.post(NEW, asked)
    assert answer.status_code == 302
    row = LookBack.objects.get()
    assert row.state == LookBackState.QUEUED
    waiting = client.get(answer["Location"])
    assert b'hx-trigger="every 1s"' in waiting.content
    assert run_queued() == 1
    row.refresh_from_db()
    assert (row.state, row.word, row.evidence) == (LookBackState.DONE, "met", "C")
    done = client.get(answer["Location"]).content.decode()
    assert "It worked" in done
    assert 'class="interval interval-wide"' in done
    assert 'hx-trigger="every 1s"' not in done
