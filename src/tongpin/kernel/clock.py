"""The only source of the current time.

Everything else is forbidden to ask the operating system (a lint rule refuses ``datetime.now``), so that a test
or the demo can set the clock in one place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_shift: ContextVar[timedelta | datetime | None] = ContextVar("tongpin_clock", default=None)


def now() -> datetime:
    """The current instant, aware, in UTC."""
    shift = _shift.get()
    if isinstance(shift, datetime):
        return shift
    real = datetime.now(UTC)  # noqa: TID251  the one place that may ask
    return real + shift if shift else real


def today(zone: str) -> date:
    """The calendar date of this instant in the IANA ``zone``."""
    return now().astimezone(ZoneInfo(zone)).date()


@contextmanager
def frozen_at(instant: datetime) -> Iterator[None]:
    """Hold the clock at ``instant`` (aware) for the current context."""
    token = _shift.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _shift.reset(token)


@contextmanager
def shifted_by(delta: timedelta) -> Iterator[None]:
    """Let the clock run, moved by ``delta``, for the current context."""
    token = _shift.set(delta)
    try:
        yield
    finally:
        _shift.reset(token)
