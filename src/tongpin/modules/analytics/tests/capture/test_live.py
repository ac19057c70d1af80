"""The live page: what it is shown, when, and for how long."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction

from tongpin.kernel import clock
from tongpin.kernel.realtime import hints
from tongpin.modules.analytics.actions import live
from tongpin.modules.analytics.models import Sighting, Source
from tongpin.modules.analytics.queries.live import recent
from tongpin.modules.analytics.tests.capture.serving import until


@pytest.fixture
def look(source, actor_of):
    def look() -> None:
        with transaction.atomic():
            live.look(actor_of("owner"), source)

    return look


def test_nothing_is_written_while_nobody_looks(server, source):
    assert server.send({"event": "a"}).status == 200
    assert server.capture._trace._sources[source.pk].rows
    assert Sighting.objects.count() == 0


def test_a_look_brings_what_came_before_and_what_comes_then(server, source, look):
    assert (
        server.send({"event": "before", "id": "u7", "properties": {"n": 1, "deep": {"a": [1]}}}).status == 200
    )
    look()
    until(lambda: recent(source))
    (seen,) = recent(source)
    assert (seen.event, seen.distinct_id, seen.reason, seen.path) == ("before", "u7", "", "/t/e")
    assert seen.properties == {"n": 1, "deep": '{"a":[1]}'}
    assert server.send({"event": "then"}).status == 200
    until(lambda: len(recent(source)) == 2)
    assert [seen.event for seen in recent(source)] == ["then", "before"]


def test_it_says_why_something_was_refused(server, source, look):
    look()
    assert server.send({"event": "a"}, dnt="1").status == 200
    assert server.send({"event": "b"}, {"none": 1}).status == 200
    until(lambda: len(recent(source)) == 3)
    shown = {(seen.event, seen.reason, seen.detail) for seen in recent(source)}
    assert shown == {("a", "opted_out", "DNT or Sec-GPC is set."), ("b", "", ""), ("", "shape", "no event")}


def test_a_whole_request_that_is_refused_is_shown_too(server, source, look):
    server.change(Source.objects.filter(pk=source.pk), allowed_origins=["https://a.example"])
    look()
    assert server.send({"event": "a"}, origin="https://b.example").status == 403
    until(lambda: recent(source))
    (seen,) = recent(source)
    assert (seen.event, seen.reason) == ("a", "origin")
    assert "https://b.example" in seen.detail


def test_it_is_a_bounded_sample(server, source, look):
    look()
    server.send(*[{"event": f"e{n}", "properties": {"t": "x" * 5000, "nul": "\x00"}} for n in range(500)])
    until(lambda: recent(source))
    rows = recent(source)
    assert len(rows) == 10
    assert max(row.more for row in rows) == 490
    assert {len(row.properties["t"]) for row in rows} == {200}
    for _ in range(60):
        server.send({"event": "b"})
    until(lambda: any(row.event == "b" for row in recent(source)))
    assert len(recent(source, 1000)) < 70


def test_the_one_who_looks_is_hinted_at(server, source, look, people):
    wanted = {"dbname", "user", "password", "host", "port"}
    params = {k: v for k, v in connection.get_connection_params().items() if k in wanted}
    with psycopg.connect(**params, autocommit=True) as listener:
        listener.execute(f"LISTEN {hints.CHANNEL}")
        look()
        server.send({"event": "a"})
        (said,) = listener.notifies(timeout=10, stop_after=1)
    hint = hints.heard(said.payload)
    assert hint == hints.OwnHint(people.owner.user_id, "acme", f"analytics.live:{source.public_id}")


def test_it_is_kept_for_minutes_only(source):
    old = clock.now() - timedelta(minutes=11)
    live.show([live.Shown(source.pk, old, b"{}"), live.Shown(source.pk, clock.now(), b"{}")], [])
    live.forget_old()
    assert Sighting.objects.count() == 1


def test_another_sources_events_are_not_shown(server, source, look):
    live.show([live.Shown(source.pk + 1, clock.now(), b"{}")], [])
    assert recent(source) == []
