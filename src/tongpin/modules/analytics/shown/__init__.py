"""An answer as people look at it: a picture, its table twin, and the lines of its CSV. A module a kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tongpin.modules.analytics.insight_people import Behind
from tongpin.modules.analytics.insights.schema import AnyQuestion
from tongpin.modules.analytics.shown import (
    attribution,
    funnel,
    lifecycle,
    paths,
    retention,
    sessions,
    stickiness,
    trends,
)
from tongpin.modules.analytics.shown.marked import Marks, marked
from tongpin.modules.analytics.shown.words import Shown

SHOWN: dict[str, Callable[[Any, dict[str, Any], Behind], Shown]] = {
    "attribution": attribution.shown,
    "funnel": funnel.shown,
    "lifecycle": lifecycle.shown,
    "paths": paths.shown,
    "retention": retention.shown,
    "sessions": sessions.shown,
    "stickiness": stickiness.shown,
    "trends": trends.shown,
}


def shown(question: AnyQuestion, result: dict[str, Any], behind: Behind, marks: Marks | None = None) -> Shown:
    """The answer as a page shows it; ``marks`` gives the markers of its days, if it goes by time."""
    found = SHOWN[question.kind](question, result, behind)
    return found if marks is None else marked(found, marks)
