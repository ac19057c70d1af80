"""What the catalogue learns by itself from the events that come in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tongpin.modules.analytics.actions import flush, seen
from tongpin.modules.analytics.flush.hooks import Fresh
from tongpin.modules.analytics.models import EventDay, EventName, EventProperty, LeftOut

from .conftest import NOON, record

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_memory(monkeypatch, django_capture_on_commit_callbacks):
    """As a process just started, which remembers what is committed."""
    monkeypatch.setattr(seen, "_memory", {})
    take = seen.take

    def and_commit(workspace, fresh):
        with django_capture_on_commit_callbacks(execute=True):
            take(workspace, fresh)

    monkeypatch.setattr(flush, "after_flush", [and_commit])
    return and_commit


def drain() -> None:
    while flush.run_once():
        pass


def test_events_are_listed_with_counts_days_and_times(store, people, arrive):
    arrive(record("paid"), record("paid", at=NOON - timedelta(days=2)), after=timedelta(seconds=1))
    drain()
    arrive(record("paid"), record("seen"), after=timedelta(hours=1))
    drain()
    paid = EventName.objects.get(workspace=people.workspace, name="paid")
    assert (paid.total, paid.expected) == (3, False)
    assert (paid.first_seen_at, paid.last_seen_at) == (NOON - timedelta(days=2), NOON)
    days = EventDay.objects.filter(event=paid).values_list("day", "count")
    assert sorted(days) == [(date(2026, 2, 28), 1), (date(2026, 3, 2), 2)]


def test_what_comes_late_and_out_of_order_was_seen_when_it_happened(store, people, arrive):
    """As an import of an old year does, after today's events, the newest first."""
    fair = timedelta(hours=30)  # more than a clock may be ahead: it counts when it came
    arrive(record("paid", plan="team"), record("paid", at=NOON + fair, plan="edu"))
    drain()
    for days in (300, 500, 400):
        arrive(record("paid", at=NOON - timedelta(days=days), plan="team"), after=timedelta(hours=1))
        drain()
    arrive(record("paid", at=NOON - timedelta(days=700), coupon="x"), after=timedelta(hours=2))
    drain()
    paid = EventName.objects.get(workspace=people.workspace, name="paid")
    assert (paid.first_seen_at, paid.last_seen_at) == (NOON - timedelta(days=700), NOON)
    assert paid.created_at == NOON
    seen_at = EventProperty.objects.values_list("name", "first_seen_at", "last_seen_at")
    assert sorted(seen_at) == [
        ("coupon", NOON - timedelta(days=700), NOON - timedelta(days=700)),
        ("plan", NOON - timedelta(days=500), NOON),
    ]


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("Asia/Shanghai", [(date(2026, 3, 1), 1), (date(2026, 3, 2), 1)]),
        ("Asia/Kathmandu", [(date(2026, 3, 1), 2)]),
        ("America/New_York", [(date(2026, 3, 1), 2)]),
    ],
)
def test_days_are_those_of_the_workspace(store, people, arrive, zone, days):
    people.workspace.time_zone = zone
    people.workspace.save()
    midnight = NOON - timedelta(hours=20)  # in Shanghai
    arrive(record("paid", at=midnight - timedelta(seconds=1)), record("paid", at=midnight))
    drain()
    assert sorted(EventDay.objects.values_list("day", "count")) == days


def test_names_are_exact(store, people, arrive):
    names = ["Paid", "paid", " paid", "café", "cafe\u0301", "支付成功 💰"]
    arrive(*(record(name) for name in names))
    drain()
    assert sorted(EventName.objects.values_list("name", flat=True)) == sorted(names)


def test_a_planned_event_is_seen_when_it_arrives_and_keeps_what_was_said_of_it(store, people, arrive):
    EventName.objects.create(workspace=people.workspace, name="paid", expected=True, description="Money came")
    arrive(record("paid"))
    drain()
    [row] = EventName.objects.all()
    assert (row.expected, row.description, row.total, row.first_seen_at) == (True, "Money came", 1, NOON)


def test_a_retry_counts_nothing(store, arrive):
    one = record("paid")
    arrive(one)
    drain()
    arrive(one, after=timedelta(seconds=4))
    drain()
    assert EventName.objects.get().total == 1


def test_properties_have_every_type_that_came_and_a_few_values(store, arrive):
    for value in (1, 1.5, "x", True, None, [1], {"a": 1}):
        arrive(record("paid", amount=value))
        drain()
    arrive(*(record("paid", amount="y" * n) for n in range(150)))
    drain()
    [row] = EventProperty.objects.all()
    assert row.types == ["boolean", "empty", "list", "number", "object", "text"]
    assert row.samples == ["1", "1.5", "x", "True", "y"]
    assert row.first_seen_at == NOON


def test_a_type_that_comes_late_is_found_though_the_property_is_known(store, arrive):
    arrive(*(record("paid", amount=n) for n in range(50)))
    drain()
    arrive(*(record("paid", amount=n) for n in range(50)), record("paid", amount="9,99"))
    drain()
    assert EventProperty.objects.get().types == ["number", "text"]


@pytest.mark.parametrize(
    "name", ["email", "$email", "phone", "手机号", "real_name", "用户姓名", "$ip", "openid"]
)
def test_no_values_are_kept_of_what_is_personal_by_its_name(store, arrive, name):
    arrive(record("signed up", **{name: "something"}))
    drain()
    row = EventProperty.objects.get()
    assert (row.personal, row.samples) == (True, [])


def test_no_values_are_kept_that_look_personal(store, arrive):
    for value in ("anna@acme.example", "13812345678", "+8613812345678", "11010519491231002X", "fine"):
        arrive(record("signed up", contact=value))
    drain()
    row = EventProperty.objects.get()
    assert (row.personal, row.samples) == (False, ["fine"])


def test_none_are_kept_once_somebody_says_it_is_personal(store, arrive):
    arrive(record("paid", plan="team"))
    drain()
    EventProperty.objects.update(personal=True, samples=[])
    arrive(record("paid", plan="edu"))
    drain()
    assert EventProperty.objects.get().samples == []


def test_names_that_hold_ids_are_bounded_with_a_notice(store, people, arrive, monkeypatch):
    monkeypatch.setattr(seen, "MOST_NAMES", 10)
    arrive(*(record(f"order {n}") for n in range(25)))
    arrive(record("x" * 201), record("NUL\0"))
    drain()
    assert EventName.objects.count() == 10
    left = LeftOut.objects.get(workspace=people.workspace)
    assert left.events == 17
    assert left.last_event
    arrive(record("order 3"), record("order 99"))
    drain()
    assert EventName.objects.count() == 10
    assert EventName.objects.get(name="order 3").total == 2 or EventName.objects.filter(total=2).count() == 0
    assert LeftOut.objects.get().events in (18, 19)


def test_what_is_planned_is_listed_though_the_room_is_full(store, people, arrive, monkeypatch):
    monkeypatch.setattr(seen, "MOST_NAMES", 1)
    EventName.objects.create(workspace=people.workspace, name="planned", expected=True)
    arrive(record("other"))
    arrive(record("planned"), record("third"))
    drain()
    assert dict(EventName.objects.values_list("name", "total")) == {"planned": 1, "other": 1}


def test_properties_that_hold_ids_are_bounded_with_a_notice(store, arrive, monkeypatch):
    monkeypatch.setattr(seen, "MOST_PROPERTIES", 10)
    arrive(*(record("paid", **{f"item {n}": 1}) for n in range(25)))
    drain()
    assert EventProperty.objects.count() == 10
    assert LeftOut.objects.get().properties == 15
    arrive(record("paid", **{"item 3": 1}))
    drain()
    assert EventProperty.objects.count() == 10


def test_what_is_known_costs_few_queries(people, fresh_memory, django_assert_num_queries):
    def batch(n):
        row = {"e": "paid", "d": "anna", "p": {"plan": "team", "amount": n}}
        return [Fresh(row, 1_772_000_000_000 + n, 1_772_000_000_000 + n) for _ in range(100)]

    for n in range(seen.LOOKS + 1):
        fresh_memory(people.workspace.pk, batch(n))
    with django_assert_num_queries(5):
        fresh_memory(people.workspace.pk, batch(50))


def test_nothing_is_learnt_from_a_transaction_that_failed(store, people, arrive, monkeypatch):
    real = seen.take

    def take_then_fail(workspace, fresh):
        real(workspace, fresh)
        raise ValueError("afterwards")

    monkeypatch.setattr(flush, "after_flush", [take_then_fail])
    arrive(record("paid", plan="team"))
    drain()
    assert EventName.objects.count() == 0
    assert seen._memory == {}


def test_names_that_never_come_twice_do_not_fill_the_memory(store, arrive, monkeypatch):
    monkeypatch.setattr(seen, "MOST_PROPERTIES", 10)
    monkeypatch.setattr(seen, "_MOST_REMEMBERED", 100)
    for batch in range(8):
        arrive(record("paid", **{f"of order {batch} {n}": n for n in range(50)}))
        drain()
        remembered = sum(len(known.pairs) + len(known.looks) for known in seen._memory.values())
        assert remembered <= 200, "at most what was remembered before, and one batch"
    assert EventProperty.objects.count() == 10
