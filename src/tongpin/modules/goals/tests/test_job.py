"""The job: computed once, whatever dies, is retried or comes late."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from tongpin.kernel import clock
from tongpin.kernel.errors import Conflict
from tongpin.kernel.events.models import Event
from tongpin.modules.goals import actions, jobs
from tongpin.modules.goals.enums import LookBackState
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.tests.steps import create, queued, run_jobs
from tongpin.modules.notifications.public import unread


@pytest.fixture
def asked(actor_of):
    """A look back of the member whose job waits."""
    row = create(actor_of("member"))
    actions.evaluate_lookback.run(actor_of("member"), target=row)
    row.refresh_from_db()
    return row


@pytest.fixture
def engine(monkeypatch, result):
    """The engine, replaced by one that answers at once; counts how often it was asked."""
    from tongpin.lib.effects import effect_from_json

    calls = []

    def evaluate(series, spec, second_opinion=True, progress=None):
        calls.append(spec)
        progress(0.4, "calibrate")
        return effect_from_json(result)

    monkeypatch.setattr(jobs, "evaluate", evaluate)
    return calls


def said() -> list[str]:
    names = Event.objects.filter(name__startswith="goals.").order_by("pk").values_list("name", flat=True)
    return [name.removeprefix("goals.lookback_") for name in names]


def test_a_job_run_twice_concludes_once(asked, engine):
    run_jobs()
    run_jobs()
    asked.refresh_from_db()
    assert asked.state == LookBackState.DONE
    assert len(engine) == 1
    assert said() == ["created", "queued", "started", "concluded"]


def test_a_job_that_died_half_way_starts_over(asked, engine, monkeypatch):
    whole = jobs.evaluate

    def dies(series, spec, second_opinion=True, progress=None):
        progress(0.4, "calibrate")
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(jobs, "evaluate", dies)
    with pytest.raises(OperationalError):  # the queue sees it and tries again
        run_jobs()
    asked.refresh_from_db()
    assert (asked.state, asked.progress, asked.step) == (LookBackState.RUNNING, 0.4, "calibrate")
    monkeypatch.setattr(jobs, "evaluate", whole)
    run_jobs()
    asked.refresh_from_db()
    assert asked.state == LookBackState.DONE
    assert said() == ["created", "queued", "started", "concluded"]


def test_what_cannot_be_computed_is_said_and_not_retried(asked, monkeypatch):
    def fails(*args, **more):
        raise ZeroDivisionError

    monkeypatch.setattr(jobs, "evaluate", fails)
    run_jobs()
    asked.refresh_from_db()
    assert (asked.state, asked.failure["code"]) == (LookBackState.FAILED, "internal")
    assert said()[-1] == "failed"


def test_a_late_job_of_an_earlier_run_writes_nothing(asked, engine, actor_of):
    late = queued()[0]
    with clock.shifted_by(actions.STALE * 2):
        actions.evaluate_lookback.run(actor_of("member"), target=asked)
    asked.refresh_from_db()
    assert asked.run == 2
    jobs.evaluate_lookback(**late.args)
    asked.refresh_from_db()
    assert (asked.state, len(engine)) == (LookBackState.QUEUED, 0)


def test_a_job_that_shows_progress_cannot_be_asked_for_again(asked, actor_of):
    with pytest.raises(Conflict), clock.shifted_by(actions.STALE / 2):
        actions.evaluate_lookback.run(actor_of("member"), target=asked)


def test_a_deleted_look_back_is_not_computed(asked, engine, actor_of):
    actions.delete_lookback.run(actor_of("member"), target=asked)
    run_jobs()
    assert LookBack.objects.get().state == LookBackState.QUEUED
    assert not engine


def test_the_asker_s_day_is_that_of_the_asking(asked, engine):
    with clock.shifted_by(actions.STALE * 1000):
        run_jobs()
    assert engine[0].as_of == asked.as_of


def test_the_author_is_told_and_nobody_else(asked, engine, actor_of, drain):
    run_jobs()
    drain()
    assert {who: unread(actor_of(who)) for who in ("owner", "admin", "member", "guest")} == {
        "owner": 0,
        "admin": 0,
        "member": 1,
        "guest": 0,
    }
