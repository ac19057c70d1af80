"""Alerts from the events' arrival to the inbox of whoever watches: when they ring, and when they must not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import numpy as np
import pytest

from tongpin.kernel import clock
from tongpin.kernel.events.models import Event
from tongpin.modules.analytics.actions import alert_judging, flush
from tongpin.modules.analytics.actions.alert import create_alert, mute_alert, pause_alert, resume_alert
from tongpin.modules.analytics.actions.insight import delete_insight, edit_insight, save_insight
from tongpin.modules.analytics.actions.note import add_note
from tongpin.modules.analytics.models import Alert, Arrival, Firing, Source
from tongpin.modules.analytics.wire.record import Record, dump
from tongpin.modules.notifications.models import Notification

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
#: Ten weeks without a holiday, in Shanghai, eight hours before UTC.
FIRST, COUNT = date(2026, 6, 22), 70
TODAY = FIRST + COUNT * DAY
SALES = {"kind": "trends", "series": [{"event": "paid", "math": "sum", "property": "amount"}]}


def noon(day):
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


class Shop:
    """A source whose events are in the inbox as capture leaves them, and a clock."""

    def __init__(self, people):
        people.workspace.time_zone = "Asia/Shanghai"
        people.workspace.save()
        self.source = Source.objects.create(workspace=people.workspace, name="Shop")

    def take(self, day, amount, *, received=None, flushed=True):
        """One payment on a day."""
        got = received or noon(day)
        record = Record(uuid4(), "paid", "ann", noon(day), {"amount": amount})
        Arrival.objects.create(source=self.source.pk, received_at=got, count=1, records=dump([record]))
        if flushed:
            self.flush()

    def flush(self):
        while flush.run_once():
            pass

    def judge(self, day, hour=3):
        """The job as it runs on a day, at an hour in Shanghai; somebody visited since midnight."""
        at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour - 8)
        with clock.frozen_at(at):
            alert_judging.run_due()


@pytest.fixture
def shop(people, store):
    shop = Shop(people)
    rng = np.random.default_rng(11)
    for n in range(COUNT):
        shop.take(FIRST + n * DAY, round(1000 * float(np.exp(rng.normal(0, 0.03))), 2), flushed=False)
    shop.flush()
    return shop


@pytest.fixture
def watch(people, actor_of, shop):
    """The member's alert on unusual sales, calm so far."""
    insight = save_insight.run(actor_of("member"), {"name": "Sales", "question": SALES}).value
    data = {"insight": insight.public_id, "name": "Sales", "series": "A"}
    row = create_alert.run(actor_of("member"), data).value
    shop.take(TODAY, 1000, received=noon(TODAY))
    shop.judge(TODAY, hour=14)
    row.refresh_from_db()
    assert (row.judged_until, row.ringing_since, row.trouble) == (TODAY - DAY, None, "")
    return row


def told(people):
    return list(
        Notification.objects.filter(kind="analytics.alert").values_list("recipient__user__email", "title")
    )


def rang():
    return Event.objects.filter(name="analytics.alert_rang").count()


def days(shop, start, *amounts):
    """Days that are over, one after another, each judged in the night after it."""
    for n, amount in enumerate(amounts):
        day = start + n * DAY
        shop.take(day, amount)
        shop.take(day + DAY, 0, received=noon(day + DAY) - timedelta(hours=11))
        shop.judge(day + DAY)


def test_one_firing_and_one_notice_while_it_lasts_and_one_more_when_it_comes_again(
    people, shop, watch, actor_of, drain
):
    add_note.run(actor_of("owner"), {"first": "2026-09-02", "text": "v3.6"})
    days(shop, TODAY + DAY, 1010, 400, 410, 1000, 1020, 2000)
    drain()
    firings = list(Firing.objects.filter(alert=watch).order_by("day").values_list("day", "last_day"))
    second, again = date(2026, 9, 2), date(2026, 9, 6)
    assert firings == [(second, second + DAY), (again, again)]
    assert rang() == 2
    lines = Notification.objects.filter(kind="analytics.alert")
    assert {line.recipient.user for line in lines} == {people.member.user}
    assert any("v3.6" in line.body and "normal noise" in line.body for line in lines)
    watch.refresh_from_db()
    assert watch.ringing_since == again


def test_the_running_day_is_never_judged(people, shop, watch):
    shop.take(TODAY + DAY, 1, received=noon(TODAY + DAY))
    shop.take(TODAY + DAY, 0, received=noon(TODAY + DAY))
    shop.judge(TODAY + DAY, hour=23)
    watch.refresh_from_db()
    assert watch.judged_until == TODAY
    assert rang() == 0
    shop.judge(TODAY + 2 * DAY, hour=0)
    watch.refresh_from_db()
    assert watch.judged_until == TODAY, "an hour is left for what is on its way"


def test_nothing_while_events_are_late_and_all_of_it_afterwards(people, shop, watch, drain):
    lost = TODAY + DAY
    shop.judge(lost + DAY)  # nothing has come since that day's end: it may not be whole
    watch.refresh_from_db()
    assert (watch.judged_until, watch.trouble) == (TODAY - DAY, "late")
    assert rang() == 0
    shop.take(lost, 1000, received=noon(lost + DAY), flushed=False)
    with clock.frozen_at(noon(lost + DAY) + timedelta(minutes=5)):
        alert_judging.run_due()  # what came waits in the inbox
    watch.refresh_from_db()
    assert watch.trouble == "late"
    shop.flush()
    shop.judge(lost + DAY, hour=14)
    watch.refresh_from_db()
    assert (watch.judged_until, watch.trouble, rang()) == (lost, "", 0)


def test_a_crash_between_says_nothing_twice(people, shop, watch, monkeypatch, drain):
    odd = TODAY + DAY
    shop.take(odd, 300)
    shop.take(odd + DAY, 0, received=noon(odd + DAY) - timedelta(hours=11))
    emit = alert_judging.emit

    def dies(payload, row):
        emit(payload, row)
        raise KeyboardInterrupt

    monkeypatch.setattr(alert_judging, "emit", dies)
    with pytest.raises(KeyboardInterrupt):
        shop.judge(odd + DAY)
    assert not Firing.objects.exists()
    assert rang() == 0
    monkeypatch.setattr(alert_judging, "emit", emit)
    for _again in range(3):
        shop.judge(odd + DAY)
    drain()
    assert Firing.objects.count() == rang() == 1
    assert Notification.objects.filter(kind="analytics.alert").count() == 1


def test_one_that_fails_keeps_no_other(people, shop, watch, actor_of, monkeypatch):
    data = {"insight": watch.insight.public_id, "name": "Low", "series": "A", "rule": "below", "value": 500}
    create_alert.run(actor_of("owner"), data)
    judged = alert_judging.alert_judging.verdicts

    def fails(workspace, asked, *more):
        if asked.rule == "unusual":
            raise RuntimeError
        return judged(workspace, asked, *more)

    monkeypatch.setattr(alert_judging.alert_judging, "verdicts", fails)
    days(shop, TODAY + DAY, 400)
    assert [firing.alert.name for firing in Firing.objects.select_related("alert")] == ["Low"]


@pytest.mark.parametrize(
    ("rule", "value", "amounts", "rings"),
    [
        ("above", 1500, [1400, 1501, 1600, 1400, 1502], [1, 4]),
        ("below", 500, [501, 499, 498, 700], [1]),
        ("change", 0.5, [1000, 1700, 400, 1000], [1]),
    ],
)
def test_thresholds(people, shop, watch, actor_of, rule, value, amounts, rings):
    watch.delete()
    data = {"insight": watch.insight.public_id, "name": "T", "series": "A", "rule": rule, "value": value}
    row = create_alert.run(actor_of("owner"), data).value
    days(shop, TODAY + DAY, *amounts)
    expected = [TODAY + (1 + n) * DAY for n in rings]
    assert list(Firing.objects.filter(alert=row).order_by("day").values_list("day", flat=True)) == expected


def test_muted_nobody_is_told_and_paused_nothing_is_judged(people, shop, watch, actor_of, drain):
    with clock.frozen_at(noon(TODAY)):
        mute_alert.run(actor_of("member"), {"days": 3}, target=watch)
    days(shop, TODAY + DAY, 300, 1000)
    drain()
    assert Firing.objects.count() == 1
    assert not Notification.objects.filter(kind="analytics.alert").exists()
    pause_alert.run(actor_of("member"), {}, target=watch)
    days(shop, TODAY + 3 * DAY, 300, 1000)
    assert Firing.objects.count() == 1
    resume_alert.run(actor_of("member"), {}, target=watch)
    days(shop, TODAY + 5 * DAY, 300)
    drain()
    assert Firing.objects.count() == 2
    assert Notification.objects.filter(kind="analytics.alert").count() == 1


def test_a_question_that_lost_its_series_is_said_and_a_deleted_insight_rings_no_more(
    people, shop, watch, actor_of
):
    named = {"kind": "trends", "series": [{"event": "paid", "name": "B"}]}
    edit_insight.run(actor_of("member"), {"question": named}, target=watch.insight)
    days(shop, TODAY + DAY, 300)
    watch.refresh_from_db()
    assert (watch.trouble, watch.judged_until) == ("question", TODAY - DAY)
    edit_insight.run(actor_of("member"), {"question": SALES}, target=watch.insight)
    delete_insight.run(actor_of("member"), {}, target=watch.insight)
    shop.judge(TODAY + 2 * DAY)
    watch.refresh_from_db()
    assert watch.judged_until == TODAY - DAY


def test_a_store_that_is_away_is_said(people, shop, watch, store, monkeypatch):
    store.stop()
    try:
        with clock.frozen_at(noon(TODAY + 2 * DAY)):
            alert_judging.run_due()
        watch.refresh_from_db()
        assert (watch.trouble, watch.judged_until) == ("store", TODAY - DAY)
    finally:
        store.start()


def test_it_is_one_alert_in_the_table(watch):
    assert Alert.objects.count() == 1
