"""An answer as a panel of a picture, for mails and chat groups. It draws what the page shows: the same context."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from tongpin.lib.pictures import Bar, Bars, Cell, Grid, Line, Panel, Picture, Plot, Words
from tongpin.modules.analytics.shown.words import Shown

MOST_FIGURES = 4
Figures = list[tuple[str, str]]
Pictured = tuple[Picture | None, Figures]


def panel(title: str, kind: str, shown: Shown, *, wide: bool = False) -> Panel:
    """The picture of one answer and its figures. Nothing that fits is said in words."""
    if shown.empty:
        return Panel(title, Words(_("Nothing that fits happened in this time.")), wide=wide)
    picture, figures = PICTURED[kind](shown.context)
    return Panel(title, picture, figures[:MOST_FIGURES], wide)


def _plot(data: dict[str, Any]) -> Plot:
    lines = [
        Line(each["name"], each["values"], each["hue"], each.get("dashed", False)) for each in data["series"]
    ]
    return Plot(data["kind"], data["labels"], lines, data.get("unit", ""))


def _trends(context: dict[str, Any]) -> Pictured:
    return _plot(context["plot"]), [(each["name"], each["total"]) for each in context["totals"]]


def _funnel(context: dict[str, Any]) -> Pictured:
    rows = [
        Bar(
            f"{each['at']}. {each['name']}",
            f"{each['count']} · {each['of_first']}",
            float(each["width"]) / 100,
        )
        for each in context["steps"]
    ]
    return Bars(rows), [(each["name"], each["total"]) for each in context["totals"][:2]]


def _retention(context: dict[str, Any]) -> Pictured:
    mean = (_("Weighted mean"), [Cell(each["text"], each["heat"]) for each in context["mean"]])
    rows = [
        (row["label"], [Cell(each["text"], each["heat"]) for each in row["cells"]]) for row in context["rows"]
    ]
    return Grid(context["heads"], [*rows, mean]), []


def _lifecycle(context: dict[str, Any]) -> Pictured:
    return _plot(context["plot"]), []


def _stickiness(context: dict[str, Any]) -> Pictured:
    return _plot(context["plot"]), [(each["name"], each["total"]) for each in context["totals"]]


def _sessions(context: dict[str, Any]) -> Pictured:
    return _plot(context["plot"]), [(each["name"], each["text"]) for each in context["totals"]]


def _paths(context: dict[str, Any]) -> Pictured:
    """The most frequent legs; their shares are of all visits."""
    legs = context["legs"]
    most = max((_figure(each["count"]) for each in legs), default=0)
    rows = [
        Bar(
            f"{each['source']} → {each['target']}",
            f"{each['count']} · {each['share']}",
            _figure(each["count"]) / most,
        )
        for each in legs
    ]
    return Bars(rows), []


def _attribution(context: dict[str, Any]) -> Pictured:
    """By the first of the models asked for."""
    rows = [
        Bar(row["label"], f"{cell['count']} · {cell['share']}", float(cell["width"]) / 100)
        for row in context["rows"]
        for cell in row["cells"][:1]
    ]
    return Bars(rows), [(each[0], each[1]) for each in context["totals"]]


def _figure(text: str) -> float:
    return float(text.replace(",", ""))


PICTURED: dict[str, Callable[[dict[str, Any]], Pictured]] = {
    "attribution": _attribution,
    "funnel": _funnel,
    "lifecycle": _lifecycle,
    "paths": _paths,
    "retention": _retention,
    "sessions": _sessions,
    "stickiness": _stickiness,
    "trends": _trends,
}
