"""Paths: ways as ribbons from step to step, on a phone a column a step instead; every leg as a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tongpin.modules.analytics.event_names import called
from tongpin.modules.analytics.insight_people import Behind
from tongpin.modules.analytics.insights.schema import Paths
from tongpin.modules.analytics.shown.flow import NODE, Spot, flow
from tongpin.modules.analytics.shown.words import Shown, group, number, percent, plain, ratio, width

MOST_SHOWN = 8
MOST_NEXT = 3
MOST_LEGS = 100


def shown(question: Paths, result: dict[str, Any], behind: Behind) -> Shown:
    """The picture, the most frequent nodes of each step with their next ones, and the most frequent legs."""

    def name(node: str) -> str:
        return called(node) if question.by == "event" else group(node)

    legs = [
        {
            "step": each["step"], "source": name(each["source"]),
            "target": name(each["target"]) if each["target"] is not None else _("(end of the visit)"),
            "count": number(each["count"]), "share": percent(ratio(each["count"], result["sessions"])),
            "url": behind(_point(each)),
        }
        for each in _legs(question, result)[:MOST_LEGS]
    ]  # fmt: skip
    context = {
        "sessions": number(result["sessions"]),
        "sessions_url": behind({}),
        "flow": _picture(question, result, behind, name),
        "levels": _levels(question, result, behind, name),
        "legs": legs,
        "more": number(len(result["edges"]) - MOST_LEGS) if len(result["edges"]) > MOST_LEGS else "",
    }
    lines: list[Sequence[str]] = [
        [pgettext("paths", "Step"), pgettext("paths", "From"), pgettext("paths", "To"), _("Visits")]
    ]
    lines += [
        [str(each["step"]), each["source"], each["target"], plain(each["count"])] for each in result["edges"]
    ]
    lines += [
        [str(each["step"]), each["name"], _("(end of the visit)"), plain(each["ended"])]
        for each in result["nodes"]
        if _ended(question, each)
    ]
    return Shown("analytics/insight/_paths.html", context, lines, empty=not result["sessions"])


def _legs(question: Paths, result: dict[str, Any]) -> list[dict[str, Any]]:
    """Edges, and those who went no further (``target`` is None), the most frequent first."""
    ends = [
        {"step": each["step"], "source": each["name"], "target": None, "count": each["ended"]}
        for each in result["nodes"]
        if _ended(question, each)
    ]
    return sorted([*result["edges"], *ends], key=lambda each: -each["count"])


def _point(leg: dict[str, Any]) -> dict[str, Any]:
    at = {"step": leg["step"], "source": leg["source"]}
    return at | ({"target": leg["target"]} if leg["target"] is not None else {"ended": True})


def _picture(question: Paths, result: dict[str, Any], behind: Behind, name: Any) -> dict[str, Any]:
    """Shapes with what they say and lead to; what is merged leads nowhere."""
    ends = question.end is None
    nodes = [each if _ended(question, each) else {**each, "ended": 0} for each in result["nodes"]]
    drawn = flow(nodes, result["edges"], MOST_SHOWN, ends)

    def called(spot: Spot) -> str:
        return name(spot.name) if spot.name is not None else _("(others)")

    def share(count: int) -> str:
        return f"{number(count)} · {percent(ratio(count, result['sessions']))}"

    return {
        "width": round(drawn.width),
        "height": round(drawn.height),
        "columns": [(round(x), _title(question, step)) for step, x in sorted(drawn.columns.items())],
        "ribbons": [
            {
                "path": each.path,
                "from": f"{each.source.step}-{drawn.spots.index(each.source)}",
                "to": f"{each.target.step}-{drawn.spots.index(each.target)}",
                "says": f"{called(each.source)} → {called(each.target)}: {share(each.count)}",
                "url": behind({"step": each.source.step, "source": each.source.name, "target": each.target.name})
                if each.source.name is not None and each.target.name is not None
                else "",
            }
            for each in sorted(drawn.ribbons, key=lambda each: -each.count)
        ],
        "spots": [
            {
                "id": f"{each.step}-{at}",
                "x": f"{each.x:.1f}", "y": f"{each.y:.1f}", "height": f"{each.height:.1f}", "width": NODE,
                "text_x": f"{each.x + NODE + 6:.1f}", "text_y": f"{each.y + each.height / 2:.1f}",
                "name": called(each), "short": Truncator(called(each)).chars(20), "count": number(each.count),
                "says": f"{called(each)}: {share(each.count)}",
                "url": behind({"step": each.step, "source": each.name}) if each.name is not None else "",
                "drop": {
                    "x": f"{each.x + NODE:.1f}", "y": f"{each.out:.1f}",
                    "height": f"{max(1.0, each.y + each.height - each.out):.1f}",
                    "says": _("%(name)s, ended here: %(count)s") % {"name": called(each), "count": share(each.ended)},
                    "url": behind({"step": each.step, "source": each.name, "ended": True})
                    if each.name is not None else "",
                } if each.ended else None,
            }
            for at, each in enumerate(drawn.spots)
        ],
    }  # fmt: skip


def _levels(question: Paths, result: dict[str, Any], behind: Behind, name: Any) -> list[dict[str, Any]]:
    nodes, following = defaultdict(list), defaultdict(list)
    for each in result["nodes"]:
        nodes[each["step"]].append(each)
    for each in result["edges"]:
        following[each["step"], each["source"]].append(each)
    levels = []
    for step in sorted(nodes):
        shown_nodes = []
        for each in nodes[step][:MOST_SHOWN]:
            at = {"step": step, "source": each["name"]}
            shown_nodes.append({
                "name": name(each["name"]), "count": number(each["count"]), "url": behind(at),
                "share": percent(ratio(each["count"], result["sessions"])),
                "width": width(ratio(each["count"], result["sessions"])),
                "next": [
                    {
                        "name": name(leg["target"]), "share": percent(ratio(leg["count"], each["count"])),
                        "url": behind({**at, "target": leg["target"]}),
                    }
                    for leg in following[step, each["name"]][:MOST_NEXT]
                ],
                "ended": percent(ratio(each["ended"], each["count"])) if _ended(question, each) else "",
                "ended_url": behind({**at, "ended": True}),
            })  # fmt: skip
        hidden = nodes[step][MOST_SHOWN:]
        count = sum(each["count"] for each in hidden)
        levels.append({
            "title": _title(question, step),
            "nodes": shown_nodes,
            "hidden": ngettext("%(n)d other, %(count)s visits", "%(n)d others, %(count)s visits", len(hidden))
            % {"n": len(hidden), "count": number(count)}
            if hidden
            else "",
        })  # fmt: skip
    return levels


def _ended(question: Paths, node: dict[str, Any]) -> bool:
    """Whether visits ended at a node by themselves; at an ``end`` or after ``max_steps`` the question cuts them."""
    return bool(node["ended"]) and question.end is None and node["step"] < question.max_steps


def _title(question: Paths, step: int) -> str:
    """Where the way has no beginning of its own, its places are counted back from the end."""
    if question.end is None or question.start is not None:
        return _("Step %(n)d") % {"n": step}
    back = question.max_steps - step
    return (
        ngettext("%(n)d before the end", "%(n)d before the end", back) % {"n": back} if back else _("The end")
    )
