"""Events are kept as long as their source says, counted from their own time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tongpin.kernel import clock
from tongpin.kernel.errors import Denied
from tongpin.kernel.store import client
from tongpin.modules.analytics.actions import flush, generated, retention
from tongpin.modules.analytics.models import Arrival, Source

from .conftest import NOON, record, rows

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def kept(store, people, source, arrive, monkeypatch):
    """Shop keeps 30 days, App for ever; events of 1, 40 and 200 days ago in both, of 300 in Shop alone."""
    monkeypatch.setattr(flush, "after_flush", [])
    Source.objects.filter(pk=source.pk).update(retention_days=30)
    app = Source.objects.create(workspace=people.workspace, name="App")
    for days in (1, 40, 200):
        arrive(record(f"shop {days}", at=NOON - days * DAY))
        arrive(record(f"app {days}", at=NOON - days * DAY), of=app)
    arrive(record("shop 300", at=NOON - 300 * DAY))
    while flush.run_once():
        pass


def partitions() -> int:
    [(n,)] = client.query(
        "SELECT uniqExact(partition) FROM system.parts WHERE table = 'events' AND active"
    ).rows
    return n


def test_only_old_events_of_that_source_go(kept):
    before = partitions()
    with clock.frozen_at(NOON):
        assert retention.forget_old() == 3
        assert retention.forget_old() == 0
    assert sorted(event for (event,) in rows()) == ["app 1", "app 200", "app 40", "shop 1"]
    assert partitions() == before - 1  # the month that held nothing else is gone as a whole


def test_no_month_is_dropped_while_a_batch_is_open(kept, arrive, monkeypatch):
    """Its rows may be on their way into that month."""
    arrive(record("late", at=NOON - 300 * DAY))
    monkeypatch.setattr(flush.stored, "put", lambda *_: (_ for _ in ()).throw(OSError("killed")))
    with pytest.raises(OSError, match="killed"):
        flush.run_once()
    before = partitions()
    with clock.frozen_at(NOON):
        assert retention.forget_old() == 3
    assert partitions() == before or "shop 300" not in {event for (event,) in rows()}


def test_generated_events_go_the_way_of_all(store, source, actor_of, monkeypatch):
    monkeypatch.setattr(flush, "after_flush", [])
    made = list(
        generated.put_generated(actor_of("owner"), source, 1234, until=NOON, days=10, each=50, seed=1)
    )
    assert sum(made) == 1234
    while flush.run_once():
        pass
    [(count, first, last)] = client.query("SELECT count(), min(timestamp), max(timestamp) FROM events").rows
    assert count == 1234
    assert first >= NOON - 10 * DAY
    assert last <= NOON + DAY
    list(generated.put_generated(actor_of("owner"), source, 1234, until=NOON, days=10, each=50, seed=1))
    while flush.run_once():
        pass
    assert len(rows()) == 1234  # the same seed makes the same events


def test_who_may_not_set_a_source_up_puts_nothing_into_it(source, actor_of):
    for who in ("member", "guest"):
        with pytest.raises(Denied):
            list(generated.put_generated(actor_of(who), source, 5, until=NOON, days=1, each=5, seed=0))
    assert not Arrival.objects.exists()
