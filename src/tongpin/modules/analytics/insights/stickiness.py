"""Stickiness: in how many buckets of the range people are active (SPEC §5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tongpin.kernel.store.client import Rows
from tongpin.modules.analytics.insights.rows import rows
from tongpin.modules.analytics.insights.schema import Pick, Stickiness
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.insights.statement import Statement

Ask = Callable[[Statement, str], Rows]


def answer(question: Stickiness, scope: Scope, ask: Ask) -> dict[str, Any]:
    """``{"people": […]}``: ``people[k]`` were active in exactly k + 1 buckets; as long as the range has buckets.

    Raises ValueError, StoreUnavailable, QueryTooHeavy.
    """
    span = question.range(scope)
    st = Statement(scope)
    asked = f"SELECT periods, count() FROM ({_periods(st, question, scope)}) GROUP BY periods"
    counts = dict(ask(st, asked).rows)
    most = len(scope.buckets(span.first, span.last, question.interval))
    return {"people": [counts.get(each, 0) for each in range(1, most + 1)]}


def _periods(st: Statement, question: Stickiness, scope: Scope) -> str:
    """``who, periods``: how many buckets each was active in."""
    span = question.range(scope)
    inner = rows(st, question, [Pick(event=question.event)], span.since, span.until)
    return (
        f"SELECT who, uniqExact({st.bucket(question.interval, 'day')}) AS periods FROM ({inner}) GROUP BY who"
    )


def people(question: Stickiness, scope: Scope, point: dict[str, Any]) -> tuple[Statement, str]:
    """Who is behind ``{"periods": n}`` (without it: all who were active): a SELECT of ``who``. Raises ValueError if
    that is no number."""
    st = Statement(scope)
    inner = _periods(st, question, scope)
    if "periods" not in point:
        return st, f"SELECT who FROM ({inner})"
    return st, f"SELECT who FROM ({inner}) WHERE periods = {st.value(int(point['periods']), 'UInt64')}"
