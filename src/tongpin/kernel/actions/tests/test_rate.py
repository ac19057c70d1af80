"""Counting is exact, however many ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tongpin.kernel import clock
from tongpin.kernel.actions import rate
from tongpin.kernel.actions.models import RateCount


@pytest.mark.django_db(transaction=True)
def test_nobody_slips_through_between_two_others():
    def ask(_: int) -> list[int]:
        try:
            return [rate.count("who", 3600)[0] for _ in range(10)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        used = sorted(number for numbers in pool.map(ask, range(4)) for number in numbers)
    assert used == list(range(1, 41))


@pytest.mark.django_db
def test_a_window_that_is_over_is_forgotten_the_present_one_is_not(monkeypatch):
    began = clock.now().replace(minute=0, second=0, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: began)
    assert rate.count("who", 60) == (1, 60)
    assert rate.count("another", 3600) == (1, 3600)
    monkeypatch.setattr(clock, "now", lambda: began.replace(minute=1))
    assert rate.count("who", 60) == (1, 60)
    rate.forget()
    assert RateCount.objects.count() == 3 - 1
