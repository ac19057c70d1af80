"""The boxes of the web overview: a row a value, with a bar, who is behind it, and the way to only these visits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.modules.analytics.insight_people import Behind
from tongpin.modules.analytics.insights.statement import OTHER
from tongpin.modules.analytics.shown.values import value
from tongpin.modules.analytics.shown.words import number, percent, plain, ratio, width
from tongpin.modules.analytics.web_overview import DIMENSIONS, Dimension, View


def rows(
    view: View, dimension: Dimension, result: dict[str, Any], behind: Behind, page: str
) -> list[dict[str, Any]]:
    """``label, url`` (the page with only these visits, "" for what cannot be filtered by), ``people, behind, share,
    width`` of the visitors, and the figure ``beside`` them."""
    whole = result["total"]["persons"]
    found = []
    ranked = sorted(result["breakdown"], key=lambda each: (each["label"] == OTHER, -each["persons"]))
    for each in ranked:
        said = each["label"]
        share = ratio(each["persons"], whole)
        url = f"{page}?{view.fields(**{dimension.key: said})}" if said not in (OTHER, "") else ""
        beside = each[dimension.beside]
        found.append(
            {
                "label": value(dimension.asks, said),
                "title": said if said != OTHER else "",
                "url": "" if view.filters.get(dimension.key) == said else url,
                "people": number(each["persons"]),
                "behind": behind({"label": said}),
                "share": percent(share),
                "width": width(share),
                "beside": percent(beside) if dimension.beside.startswith("bounce") else number(beside),
            }
        )
    return found


def beside(dimension: Dimension) -> str:
    """What the second figure of a row is."""
    return {
        "pageviews": _("Page views"),
        "sessions": _("Visits"),
        "events": pgettext("web", "Times"),
        "bounce_rate_ga4": _("Bounce rate"),
    }[dimension.beside]


def lines(dimension: Dimension, result: dict[str, Any]) -> list[Sequence[str]]:
    """The rows of a box's CSV."""
    head = [str(dimension.label), _("Visitors"), _("Visits"), _("Page views"), pgettext("product", "Events"),
            _("Bounce rate"), _("Average seconds")]  # fmt: skip
    figures = ("persons", "sessions", "pageviews", "events", "bounce_rate_ga4", "avg_duration_seconds")
    body = [
        [value(dimension.asks, each["label"]), *(plain(each[figure]) for figure in figures)]
        for each in result["breakdown"]
    ]
    return [head, *body]


def chips(view: View, page: str) -> list[dict[str, str]]:
    """The filters in force, each with the page without it."""
    return [
        {
            "label": str(DIMENSIONS[key].label),
            "value": value(DIMENSIONS[key].asks, said),
            "url": f"{page}?{view.fields(**{key: ''})}",
        }
        for key, said in view.filters.items()
    ]
