"""Sessions: the figures of all visits, how many there were over time, and the same figures by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.modules.analytics.insight_people import Behind
from tongpin.modules.analytics.insights.schema import Sessions
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
    """Totals, lines of visits and visitors, and a table by group if one was asked for."""
    total, buckets = result["total"], result["buckets"]
    who = _("Visitors") if question.unit == "user" else pgettext("insight", "customers")
    heads = [
        who, _("Visits"), _("Views per visit"), _("Engaged visits"), _("Bounce rate"), _("Average duration"),
        _("Median duration"),
    ]  # fmt: skip
    labels = [bucket(each["bucket"], question.interval) for each in buckets]
    series = [
        {"name": name, "values": [each[figure] for each in buckets], "hue": hue}
        for name, figure, hue in ((_("Visits"), "sessions", 1), (who, "persons", 2))
    ]
    table = [
        {
            "label": label,
            "cells": [
                {
                    "text": number(each[figure]),
                    "url": behind({"bucket": each["bucket"]}) if each[figure] else "",
                }
                for figure in ("sessions", "persons")
            ],
        }
        for label, each in zip(labels, buckets, strict=True)
    ]
    groups = [
        {
            "label": group(each["label"], result.get("segments")),
            "url": behind({"label": each["label"]}),
            "figures": _figures(each),
        }
        for each in result["breakdown"] or []
    ]
    context: dict[str, Any] = {
        "totals": [*zip(heads, _figures(total), strict=True)],
        "url": behind({}),
        "heads": heads,
        "plot": {"kind": "bar" if len(labels) == 1 else "line", "labels": labels, "series": series},
        "table": table,
        "groups": groups,
        "by": broken_down_by(question.breakdown),
    }
    empty = not total["sessions"]
    starts = [each["bucket"] for each in buckets]
    axis = Axis(starts, context["plot"], table, range(2, len(table) + 2))
    return Shown("analytics/insight/_sessions.html", context, _lines(who, result), empty=empty, axis=axis)


def _figures(told: dict[str, Any]) -> list[str]:
    return [
        number(told["persons"]), number(told["sessions"]), number(told["pageviews_per_session"]),
        percent(ratio(told["engaged"], told["sessions"])), percent(told["bounce_rate_ga4"]),
        duration(told["avg_duration_seconds"]), duration(told["median_duration_seconds"]),
    ]  # fmt: skip


def _lines(who: str, result: dict[str, Any]) -> list[Sequence[str]]:
    """All, then each bucket, then each group."""
    figures = [
        "persons", "sessions", "pageviews_per_session", "engaged", "bounce_rate_ga4", "bounce_rate_single_pageview",
        "avg_duration_seconds", "median_duration_seconds",
    ]  # fmt: skip
    head = [
        pgettext("sessions", "Of"), who, _("Visits"), _("Views per visit"), _("Engaged visits"), _("Bounce rate"),
        _("Visits of one page view alone, share"), _("Average seconds"), _("Median seconds"),
    ]  # fmt: skip
    told = [(pgettext("insight", "All"), result["total"])]
    told += [(each["bucket"], each) for each in result["buckets"]]
    told += [(group(each["label"], result.get("segments")), each) for each in result["breakdown"] or []]
    return [head, *([label, *(plain(each[figure]) for figure in figures)] for label, each in told)]
