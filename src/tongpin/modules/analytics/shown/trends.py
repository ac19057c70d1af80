"""Trends: lines over time; with a formula only what it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.modules.analytics.insight_people import Behind
from tongpin.modules.analytics.insights.schema import Trends
from tongpin.modules.analytics.shown.words import HUES, Axis, Shown, bucket, event, group, number, plain


def shown(question: Trends, result: dict[str, Any], behind: Behind) -> Shown:
    """Lines over time, their totals, and a table of both."""
    counted = {each.name: each for each in question.series}
    drawn = result["formula"] if result["formula"] is not None else result["series"]
    previous = result.get("previous")
    before = (previous["formula"] or previous["series"]) if previous else []

    def title(line: dict[str, Any]) -> str:
        series = counted.get(line["name"])
        words = line["name"] if series is None else series_words(series)
        if line["label"] is None:
            return words
        label = group(line["label"], result.get("segments"))
        one = len(counted) == 1 or question.formula is not None  # all lines are of one figure
        return label if one else f"{words} · {label}"

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
    nothing = not any(value for each in series for value in each["values"])
    return Shown(
        "analytics/insight/_trends.html",
        {"plot": data, "table": table, "totals": totals},
        lines,
        empty=nothing,
        axis=Axis(result["buckets"], data, table, range(1, len(table) + 1)),
    )


def series_words(series: Any) -> str:
    """What a series of a trend counts, in words."""
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
    return f"{event(series.event)} · {words % {'property': series.property}}"
