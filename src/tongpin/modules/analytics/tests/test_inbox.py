"""The estimate of how full the inbox is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tongpin.kernel import clock
from tongpin.modules.analytics.models import Arrival
from tongpin.modules.analytics.queries.inbox import Fill, fill


def arrive(count: int, size: int = 100) -> None:
    now = clock.now()
    Arrival.objects.bulk_create(
        Arrival(source=1, received_at=now + timedelta(seconds=n), count=1, records=bytes(size))
        for n in range(count)
    )


def test_an_empty_inbox(db):
    assert fill() == Fill(0, 0, None)


def test_a_small_one_is_counted_exactly(db):
    arrive(150)
    Arrival.objects.filter(pk__in=Arrival.objects.order_by("pk").values("pk")[10:60]).delete()
    measured = fill()
    assert measured.rows == 100
    assert measured.bytes == pytest.approx(100 * 164, rel=0.05)
    assert measured.oldest == Arrival.objects.order_by("pk")[0].received_at


def test_a_large_one_with_holes_is_estimated(db):
    arrive(5000)
    keep = [
        pk
        for number, pk in enumerate(Arrival.objects.order_by("pk").values_list("pk", flat=True))
        if number % 3
    ]
    Arrival.objects.exclude(pk__in=keep).delete()
    assert fill().rows == pytest.approx(len(keep), rel=0.2)


def test_it_costs_one_query_whatever_lies_there(db, django_assert_num_queries):
    arrive(300)
    with django_assert_num_queries(1):
        fill()
