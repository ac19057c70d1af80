"""Attribution: which sources conversions and their value are owed to (SPEC §6). A touch is a session whose first event
has a non-empty ``utm_source``; a conversion is owed to the touches of its person that began within the days before it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tongpin.kernel.store.client import Rows
from tongpin.modules.analytics.insights import session_rows
from tongpin.modules.analytics.insights.rows import rows
from tongpin.modules.analytics.insights.schema import Attribution
from tongpin.modules.analytics.insights.scope import DAY, Range, Scope
from tongpin.modules.analytics.insights.statement import NONE, Statement

Ask = Callable[[Statement, str], Rows]
DIRECT = "(direct)"
DAY_MS = 86_400_000
_WEIGHT = {
    "first": "if(k = 1, 1., 0.)",
    "last": "if(k = n, 1., 0.)",
    "linear": "1. / n",
    "position": "multiIf(n = 1, 1., n = 2, 0.5, k = 1 OR k = n, 0.4, 0.2 / (n - 2))",
}
"""What the k-th of n touches has of a conversion."""


def answer(question: Attribution, scope: Scope, ask: Ask) -> dict[str, Any]:
    """``{"conversions": n, "value": sum, "models": {model: {source: {conversions, value}}}}``.

    ``source`` is what ``by`` says of the touch, NONE where it says nothing, DIRECT without a touch. The shares of a
    conversion add up to one in each model. ``value`` sums the value property's number, 0 where it is none.
    Raises ValueError, StoreUnavailable, QueryTooHeavy.
    """
    st = Statement(scope)
    owed = _owed(st, question)
    told: dict[str, Any] = {"models": {model: {} for model in question.models}}
    whole = f"SELECT count(), sum(value) FROM ({_conversions(st, question)})"
    [(told["conversions"], told["value"])] = ask(st, whole).rows
    asked = (
        f"SELECT model, source, sum(share) AS conversions, sum(share * value) AS worth FROM ({owed})"
        " GROUP BY model, source HAVING conversions > 0 ORDER BY model, conversions DESC, source"
    )
    for model, source, conversions, value in ask(st, asked).rows:
        told["models"][model][source] = {"conversions": conversions, "value": value}
    return told


def _conversions(st: Statement, question: Attribution) -> str:
    """``who, at, value``: the conversions of the range."""
    span = question.range(st.scope)
    number = f"ifNull({st.number(question.value_property)}, 0)" if question.value_property else "0."
    return rows(st, question, [question.conversion], span.since, span.until, columns={"value": number})


def _touches(st: Statement, question: Attribution) -> str:
    """``who, touches``: (start in ms, source), in order, from the days looked back to the end of the range."""
    span = question.range(st.scope)
    whole = Range.of(st.scope, span.first - (question.lookback_days + 1) * DAY, span.last)
    columns = {
        "utm": f"ifNull({st.text('utm_source')}, '')",
        "source": f"ifNull({st.text(question.by)}, '{NONE}')",
    }
    found = session_rows.sessions(st, question, whole, columns)
    touch = "(toUnixTimestamp64Milli(started), source[1])"
    return f"SELECT who, arraySort(groupArray({touch})) AS touches FROM ({found}) WHERE utm[1] != '' GROUP BY who"


def _owed(st: Statement, question: Attribution) -> str:
    """``who, value, model, source, share``: a row for each touch of a conversion and model."""
    back = question.lookback_days * DAY_MS
    mine = f"arrayFilter(t -> t.1 <= moment AND t.1 >= moment - {back}, touches)"
    sources = f"if(empty(mine), ['{DIRECT}'], mine.2)"
    per_model = ", ".join(
        f"arrayMap((source, k) -> ('{model}', source, {_WEIGHT[model]}), sources, arrayEnumerate(sources))"
        for model in question.models
    )
    matched = (
        f"SELECT c.who AS who, c.value AS value, toUnixTimestamp64Milli(c.at) AS moment, {mine} AS mine,"
        f" {sources} AS sources, length(sources) AS n"
        f" FROM ({_conversions(st, question)}) AS c LEFT ANY JOIN ({_touches(st, question)}) AS t ON t.who = c.who"
    )
    shares = f"SELECT who, value, arrayJoin(arrayConcat({per_model})) AS owed FROM ({matched})"
    return f"SELECT who, value, owed.1 AS model, owed.2 AS source, owed.3 AS share FROM ({shares})"


def people(question: Attribution, scope: Scope, point: dict[str, Any]) -> tuple[Statement, str]:
    """Who is behind ``{"model": …, "source": …}`` (neither: all who converted): a SELECT of ``who``. Raises ValueError
    if there is no such point."""
    st = Statement(scope)
    model = point.get("model")
    if model is None and "source" not in point:
        return st, f"SELECT DISTINCT who FROM ({_conversions(st, question)})"
    if model not in question.models or "source" not in point:
        raise ValueError("no such model")
    where = f"model = {st.value(model)} AND source = {st.value(point['source'])} AND share > 0"
    return st, f"SELECT DISTINCT who FROM ({_owed(st, question)}) WHERE {where}"
