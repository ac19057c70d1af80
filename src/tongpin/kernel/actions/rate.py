"""Counting what may be asked only so often, exactly, whatever the number of processes."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection

from tongpin.kernel import clock
from tongpin.kernel.actions.models import RateCount

_COUNT = """
    INSERT INTO actions_ratecount (key, used, until) VALUES (%s, 1, %s)
    ON CONFLICT (key) DO UPDATE SET used = actions_ratecount.used + 1
    RETURNING used
"""


def count(what: str, seconds: int) -> tuple[int, int]:
    """Count one more of ``what`` (60 characters at most) in the present window of that many seconds.

    Gives how many there were, this one included, and how many seconds the window has left.
    """
    window, passed = divmod(int(clock.now().timestamp()), seconds)
    until = datetime.fromtimestamp((window + 1) * seconds, UTC)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [f"{what}:{window}", until])
        (used,) = cursor.fetchone()
    return used, seconds - passed


def forget() -> None:
    """Drop the counts of windows that are over."""
    RateCount.objects.filter(until__lte=clock.now()).delete()
