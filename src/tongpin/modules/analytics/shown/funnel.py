"""Funnels: a bar a step, who got there and who did not, how long it took, by groups and over time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.modules.analytics.insight_people import Behind
from tongpin.modules.analytics.insights.schema import Funnel
from tongpin.modules.analytics.shown.words import (
    HUES,
    Axis,
    Shown,
    broken_down_by,
    bucket,
    duration,
    event,
    group,
    number,
    percent,
    plain,
    ratio,
    width,
)  # fmt: skip


def shown(question: Funnel, result: dict[str, Any], behind: Behind) -> Shown:
    """Steps with their conversion, the figures of the whole way, and what was asked beside it."""
    names = [" / ".join(event(each.event) for each in step) for step in question.steps]
    previous = result["previous"]
    took = result["time_to_convert_seconds"]
    context: dict[str, Any] = {
        "steps": _steps(names, result, behind),
        "totals": [
            {
                "name": _("Conversion rate"),
                "total": percent(ratio(result["counts"][-1], result["counts"][0])),
                "before": percent(ratio(previous["counts"][-1], previous["counts"][0])) if previous else "",
            },
            {
                "name": _("Median time to convert"),
                "total": duration(took["median"]),
                "before": duration(previous["time_to_convert_seconds"]["median"]) if previous else "",
            },
            {
                "name": _("Mean time to convert"),
                "total": duration(took["mean"]),
                "before": duration(previous["time_to_convert_seconds"]["mean"]) if previous else "",
            },
        ],
        "names": [f"{at}. {name}" for at, name in enumerate(names, 1)],
        "groups": [_group(line, behind, result.get("segments")) for line in result["breakdown"]],
        "by": broken_down_by(question.breakdown),
        "times": _times(result["distribution"], len(names), behind),
        "over_time": _over_time(names, result["over_time"], behind),
    }
    lines, drawn = _lines(names, result), context["over_time"]
    axis = None
    if drawn is not None:
        starts = result["over_time"]["buckets"]
        first = len(lines) - len(starts) * len(names)
        axis = Axis(starts, drawn["plot"], drawn["table"], range(first, len(lines), len(names)))
    return Shown("analytics/insight/_funnel.html", context, lines, empty=not result["counts"][0], axis=axis)


def _steps(names: list[str], result: dict[str, Any], behind: Behind) -> list[dict[str, Any]]:
    counts, previous = result["counts"], result["previous"]
    steps = []
    for at, (name, count) in enumerate(zip(names, counts, strict=True)):
        before = counts[at - 1] if at else None
        lost = before - count if before is not None else 0
        steps.append({
            "at": at + 1, "name": name, "count": number(count), "width": width(ratio(count, counts[0])),
            "url": behind({"step": at + 1, "converted": True}) if count else "",
            "of_first": percent(ratio(count, counts[0])),
            "of_previous": percent(ratio(count, before)) if at else "",
            "lost": number(lost), "lost_of": percent(ratio(lost, before)),
            "lost_url": behind({"step": at + 1, "converted": False}) if lost else "",
            "took": duration(result["step_times"][at - 1]["median"]) if at and count else "",
            "was": number(previous["counts"][at]) if previous else "",
            "was_url": behind({"step": at + 1, "previous": True}) if previous and previous["counts"][at] else "",
            "was_of": percent(ratio(previous["counts"][at], previous["counts"][0])) if previous else "",
        })  # fmt: skip
    return steps


def _group(line: dict[str, Any], behind: Behind, segments: dict[str, str] | None) -> dict[str, Any]:
    counts = line["counts"]
    return {
        "label": group(line["label"], segments),
        "cells": [
            {
                "text": number(count),
                "share": percent(ratio(count, counts[0])) if at else "",
                "url": behind({"step": at + 1, "converted": True, "label": line["label"]}) if count else "",
            }
            for at, count in enumerate(counts)
        ],
        "took": duration(line["time_to_convert_seconds"]["median"]),
    }


def _times(distribution: list[dict[str, Any]], steps: int, behind: Behind) -> dict[str, Any] | None:
    """How long it took, from the first bin that holds anybody to the last."""
    held = [at for at, each in enumerate(distribution) if each["n"]]
    if not held:
        return None
    bins = distribution[held[0] : held[-1] + 1]
    labels = [f"{duration(each['from'])} – {duration(each['to'])}" for each in bins]
    values = [each["n"] for each in bins]
    series = [{"name": pgettext("funnel", "Converted"), "values": values, "hue": 1}]
    return {
        "plot": {"kind": "bar", "labels": labels, "series": series},
        "table": [
            {
                "label": label,
                "cells": [
                    {
                        "text": number(each["n"]),
                        "url": behind({"step": steps, "took": [each["from"], each["to"]]})
                        if each["n"]
                        else "",
                    }
                ],
            }
            for label, each in zip(labels, bins, strict=True)
        ],
    }


def _over_time(names: list[str], told: dict[str, Any] | None, behind: Behind) -> dict[str, Any] | None:
    """Of those who began in a bucket, the share that got to each later step."""
    if told is None or len(names) < 2:
        return None
    labels = [bucket(said, told["interval"]) for said in told["buckets"]]
    shares = [[ratio(count, counts[0]) for count in counts[1:]] for counts in told["counts"]]
    series = [
        {
            "name": f"{at + 1}. {name}",
            "values": [None if each[at - 1] is None else round(each[at - 1] * 100, 2) for each in shares],
            "hue": (at - 1) % HUES + 1,
            "dashed": at > HUES,
        }
        for at, name in enumerate(names)
        if at
    ]
    table = [
        {
            "label": label,
            "cells": [
                {
                    "text": percent(share),
                    "url": behind({"step": at, "converted": True, "bucket": said}) if share else "",
                }
                for at, share in enumerate(line, 2)
            ],
        }
        for label, said, line in zip(labels, told["buckets"], shares, strict=True)
    ]
    kind = "bar" if len(labels) == 1 else "line"
    return {"plot": {"kind": kind, "labels": labels, "series": series, "unit": "%"}, "table": table}


def _lines(names: list[str], result: dict[str, Any]) -> list[Sequence[str]]:
    """The steps of all and of each group; below them, if asked, what each bucket and the time before came to."""
    head = [
        _("Group"), pgettext("funnel", "Step"), _("Name"), pgettext("insight", "Count"), _("Of the first step"),
        _("Of the step before"), _("Median seconds from the step before"), _("Mean seconds from the step before"),
    ]  # fmt: skip
    lines: list[Sequence[str]] = [head]
    told = [(pgettext("insight", "All"), result)]
    if result["previous"]:
        told.append((_("The time before"), result["previous"]))
    told += [(group(line["label"], result.get("segments")), line) for line in result["breakdown"]]
    for label, line in told:
        counts = line["counts"]
        for at, count in enumerate(counts):
            took = line["step_times"][at - 1] if at else {"median": None, "mean": None}
            lines.append([
                label, str(at + 1), names[at], plain(count), plain(ratio(count, counts[0])),
                plain(ratio(count, counts[at - 1])) if at else "", plain(took["median"]), plain(took["mean"]),
            ])  # fmt: skip
    if over_time := result["over_time"]:
        for said, counts in zip(over_time["buckets"], over_time["counts"], strict=True):
            lines.append(
                [said, "1", names[0], plain(counts[0]), plain(ratio(counts[0], counts[0])), "", "", ""]
            )
            for at, (before, count) in enumerate(pairwise(counts), 1):
                of_first, of_previous = ratio(count, counts[0]), ratio(count, before)
                line = [
                    said,
                    str(at + 1),
                    names[at],
                    plain(count),
                    plain(of_first),
                    plain(of_previous),
                    "",
                    "",
                ]
                lines.append(line)
    return lines
