"""An answer as people look at it: a picture, its table twin, and the lines of its CSV. One function a kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.modules.analytics.event_names import called
from tongpin.modules.analytics.insight_people import Behind
from tongpin.modules.analytics.insights.schema import AnyQuestion, Trends
from tongpin.modules.analytics.insights.statement import NONE, OTHER

HUES = 8
Value = float | int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """``template`` shows ``context``; ``lines`` are the rows of the CSV, the first one its head."""

    template: str
    context: dict[str, Any]
    lines: list[Sequence[str]] = field(default_factory=list)


def number(value: Value) -> str:
    """A figure as a table shows it: grouped, two digits at most behind the point."""
    if value is None:
        return "–"
    if float(value).is_integer():
        return number_format(int(value), use_l10n=True, force_grouping=True)
    return number_format(round(value, 2), use_l10n=True, force_grouping=True)


def plain(value: Value) -> str:
    """A figure as a file holds it: as exact as it is."""
    return "" if value is None else str(int(value)) if float(value).is_integer() else repr(float(value))


def group(label: str | None) -> str:
    """A value of a breakdown in words."""
    return {NONE: _("(not set)"), OTHER: _("(others)"), "": _("(empty)")}.get(label or "", label or "")


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


def _trends(question: Trends, result: dict[str, Any], behind: Behind) -> Shown:
    """Lines over time; with a formula only what it comes to."""
    counted = {each.name: each for each in question.series}
    drawn = result["formula"] if result["formula"] is not None else result["series"]
    previous = result.get("previous")
    before = (previous["formula"] or previous["series"]) if previous else []

    def title(line: dict[str, Any]) -> str:
        series = counted.get(line["name"])
        words = line["name"] if series is None else _series_words(series)
        if line["label"] is None:
            return words
        return group(line["label"]) if len(counted) == 1 else f"{words} · {group(line['label'])}"

    series = [
        {"name": title(line), "values": line["values"], "hue": at % HUES + 1, "dashed": at >= HUES}
        for at, line in enumerate(drawn)
    ]
    for at, line in enumerate(before):
        values = (line["values"] + [None] * len(result["buckets"]))[: len(result["buckets"])]
        name = _("%(name)s, before") % {"name": title(line)}
        series.append({"name": name, "values": values, "hue": at % HUES + 1, "dashed": True})
    labels = [bucket(said, question.interval) for said in result["buckets"]]
    table = []
    for column, said in enumerate(result["buckets"]):
        cells = []
        for at, each in enumerate(series):
            value = each["values"][column]
            opens = result["formula"] is None and at < len(drawn) and value and not question.cumulative
            point = (
                {"series": drawn[at]["name"], "bucket": said, "label": drawn[at]["label"]} if opens else None
            )
            cells.append({"text": number(value), "url": behind(point) if point else ""})
        table.append({"label": labels[column], "cells": cells})
    kind = "bar" if len(labels) == 1 else "line"
    totals = [
        {
            "name": title(line),
            "hue": at % HUES + 1,
            "total": number(line["total"]),
            "url": behind({"series": line["name"], "label": line["label"]})
            if result["formula"] is None
            else "",
        }
        for at, line in enumerate(drawn)
    ]
    lines: list[Sequence[str]] = [[_("Time"), *(each["name"] for each in series)]]
    lines += [
        [said, *(plain(each["values"][column]) for each in series)]
        for column, said in enumerate(result["buckets"])
    ]
    data = {"kind": kind, "labels": labels, "series": series}
    return Shown("analytics/insight/_trends.html", {"plot": data, "table": table, "totals": totals}, lines)


def _series_words(series: Any) -> str:
    event = called(series.event) if series.event else _("Any event")
    words = {
        "total": pgettext("insight", "number of events"),
        "unique_users": pgettext("insight", "users"),
        "wau": _("active in 7 days"),
        "mau": _("active in 30 days"),
        "sum": pgettext("insight", "sum of %(property)s"),
        "avg": _("average of %(property)s"),
        "min": _("least %(property)s"),
        "max": _("most %(property)s"),
        "median": _("median of %(property)s"),
        "p90": _("90th percentile of %(property)s"),
    }[series.math]
    return f"{event} · {words % {'property': series.property}}"


SHOWN: dict[str, Callable[[Any, dict[str, Any], Behind], Shown]] = {"trends": _trends}


def shown(question: AnyQuestion, result: dict[str, Any], behind: Behind) -> Shown:
    """The answer as a page shows it."""
    return SHOWN[question.kind](question, result, behind)
