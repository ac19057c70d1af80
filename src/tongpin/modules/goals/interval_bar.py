"""The picture of expected against measured: where everything stands on one line, ready for an SVG."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from tongpin.lib.effects import Direction, SizeUnit
from tongpin.modules.goals.sizes import Lead
from tongpin.modules.goals.wording import numbers

HEIGHT = 118
WIDE = 640
NARROW = 300
END_ROOM = 54
"""What an end of the interval takes beside it, written out."""
MARGIN = {WIDE: 92, NARROW: 62}


class Mark(NamedTuple):
    """A place on the line with its words; ``anchor`` keeps the words inside the picture."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """One width of the picture, in its own coordinates."""

    width: int
    name: str
    zero: Mark
    value: Mark
    low: Mark | None
    high: Mark | None
    expected: Mark | None
    worth: Mark | None
    good_from: float
    good_width: float
    good_text: Mark
    expected_top: int


@dataclass(frozen=True, slots=True)
class IntervalBar:
    """The same picture for wide and narrow places, and what it shows in words."""

    drawings: tuple[Drawing, ...]
    says: str


def bar(lead: Lead, direction: Direction, expected: str = "", worth: str = "") -> IntervalBar:
    """Lay the picture out. ``expected`` and ``worth`` are those sizes as they were asked."""
    drawings = (
        _draw(lead, direction, WIDE, "wide", expected, worth),
        _draw(lead, direction, NARROW, "narrow", expected, worth),
    )
    said = {"value": lead.value, "interval": lead.interval}
    if lead.has_interval:
        text = _("Measured %(value)s, 95%% interval %(interval)s.") % said
    else:
        text = _("Observed %(value)s, without an interval.") % said
    if lead.expected is not None:
        text += " " + _("Expected %(expected)s.") % {"expected": expected or lead.say(lead.expected)}
    return IntervalBar(drawings, text)


def _draw(lead: Lead, direction: Direction, width: int, name: str, expected: str, worth: str) -> Drawing:
    estimate = lead.estimate
    places = [0.0, estimate.value]
    places += [v for v in (estimate.low, estimate.high, lead.expected, lead.worth) if v is not None]
    first, last = min(places), max(places)
    if last == first:
        first, last = first - 1.0, last + 1.0
    margin = MARGIN[width]

    def x(value: float) -> float:
        return round(margin + (value - first) / (last - first) * (width - 2 * margin), 1)

    def mark(value: float, text: str) -> Mark:
        at = x(value)
        reach = len(text) * 4.2
        anchor = "start" if at < reach else "end" if at > width - reach else "middle"
        return Mark(at, text, anchor)

    low, high = estimate.low, estimate.high
    zero = x(0.0)
    good = (zero, float(width)) if direction is Direction.UP else (0.0, zero)
    return Drawing(
        width=width,
        name=name,
        zero=mark(0.0, "0"),
        value=mark(estimate.value, lead.value),
        low=None if low is None else Mark(x(low), _end(lead, low), "end"),
        high=None if high is None else Mark(x(high), _end(lead, high), "start"),
        expected=None
        if lead.expected is None
        else mark(lead.expected, _("expected %(size)s") % {"size": expected or lead.say(lead.expected)}),
        worth=None
        if lead.worth is None
        else mark(lead.worth, _("worth it from %(size)s") % {"size": worth or lead.say(lead.worth)}),
        good_from=good[0],
        good_width=round(good[1] - good[0], 1),
        good_text=Mark(width - 8.0, _("better"), "end")
        if direction is Direction.UP
        else Mark(8.0, _("better"), "start"),
        expected_top=_top(lead, x),
    )


def _top(lead: Lead, x: Callable[[float], float]) -> int:
    """Where the line of the expectation begins: below the row of the interval where its ends are written there."""
    low, high = lead.estimate.low, lead.estimate.high
    if lead.expected is None or low is None or high is None:
        return 26
    at, room = x(lead.expected), 8 + END_ROOM
    return 68 if x(low) - room < at < x(low) or x(high) < at < x(high) + room else 26


def _end(lead: Lead, value: float) -> str:
    """An end of the interval; the unit stands at the estimate, three times would be noise."""
    if lead.unit is SizeUnit.RELATIVE:
        return lead.say(value)
    if lead.unit is SizeUnit.POINTS:
        return numbers.number(value * 100, 1, signed=True)
    return numbers.number(value, signed=True)
