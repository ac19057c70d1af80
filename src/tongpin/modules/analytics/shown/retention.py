"""Retention: a row a cohort, a column a period, the shares as heat; the mean of all as a curve."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.modules.analytics.insight_people import Behind
from tongpin.modules.analytics.insights.schema import Retention
from tongpin.modules.analytics.shown.words import Shown, bucket, number, percent, plain, ratio

MOST_SHOWN = 60


def shown(question: Retention, result: dict[str, Any], behind: Behind) -> Shown:
    """The newest cohorts with who came back when, the mean above them; the CSV holds all."""
    interval = "day" if question.brackets else question.interval
    heads = [_head(interval, first, last) for first, last in result["brackets"]]
    cohorts = result["cohorts"]
    size = sum(each["size"] for each in cohorts)
    shares = [None if share is None else round(share * 100, 2) for share in result["mean"]]
    context = {
        "heads": heads,
        "mean": [
            {"text": percent(share), "heat": _heat(share), "url": behind({"period": period}) if share else ""}
            for period, share in enumerate(result["mean"])
        ],
        "size": number(size),
        "size_url": behind({}) if size else "",
        "rows": [_row(each, interval, behind) for each in cohorts[-MOST_SHOWN:]],
        "hidden": number(len(cohorts) - MOST_SHOWN) if len(cohorts) > MOST_SHOWN else "",
        "curve": {
            "kind": "line", "labels": heads, "unit": "%",
            "series": [{"name": _("Weighted mean"), "values": shares, "hue": 1}],
        },
        "curve_table": [
            {
                "label": head,
                "cells": [{"text": percent(share), "url": behind({"period": period}) if share else ""}],
            }
            for period, (head, share) in enumerate(zip(heads, result["mean"], strict=True))
        ],
    }  # fmt: skip
    return Shown("analytics/insight/_retention.html", context, _lines(heads, result), empty=not size)


def _head(interval: str, first: int, last: int) -> str:
    if first != last:
        return _("Days %(first)d–%(last)d") % {"first": first, "last": last}
    words = {"day": _("Day %(n)d"), "week": _("Week %(n)d"), "month": _("Month %(n)d")}
    return words[interval] % {"n": first}


def _heat(share: float | None) -> int:
    """How strong a share is shown, 0 to 10."""
    return 0 if share is None else ceil(min(share, 1) * 10)


def _row(cohort: dict[str, Any], interval: str, behind: Behind) -> dict[str, Any]:
    size, at = cohort["size"], {"cohort": cohort["period"]}
    cells = []
    for period, (value, complete) in enumerate(zip(cohort["values"], cohort["complete"], strict=True)):
        share = ratio(value, size)
        cells.append({
            "text": percent(share) if share is not None else "", "count": number(value), "heat": _heat(share),
            "url": behind({**at, "period": period}) if value else "", "open": not complete,
        })  # fmt: skip
    return {
        "label": bucket(cohort["period"], interval),
        "size": number(size),
        "url": behind(at) if size else "",
        "cells": cells,
    }


def _lines(heads: list[str], result: dict[str, Any]) -> list[Sequence[str]]:
    """A line for each cohort and period that had begun; below them the mean."""
    lines: list[Sequence[str]] = [
        [
            _("Cohort"),
            pgettext("cohort", "Size"),
            pgettext("retention", "Period"),
            _("Came back"),
            _("Share"),
            _("Period over"),
        ]
    ]
    for each in result["cohorts"]:
        for head, value, complete in zip(heads, each["values"], each["complete"], strict=True):
            if value is not None:
                share = plain(ratio(value, each["size"]))
                lines.append([
                    each["period"], plain(each["size"]), head, plain(value), share, _("yes") if complete else _("no")
                ])  # fmt: skip
    lines += [
        [_("Weighted mean"), "", head, "", plain(share), ""]
        for head, share in zip(heads, result["mean"], strict=True)
    ]
    return lines
