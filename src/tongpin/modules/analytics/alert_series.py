"""The daily series of an insight that an alert can watch."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from tongpin.kernel.errors import Invalid
from tongpin.lib.series.types import Unit
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.schema import AnyQuestion, Funnel, Sessions, Trends
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.shown.trends import series_words
from tongpin.modules.analytics.shown.words import Value

FORMULA, SESSIONS, PERSONS, CONVERSION = "formula", "sessions", "persons", "conversion"
DAY = timedelta(days=1)


def choices(question: AnyQuestion) -> list[tuple[str, str]]:
    """Key and words of each series; none where the kind of question has none by day."""
    if isinstance(question, Trends):
        counted = [(each.name, series_words(each)) for each in question.series]
        return [(FORMULA, question.formula), *counted] if question.formula else counted
    if isinstance(question, Sessions):
        return [(SESSIONS, _("Visits")), (PERSONS, _("Visitors"))]
    if isinstance(question, Funnel) and len(question.steps) > 1:
        return [(CONVERSION, _("Conversion rate"))]
    return []


def delay(question: AnyQuestion) -> int:
    """Days after which a day is settled: whoever began a funnel may convert until its window is over."""
    return math.ceil(question.window_seconds / 86_400) if isinstance(question, Funnel) else 0


def unit(question: AnyQuestion) -> Unit:
    """What the values are."""
    return Unit.SHARE if isinstance(question, Funnel) else Unit.NUMBER


def daily(
    question: AnyQuestion, series: str, scope: Scope, first: date, last: date
) -> tuple[date, list[Value]]:
    """The first day there is anything of, and a value for each day from it to ``last``; None where there is none.

    Groups, smoothing and sums so far are left out: an alert judges days as they are. Raises Invalid, StoreUnavailable,
    QueryTooHeavy.
    """
    if series not in dict(choices(question)):
        raise Invalid(_("The insight does not have this series."), field="series", code="no_series")
    plain: dict[str, Any] = {"first": first.isoformat(), "last": last.isoformat(), "breakdown": None}
    if isinstance(question, Trends):
        plain |= {"interval": "day", "compare": False, "cumulative": False, "smooth": 1}
    elif isinstance(question, Funnel):
        plain |= {"over_time": "day", "compare": False}
    else:
        plain |= {"interval": "day"}
    result = running.answer(question.model_copy(update=plain), scope).result
    values = _values(question, series, result)
    empty = next((at for at, value in enumerate(values) if value), len(values))
    return first + empty * DAY, values[empty:]


def _values(question: AnyQuestion, series: str, result: dict[str, Any]) -> list[Value]:
    if isinstance(question, Trends):
        lines = result["formula"] if series == FORMULA and question.formula else result["series"]
        return next(
            (list(line["values"]) for line in lines if series == FORMULA or line["name"] == series), []
        )
    if isinstance(question, Sessions):
        return [each[series] for each in result["buckets"]]
    counts = result["over_time"]["counts"]
    return [each[-1] / each[0] if each[0] else None for each in counts]
