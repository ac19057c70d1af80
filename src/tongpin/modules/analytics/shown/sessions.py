"""Sessions: the figures of all visits and how they changed, how many there were over time, and the same by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.modules.analytics.insight_people import Behind
from tongpin.modules.analytics.insights.schema import Sessions
from tongpin.modules.analytics.shown.values import value
from tongpin.modules.analytics.shown.words import (
    Axis,
    Shown,
    broken_down_by,
    bucket,
    duration,
    group,
    number,
    percent,
    plain,
    ratio,
)


def shown(question: Sessions, result: dict[str, Any], behind: Behind) -> Shown:
    """Totals with what they were before, lines of visits and visitors, and a table by group if one was asked for."""
    total, buckets = result["total"], result["buckets"]
    before = result["previous"] or {}
    who = _who(question)
    heads = [who, _("Visits"), *_heads()]
    labels = [bucket(each["bucket"], question.interval) for each in buckets]
    drawn = ((who, "persons", 1), (_("Visits"), "sessions", 2), (_("Page views"), "pageviews", 3))
    series = [
        {"name": name, "values": [each[figure] for each in buckets], "hue": hue}
        for name, figure, hue in drawn
    ]
    if before:
        values = [each["persons"] for each in before["buckets"]]
        values = (values + [None] * len(buckets))[: len(buckets)]
        name = _("%(name)s, before") % {"name": who}
        series.append({"name": name, "values": values, "hue": 1, "dashed": True})
    table = []
    for at, (label, each) in enumerate(zip(labels, buckets, strict=True)):
        url = behind({"bucket": each["bucket"]}) if each["sessions"] else ""
        cells = [{"text": number(each[figure]), "url": url} for _name, figure, _hue in drawn]
        if before:
            cells.append({"text": number(series[-1]["values"][at]), "url": ""})
        table.append({"label": label, "cells": cells})
    groups = [
        {
            "label": _group(question, result, each["label"]),
            "url": behind({"label": each["label"]}),
            "figures": _figures(each),
        }
        for each in result["breakdown"] or []
    ]
    context: dict[str, Any] = {
        "totals": _totals(who, total, before.get("total"), behind),
        "compared": bool(before),
        "heads": heads,
        "plot": {"kind": "bar" if len(labels) == 1 else "line", "labels": labels, "series": series},
        "table": table,
        "groups": groups,
        "by": broken_down_by(question.breakdown),
    }
    empty = not total["sessions"]
    starts = [each["bucket"] for each in buckets]
    axis = Axis(starts, context["plot"], table, range(2, len(table) + 2))
    return Shown(
        "analytics/insight/_sessions.html", context, _lines(question, result), empty=empty, axis=axis
    )


def _group(question: Sessions, result: dict[str, Any], label: str) -> str:
    by = question.breakdown
    if by is None or by.on == "segment":
        return group(label, result.get("segments"))
    return value(by.property, label)


def _who(question: Sessions) -> str:
    return _("Visitors") if question.unit == "user" else pgettext("insight", "customers")


def _heads() -> list[str]:
    return [
        _("Views per visit"), _("Engaged visits"), _("Bounce rate"), _("Average duration"), _("Median duration"),
    ]  # fmt: skip


def _totals(
    who: str, total: dict[str, Any], before: dict[str, Any] | None, behind: Behind
) -> list[dict[str, Any]]:
    """The figures of all visits: name, text, who is behind it, the change in per cent and which way is welcome."""
    heads = [who, _("Visits"), _("Page views"), *_heads()]
    measured = [
        ("persons", "up", {}), ("sessions", "up", {}), ("pageviews", "up", {}), ("pageviews_per_session", "up", {}),
        ("engaged", "up", {"engaged": True}), ("bounce_rate_ga4", "down", {"engaged": False}),
        ("avg_duration_seconds", "up", {}), ("median_duration_seconds", "up", {}),
    ]  # fmt: skip
    texts = [
        number(total["persons"]),
        number(total["sessions"]),
        number(total["pageviews"]),
        *_figures(total)[2:],
    ]

    def share(told: dict[str, Any], figure: str) -> float | None:
        return ratio(told["engaged"], told["sessions"]) if figure == "engaged" else told[figure]

    found = []
    for name, text, (figure, good, point) in zip(heads, texts, measured, strict=True):
        now, then = share(total, figure), share(before, figure) if before else None
        change = (now - then) / then * 100 if now is not None and then else None
        url = behind(point) if total["sessions"] else ""
        found.append({"name": name, "text": text, "url": url, "change": change, "good": good})
    return found


def _figures(told: dict[str, Any]) -> list[str]:
    return [
        number(told["persons"]), number(told["sessions"]), number(told["pageviews_per_session"]),
        percent(ratio(told["engaged"], told["sessions"])), percent(told["bounce_rate_ga4"]),
        duration(told["avg_duration_seconds"]), duration(told["median_duration_seconds"]),
    ]  # fmt: skip


def _lines(question: Sessions, result: dict[str, Any]) -> list[Sequence[str]]:
    """All, then each bucket, then each group."""
    who = _who(question)
    figures = [
        "persons", "sessions", "pageviews_per_session", "engaged", "bounce_rate_ga4", "bounce_rate_single_pageview",
        "avg_duration_seconds", "median_duration_seconds", "pageviews", "events",
    ]  # fmt: skip
    head = [
        pgettext("sessions", "Of"), who, _("Visits"), _("Views per visit"), _("Engaged visits"), _("Bounce rate"),
        _("Visits of one page view alone, share"), _("Average seconds"), _("Median seconds"), _("Page views"),
        pgettext("product", "Events"),
    ]  # fmt: skip
    told = [(pgettext("insight", "All"), result["total"])]
    told += [(each["bucket"], each) for each in result["buckets"]]
    told += [(_group(question, result, each["label"]), each) for each in result["breakdown"] or []]
    return [head, *([label, *(plain(each[figure]) for figure in figures)] for label, each in told)]
