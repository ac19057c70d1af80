"""Markers put onto the time axis of an answer: drawing, table twin and file."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import markers
from tongpin.modules.analytics.insights.scope import Range
from tongpin.modules.analytics.markers import Marker
from tongpin.modules.analytics.queries.note import shown_to
from tongpin.modules.analytics.shown.words import Axis, Shown


class Marks:
    """The markers a person sees on the days of a question; asked only where there is an axis for them.

    ``shown``: keys of the families they see; given where a page with several charts has asked already.
    """

    def __init__(self, actor: Actor, span: Range, shown: set[str] | None = None) -> None:
        self.span = span
        self._actor, self._shown = actor, shown

    @cached_property
    def shown(self) -> set[str]:
        return shown_to(self._actor) if self._shown is None else self._shown

    def found(self) -> list[Marker]:
        return markers.over(self._actor, self.span.first, self.span.last, self.shown)


#: Markers named in one cell of a table or file; of more, the number is said.
MOST_NAMED = 20


def marked(shown: Shown, marks: Marks) -> Shown:
    """The same answer with its markers; unchanged where nothing goes by time."""
    axis = shown.axis
    if axis is None or not axis.starts:
        return shown
    placed = _placed(axis, marks.span, marks.found())
    axis.plot["markers"] = [_drawn(marker, first, last) for marker, first, last in placed]
    by_column: list[list[str]] = [[] for _start in axis.starts]
    for marker, first, last in placed:
        for column in range(first, last + 1):
            by_column[column].append(marker.label)
    for row, names in zip(axis.table, by_column, strict=True):
        row["marks"] = _named(names)
    words = {at: _named(names) for at, names in zip(axis.lines, by_column, strict=True)}
    head = _("Markers")
    lines = [[*line, words.get(at, "") if at else head] for at, line in enumerate(shown.lines)]
    return replace(shown, lines=lines)


def _named(names: Sequence[str]) -> str:
    kept = list(dict.fromkeys(names))
    more = len(kept) - MOST_NAMED
    said = pgettext("list", "; ").join(kept[:MOST_NAMED])
    return said if more <= 0 else _("%(names)s and %(n)d more") % {"names": said, "n": more}


def _placed(axis: Axis, span: Range, found: Sequence[Marker]) -> list[tuple[Marker, int, int]]:
    """Each marker with the first and last column it falls into."""
    days = [date.fromisoformat(start[:10]) for start in axis.starts]
    placed = []
    for marker in found:
        first, last = max(marker.first, span.first), min(marker.last, span.last)
        since = _column(days, first)
        # By the hour, a day's marker stands at the day's first hour.
        until = since if first == last else bisect_right(days, last) - 1
        placed.append((marker, since, max(since, until)))
    return placed


def _column(days: Sequence[date], day: date) -> int:
    """The first column of a day, else the one of the bucket that holds it."""
    at = bisect_left(days, day)
    return at if at < len(days) and days[at] == day else max(at - 1, 0)


def _drawn(marker: Marker, first: int, last: int) -> dict[str, Any]:
    family = markers.families()[marker.family]
    return {
        "from": first,
        "to": last,
        "label": marker.label,
        "days": days(marker.first, marker.last),
        "family": str(family.label),
        "icon": family.icon,
        "url": marker.url,
    }


def days(first: date, last: date) -> str:
    """A day or a span of days in the reader's words."""
    begin = date_format(first, "SHORT_DATE_FORMAT")
    if first == last:
        return begin
    return _("%(first)s to %(last)s") % {"first": begin, "last": date_format(last, "SHORT_DATE_FORMAT")}
