"""Sizes day by day: counted back when a segment is made, kept when a day is over, missing days said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tongpin.modules.analytics import segment_jobs
from tongpin.modules.analytics.actions import segment_size
from tongpin.modules.analytics.actions.segment import create_segment, delete_segment, edit_segment
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.models import SegmentSize
from tongpin.modules.analytics.tests.events import arrive, event
from tongpin.modules.analytics.tests.test_insight_pages import HTMX
from tongpin.modules.analytics.tests.test_segment_pages import page_of, text

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 4, tzinfo=UTC)  # noon of the tenth in Shanghai
RULE = {"who": [{"event": "paid", "from": "-1d"}]}


@pytest.fixture
def world(people, store, monkeypatch):
    """Ann paid on the 2nd, Bo on the 8th just before local midnight, and on the 9th just after."""
    people.workspace.time_zone = "Asia/Shanghai"
    people.workspace.save()
    monkeypatch.setattr("tongpin.kernel.clock.now", lambda: NOW)
    arrive(
        people.workspace,
        event("ann", "paid", 86_400),  # 8:00 UTC on the 2nd
        event("bo", "paid", 7 * 86_400 + 7.99 * 3_600),  # 15:59 UTC on the 8th: still the 8th
        event("cy", "paid", 7 * 86_400 + 8.01 * 3_600),  # 16:00 UTC on the 8th: the 9th
    )
    return people


@pytest.fixture
def kept(world, actor_of):
    return create_segment.run(actor_of("member"), {"name": "Payers", "rule": RULE}).value


def sizes(row):
    return {each.day.day: each.size for each in SegmentSize.objects.filter(segment=row, day__month=3)}


def test_the_last_days_are_counted_back_as_they_were(kept):
    segment_jobs.count_segment(str(kept.public_id))
    assert SegmentSize.objects.filter(segment=kept).count() == segment_size.BACK
    assert sizes(kept) == {1: 0, 2: 1, 3: 1, 4: 0, 5: 0, 6: 0, 7: 0, 8: 1, 9: 2}
    marks = dict(
        SegmentSize.objects.filter(segment=kept, day__gte="2026-03-08").values_list("day__day", "later")
    )
    assert marks == {8: True, 9: False}


def test_a_day_is_kept_once_it_is_over_and_once_alone(kept, monkeypatch):
    segment_jobs.count_segments(0)
    assert 10 not in sizes(kept)
    before = list(SegmentSize.objects.order_by("pk").values())
    segment_jobs.count_segments(0)
    assert list(SegmentSize.objects.order_by("pk").values()) == before
    arrive(kept.workspace, event("dee", "paid", 9 * 86_400))
    monkeypatch.setattr("tongpin.kernel.clock.now", lambda: NOW + timedelta(days=1))
    segment_jobs.count_segments(0)
    assert sizes(kept)[10] == 2, "Cy and Dee"
    assert sizes(kept)[9] == 2


def test_days_the_store_was_away_are_counted_later(kept, store, client_of):
    store.stop()
    try:
        segment_jobs.count_segments(0)
        assert not SegmentSize.objects.exists()
    finally:
        store.start()
    segment_jobs.count_segments(0)
    SegmentSize.objects.filter(segment=kept, day__in=["2026-03-03", "2026-03-04"]).delete()
    page = text(client_of("member").get(page_of(kept)))
    assert "2 days are missing" in page
    segment_jobs.count_segment(str(kept.public_id))
    assert "missing" not in text(client_of("member").get(page_of(kept)))


def test_another_rule_has_other_sizes(kept, actor_of, client_of):
    segment_jobs.count_segments(0)
    outcome = edit_segment.run(actor_of("member"), {"rule": {"who": [{"event": "never"}]}}, target=kept)
    assert not SegmentSize.objects.exists()
    assert outcome.undo is not None
    segment_jobs.count_segment(str(kept.public_id))
    assert set(sizes(kept).values()) == {0}
    edit_segment.run(actor_of("member"), {"name": "Other"}, target=kept)
    assert SegmentSize.objects.exists(), "a name changes no size"


def test_what_is_deleted_is_not_counted(kept, actor_of):
    delete_segment.run(actor_of("member"), {}, target=kept)
    segment_jobs.count_segments(0)
    segment_jobs.count_segment(str(kept.public_id))
    assert not SegmentSize.objects.exists()


def test_the_page_draws_them_with_today(kept, client_of):
    fresh = text(client_of("member").get(page_of(kept)))
    assert "The last 30 days are being counted." in fresh
    segment_jobs.count_segments(0)
    page = text(client_of("member").get(page_of(kept), **HTMX))
    assert page.count('<th scope="row"') >= 31
    assert "counted afterwards" in page
    assert Scope.of(kept.workspace).today.day == 10
