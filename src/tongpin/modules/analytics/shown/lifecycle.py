"""Lifecycle: who is new, stays and comes back above the line, who left below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.modules.analytics.insight_people import Behind
from tongpin.modules.analytics.insights.schema import Lifecycle
from tongpin.modules.analytics.shown.words import Axis, Shown, bucket, number, plain


def shown(question: Lifecycle, result: dict[str, Any], behind: Behind) -> Shown:
    """Stacked bars by bucket; those who left count downwards in the drawing, and as they are in table and file."""
    states = [
        ("new", pgettext("lifecycle", "New"), _("active for the first time ever"), 1),
        ("returning", pgettext("lifecycle", "Returning"), _("active in the period before as well"), 3),
        ("resurrecting", pgettext("lifecycle", "Resurrecting"), _("active again after a pause"), 4),
        ("dormant", pgettext("lifecycle", "Dormant"), _("active in the period before, not in this one"), 6),
    ]
    buckets = result["buckets"]
    labels = [bucket(said, question.interval) for said in buckets]
    series = [
        {"name": name, "hue": hue, "values": [-n if state == "dormant" else n for n in result[state]]}
        for state, name, _says, hue in states
    ]
    table = [
        {
            "label": labels[at],
            "cells": [
                {
                    "text": number(result[state][at]),
                    "url": behind({"bucket": said, "state": state}) if result[state][at] else "",
                }
                for state, *_rest in states
            ],
        }
        for at, said in enumerate(buckets)
    ]
    lines: list[Sequence[str]] = [[_("Time"), *(name for _state, name, _says, _hue in states)]]
    lines += [
        [said, *(plain(result[state][at]) for state, *_rest in states)] for at, said in enumerate(buckets)
    ]
    context: dict[str, Any] = {
        "plot": {"kind": "stacked", "labels": labels, "series": series},
        "table": table,
        "states": [(name, says) for _state, name, says, _hue in states],
    }
    empty = not any(any(result[state]) for state, *_rest in states)
    axis = Axis(buckets, context["plot"], table, range(1, len(table) + 1))
    return Shown("analytics/insight/_lifecycle.html", context, lines, empty=empty, axis=axis)
