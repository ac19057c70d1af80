"""Stickiness: a bar for each number of periods people were active in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tongpin.modules.analytics.insight_people import Behind
from tongpin.modules.analytics.insights.schema import Stickiness
from tongpin.modules.analytics.shown.words import Shown, number, percent, plain, ratio


def shown(question: Stickiness, result: dict[str, Any], behind: Behind) -> Shown:
    """How many were active in just so many periods, how many in all, and in how many on average."""
    people = result["people"]
    whole = sum(people)
    labels = [_periods(question.interval, at) for at in range(1, len(people) + 1)]
    unit = pgettext("insight", "users") if question.unit == "user" else pgettext("insight", "customers")
    mean = ratio(sum(at * count for at, count in enumerate(people, 1)), whole)
    series = [{"name": unit, "values": people, "hue": 1}]
    table = [
        {
            "label": label,
            "cells": [
                {
                    "text": f"{number(count)} ({percent(ratio(count, whole))})",
                    "url": behind({"periods": at}) if count else "",
                }
            ],
        }
        for at, (label, count) in enumerate(zip(labels, people, strict=True), 1)
    ]
    context = {
        "plot": {"kind": "bar", "labels": labels, "series": series},
        "table": table,
        "totals": [
            {"name": unit, "total": number(whole), "url": behind({}) if whole else ""},
            {"name": _means(question.interval), "total": number(mean), "url": ""},
        ],
    }
    lines: list[Sequence[str]] = [
        [pgettext("stickiness", "Periods active"), pgettext("insight", "Count"), _("Share")]
    ]
    lines += [[str(at), plain(count), plain(ratio(count, whole))] for at, count in enumerate(people, 1)]
    return Shown("analytics/insight/_stickiness.html", context, lines, empty=not whole)


def _periods(interval: str, count: int) -> str:
    words = {
        "day": ngettext("%(n)d day", "%(n)d days", count),
        "week": ngettext("%(n)d week", "%(n)d weeks", count),
        "month": ngettext("%(n)d month", "%(n)d months", count),
    }
    return words[interval] % {"n": count}


def _means(interval: str) -> str:
    return {
        "day": _("Active days on average"),
        "week": _("Active weeks on average"),
        "month": _("Active months on average"),
    }[interval]
