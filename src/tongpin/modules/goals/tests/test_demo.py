"""The example company's look backs: each comes to the result it is there to show, whatever day it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tongpin.kernel import clock
from tongpin.lib.effects import Evidence, evaluate
from tongpin.modules.goals import actions, demo
from tongpin.modules.goals.demo_series import stories
from tongpin.modules.goals.models import LookBack


@pytest.mark.parametrize(
    "today", [date(2026, 11, 22), date(2026, 2, 25), date(2026, 6, 30), date(2027, 1, 9)]
)
def test_every_story_ends_as_told(today):
    for story in stories(today):
        effect = evaluate(story.series, replace(story.spec, as_of=story.on), second_opinion=False)
        assert effect.result.value == story.expects, story.key
        assert (effect.evidence is Evidence.D) == (story.key == "reminder")
    told = {story.key: story for story in stories(today)}
    assert told["holiday"].series.end >= told["holiday"].spec.window_end
    results = {story.expects for story in told.values()}
    assert results == {"met", "partly", "missed", "negative", "cant_tell"}
    days = [story.on for story in told.values()]
    assert days == sorted(days)
    assert len(set(days)) >= 5, "spread over time"
    assert days[-1] == today


def test_the_numbers_are_the_same_every_time():
    assert stories(date(2026, 11, 22)) == stories(date(2026, 11, 22))


def test_seeding_twice_changes_nothing(people, actor_of):
    with clock.frozen_at(datetime(2026, 11, 22, 4, tzinfo=UTC)):
        demo.seed(people.workspace, patience=0)
        rows = LookBack.objects.order_by("pk")
        told = {story.source: story for story in stories(date(2026, 11, 22))}
        assert [row.word for row in rows] == [story.expects for story in told.values()]
        assert [bool(row.reading) for row in rows] == [bool(story.reading) for story in told.values()]
        assert [row.created_at.date() for row in rows] == [story.on for story in told.values()]
        assert not [row.findings for row in rows if "future_days" in str(row.findings)]
        actions.rename_lookback.run(actor_of("owner"), {"title": "Mine now"}, target=rows[0])
        actions.delete_lookback.run(actor_of("owner"), target=rows[1])
        before = list(LookBack.objects.order_by("pk").values())
        demo.seed(people.workspace, patience=0)
        assert list(LookBack.objects.order_by("pk").values()) == before


def test_a_running_worker_computes_them(people):
    from tongpin.modules.goals.tests.steps import run_jobs

    waits = []

    def wait(seconds):
        waits.append(seconds)
        run_jobs()

    with clock.frozen_at(datetime(2026, 11, 22, 4, tzinfo=UTC)):
        demo.seed(people.workspace, patience=1e9, wait=wait)
    assert waits == [0.5]
    assert LookBack.objects.filter(state="done").count() == 6
