"""Sessions: how many visits, how long, how engaged (SPEC §6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from tongpin.kernel.store.client import Rows
from tongpin.modules.analytics.insights import session_rows
from tongpin.modules.analytics.insights.rows import grouped, in_segments
from tongpin.modules.analytics.insights.schema import Breakdown, Sessions
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.insights.statement import NONE, OTHER, Statement

Ask = Callable[[Statement, str], Rows]
PAGEVIEW = "$pageview"
ENGAGED_SECONDS = 10
FIGURES = (
    "sessions",
    "persons",
    "avg_duration_seconds",
    "median_duration_seconds",
    "pageviews_per_session",
    "engaged",
    "bounce_rate_ga4",
    "bounce_rate_single_pageview",
)


def answer(question: Sessions, scope: Scope, ask: Ask) -> dict[str, Any]:
    """``{"total": figures, "buckets": [{bucket, **figures}], "breakdown": [{label, **figures}] | None}``.

    Figures: ``sessions`` and ``persons`` (who had one), ``avg_duration_seconds`` and ``median_duration_seconds`` from
    the first event to the last, ``pageviews_per_session``, ``engaged`` (longer than 10 s, two page views, or a key
    event), ``bounce_rate_ga4`` (share not engaged), ``bounce_rate_single_pageview`` (share that is one page view and
    nothing else); None instead of a mean or share of nothing. A session counts in the bucket of its first event's local
    date, and by that event's value of the breakdown's property. Raises ValueError, StoreUnavailable, QueryTooHeavy.
    """
    st = Statement(scope)
    span = question.range(scope)
    inner = _sessions(st, question)
    label = "''"
    if question.breakdown is not None:
        label = grouped("label", _top(question.breakdown, inner))
    bucket = st.bucket(question.interval, "day")
    asked = (
        f"SELECT {label} AS shown, {bucket} AS bucket, grouping(shown) AS all_labels, grouping(bucket) AS all_buckets,"
        " count(), uniqExact(who), avg(took), quantileExactInclusive(0.5)(took), avg(views), sum(engaged),"
        f" 1 - avg(engaged), avg(single) FROM ({inner}) GROUP BY GROUPING SETS ((shown), (bucket), ())"
    )
    total = _figures((0, 0, None, None, None, 0, None, None))
    by_bucket: dict[date, dict[str, Any]] = {}
    by_label: dict[str, dict[str, Any]] = {}
    for shown, at, all_labels, all_buckets, *figures in ask(st, asked).rows:
        if all_labels and all_buckets:
            total = _figures(figures) if figures[0] else total
        elif all_labels:
            by_bucket[at] = _figures(figures)
        else:
            by_label[shown] = _figures(figures)
    nothing = _figures((0, 0, None, None, None, 0, None, None))
    ranked = sorted(by_label.items(), key=lambda each: (each[0] == OTHER, -each[1]["sessions"], each[0]))
    return {
        "total": total,
        "buckets": [
            {"bucket": each.isoformat(), **by_bucket.get(each, nothing)}
            for each in scope.buckets(span.first, span.last, question.interval)
        ],
        "breakdown": [{"label": name, **figures} for name, figures in ranked] if question.breakdown else None,
    }


def _figures(values: Any) -> dict[str, Any]:
    return dict(zip(FIGURES, values, strict=True))


def _top(by: Breakdown, inner: str) -> str:
    """The labels shown: those of the most sessions, ties by code points."""
    return f"SELECT label FROM ({inner}) GROUP BY label ORDER BY count() DESC, label LIMIT {by.limit}"


def _sessions(st: Statement, question: Sessions) -> str:
    """A row a session: ``who, day, label, took`` (seconds), ``views, engaged, single``."""
    columns = {}
    label = "''"
    if question.breakdown is not None:
        if question.breakdown.on not in ("event", "segment"):
            raise ValueError(_("sessions are broken down by a property of their first event, or by segments"))
        columns["first_label"] = (
            in_segments(st, question.breakdown)
            if question.breakdown.on == "segment"
            else f"ifNull({st.text(question.breakdown.property)}, '{NONE}')"
        )
        label = "first_label[1]"
    found = session_rows.sessions(st, question, question.range(st.scope), columns)
    keys = st.value(sorted(question.key_events or []), "Array(String)")
    took = "(toUnixTimestamp64Milli(ended) - toUnixTimestamp64Milli(started)) / 1000"
    views = f"countEqual(name, '{PAGEVIEW}')"
    engaged = f"took > {ENGAGED_SECONDS} OR views >= 2 OR hasAny(name, {keys})"
    return (
        f"SELECT who, {st.day('started')} AS day, {label} AS label, {took} AS took, {views} AS views,"
        f" {engaged} AS engaged, views = 1 AND length(name) = 1 AS single FROM ({found})"
    )


def people(question: Sessions, scope: Scope, point: dict[str, Any]) -> tuple[Statement, str]:
    """Who is behind ``{"bucket": date, "label": …}`` (each narrows; neither: everybody): a SELECT of ``who``. Raises
    ValueError if there is no such point."""
    st = Statement(scope)
    inner = _sessions(st, question)
    where = ["1"]
    if (bucket := point.get("bucket")) is not None:
        span = question.range(scope)
        at = date.fromisoformat(bucket)
        if at not in scope.buckets(span.first, span.last, question.interval):
            raise ValueError("no such bucket")
        where.append(f"{st.bucket(question.interval, 'day')} = {st.date(at)}")
    if (label := point.get("label")) is not None:
        if question.breakdown is None:
            raise ValueError("nothing is broken down")
        top = _top(question.breakdown, inner)
        where.append(f"label NOT IN ({top})" if label == OTHER else f"label = {st.value(label)}")
    return st, f"SELECT DISTINCT who FROM ({inner}) WHERE {' AND '.join(where)}"
