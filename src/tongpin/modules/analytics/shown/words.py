"""What every kind shows its answer with: figures, times, names in the reader's words, and as exact as a file needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.modules.analytics.event_names import called
from tongpin.modules.analytics.insights.schema import Breakdown
from tongpin.modules.analytics.insights.statement import NONE, OTHER

HUES = 8
Value = float | int | None


@dataclass(frozen=True, slots=True)
class Axis:
    """Time along a drawing: ``starts`` are the beginnings of its buckets (as the answer has them, the earliest first),
    ``plot`` and ``table`` what is drawn, a column each; ``lines`` the lines of the CSV that stand for each bucket."""

    starts: Sequence[str]
    plot: dict[str, Any]
    table: list[dict[str, Any]]
    lines: Sequence[int]


@dataclass(frozen=True, slots=True)
class Shown:
    """``template`` shows ``context``; ``lines`` are the rows of the CSV, the first one its head. ``empty``: nothing
    that fits happened, so there is nothing to draw. ``axis``: where markers belong, None if nothing goes by time."""

    template: str
    context: dict[str, Any]
    lines: list[Sequence[str]] = field(default_factory=list)
    empty: bool = False
    axis: Axis | None = None


def number(value: Value) -> str:
    """A figure as both languages write it: groups of three, two digits at most behind the point."""
    if value is None:
        return "–"
    return f"{int(value):,}" if float(value).is_integer() else f"{round(value, 2):,}"


def plain(value: Value) -> str:
    """A figure as a file holds it: as exact as it is."""
    return "" if value is None else str(int(value)) if float(value).is_integer() else repr(float(value))


def group(label: str | None, segments: Mapping[str, str] | None = None) -> str:
    """A value of a breakdown in words; ``segments`` are their names by id, where it goes by segments."""
    if segments:
        return _("(in none of them)") if label == NONE else segments.get(label or "", label or "")
    return {NONE: _("(not set)"), OTHER: _("(others)"), "": _("(empty)")}.get(label or "", label or "")


def broken_down_by(by: Breakdown | None) -> str:
    """What it goes by: the property's name, or that it is segments."""
    return "" if by is None else pgettext("analytics", "Segment") if by.segments else by.property


def bucket(said: str, interval: str) -> str:
    """The beginning of a bucket in the reader's language."""
    if interval == "hour":
        return date_format(datetime.fromisoformat(said), "SHORT_DATETIME_FORMAT")
    day = date.fromisoformat(said)
    if interval == "month":
        return date_format(day, "YEAR_MONTH_FORMAT")
    if interval == "week":
        return _("week of %(day)s") % {"day": date_format(day, "SHORT_DATE_FORMAT")}
    return date_format(day, "SHORT_DATE_FORMAT")


def event(name: str | None) -> str:
    """An event in words; None is any."""
    return called(name) if name else _("Any event")


def ratio(part: Value, whole: Value) -> float | None:
    """A share of 1; None where there is nothing to have a share of."""
    return part / whole if part is not None and whole else None


def percent(share: Value) -> str:
    """A share of 1 as a table shows it, one digit behind the point."""
    if share is None:
        return "–"
    return f"{number(round(share * 100, 1))}%"


def width(share: Value) -> str:
    """A share of 1 as the width of a bar in a drawing 100 wide."""
    return f"{max(0.0, min(1.0, share or 0)) * 100:.2f}"


def duration(seconds: Value) -> str:
    """A length of time in the two largest units that matter."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole < 60:
        return _("%(n)s s") % {"n": number(round(seconds, 1))}
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return (_("%(m)d min %(s)d s") if rest else _("%(m)d min")) % {"m": minutes, "s": rest}
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return (_("%(h)d h %(m)d min") if minutes else _("%(h)d h")) % {"h": hours, "m": minutes}
    days, hours = divmod(hours, 24)
    return (_("%(d)d d %(h)d h") if hours else _("%(d)d d")) % {"d": days, "h": hours}
