"""Lifecycle: who is new, stays, comes back and leaves, in whole buckets (SPEC §5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from tongpin.kernel.store.client import Rows
from tongpin.modules.analytics.insights.rows import rows
from tongpin.modules.analytics.insights.schema import Lifecycle, Pick
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.insights.statement import Statement

Ask = Callable[[Statement, str], Rows]
STATES = ("new", "returning", "resurrecting", "dormant")


def answer(question: Lifecycle, scope: Scope, ask: Ask) -> dict[str, Any]:
    """``{"buckets": […], "new": […], "returning": […], "resurrecting": […], "dormant": […]}``: people by bucket.

    New: the first bucket ever with the event. Returning: also active in the bucket before. Resurrecting: active, not in
    the bucket before, not new. Dormant: active in the bucket before, not in this one. Buckets are whole, also where the
    range begins or ends within one. Raises ValueError, StoreUnavailable, QueryTooHeavy.
    """
    span = question.range(scope)
    buckets = scope.buckets(span.first, span.last, question.interval)
    st = Statement(scope)
    states = _states(st, question, scope)
    counts = {
        (bucket, state): count
        for bucket, state, count in ask(
            st, f"SELECT bucket, state, count() FROM ({states}) GROUP BY bucket, state"
        ).rows
    }
    return {
        "buckets": [each.isoformat() for each in buckets],
        **{state: [counts.get((each, state), 0) for each in buckets] for state in STATES},
    }


def _states(st: Statement, question: Lifecycle, scope: Scope) -> str:
    """``who, bucket, state``: every person in every bucket of the range it is anything in."""
    span = question.range(scope)
    buckets = scope.buckets(span.first, span.last, question.interval)
    first, last = st.date(buckets[0]), st.date(buckets[-1])
    until = scope.midnight(scope.after(buckets[-1], question.interval))
    inner = rows(st, question, [Pick(event=question.event)], None, until)
    step = {"day": "INTERVAL 1 DAY", "week": "INTERVAL 7 DAY", "month": "INTERVAL 1 MONTH"}[question.interval]
    active = f"SELECT who, groupUniqArray({st.bucket(question.interval, 'day')}) AS active FROM ({inner}) GROUP BY who"
    each = (
        f"SELECT who, active, arrayMin(active) AS born, arrayJoin(arrayDistinct(arrayConcat(active,"
        f" arrayMap(b -> toDate(b + {step}), active)))) AS bucket FROM ({active})"
    )
    state = (
        f"multiIf(NOT has(active, bucket), 'dormant', bucket = born, 'new',"
        f" has(active, toDate(bucket - {step})), 'returning', 'resurrecting')"
    )
    return f"SELECT who, bucket, {state} AS state FROM ({each}) WHERE bucket BETWEEN {first} AND {last}"


def people(question: Lifecycle, scope: Scope, point: dict[str, Any]) -> tuple[Statement, str]:
    """Who is behind ``{"bucket": date, "state": …}``: a SELECT of ``who``. Raises ValueError for no such point."""
    if point.get("state") not in STATES:
        raise ValueError("no such state")
    span, at = question.range(scope), date.fromisoformat(point["bucket"])
    if at not in scope.buckets(span.first, span.last, question.interval):
        raise ValueError("no such bucket")
    st = Statement(scope)
    states = _states(st, question, scope)
    return (
        st,
        f"SELECT who FROM ({states}) WHERE bucket = {st.date(at)} AND state = {st.value(point['state'])}",
    )
