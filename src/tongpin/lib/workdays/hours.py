"""Working hours of a week, and how people write them: ``9:00–12:00, 13:00–18:00``."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

FULL_DAY = 24 * 60
_SPAN = re.compile(
    r"(\d{1,2})(?:[:：.点时](\d{2}))?[点时]?\s*(?:[-–—－~～]|至|到|to)\s*(\d{1,2})(?:[:：.点时](\d{2}))?[点时]?"
)
_BETWEEN = re.compile(r"[\s,，、;；]*")


class Span(NamedTuple):
    """A stretch of one day, in minutes after midnight: ``begin`` is in it, ``end`` (at most 1440) is not."""

    begin: int
    end: int


#: Seven days, Monday first; the spans of each in order. A weekday without spans is a day of rest.
Week = tuple[tuple[Span, ...], ...]

_OFFICE_DAY = (Span(9 * 60, 12 * 60), Span(13 * 60, 18 * 60))
OFFICE_HOURS: Week = (_OFFICE_DAY,) * 5 + ((),) * 2


class HoursError(ValueError):
    """Hours that cannot be read. ``code`` is unreadable, order (a span ends before it begins) or overlap."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse_day(text: str) -> tuple[Span, ...]:
    """The spans written in ``text``, in order; none for an empty one. Raises HoursError."""
    spans, at = [], 0
    text = text.strip()
    while at < len(text):
        found = _SPAN.match(text, at)
        if found is None:
            raise HoursError("unreadable")
        hour, minute, to_hour, to_minute = (int(part or 0) for part in found.groups())
        if minute > 59 or to_minute > 59:
            raise HoursError("unreadable")
        spans.append(Span(hour * 60 + minute, to_hour * 60 + to_minute))
        at = _BETWEEN.match(text, found.end()).end()  # type: ignore[union-attr]
    return checked(tuple(spans))


def checked(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The spans of one day in order. Raises HoursError unless each ends after it begins and none overlap."""
    spans = tuple(sorted(spans))
    if any(not 0 <= span.begin < span.end <= FULL_DAY for span in spans):
        raise HoursError("order")
    if any(later.begin < earlier.end for earlier, later in pairwise(spans)):
        raise HoursError("overlap")
    return spans


def show_day(spans: tuple[Span, ...]) -> str:
    """The spans as ``parse_day`` reads them."""
    return ", ".join(f"{_clock(span.begin)}–{_clock(span.end)}" for span in spans)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
