"""Sessions: how many visits, how long, how engaged (SPEC §6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from tongpin.kernel.store.client import Rows
from tongpin.modules.analytics.insights import session_rows
from tongpin.modules.analytics.insights.rows import grouped, in_segments
from tongpin.modules.analytics.insights.schema import Sessions, VisitBreakdown
from tongpin.modules.analytics.insights.scope import Range, Scope
from tongpin.modules.analytics.insights.session_rows import PAGEVIEW
from tongpin.modules.analytics.insights.statement import NONE, OTHER, Statement

Ask = Callable[[Statement, str], Rows]
Bucket = date | datetime
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
    "pageviews",
    "events",
)
_MEASURED = (
    "count(), uniqExact(who), avg(took), quantileExactInclusive(0.5)(took), avg(views), sum(engaged),"
    " 1 - avg(engaged), avg(single), sum(views), sum(happened)"
)
_NOTHING = (0, 0, None, None, None, 0, None, None, 0, 0)


def answer(question: Sessions, scope: Scope, ask: Ask) -> dict[str, Any]:
    """``{"total": figures, "buckets": [{bucket, **figures}], "breakdown": [{label, **figures}] | None,
    "previous": {"total", "buckets"} | None}``.

    Figures: ``sessions`` and ``persons`` (who had one), ``avg_duration_seconds`` and ``median_duration_seconds`` from
    the first event to the last, ``pageviews`` and ``events`` in them and ``pageviews_per_session``, ``engaged`` (longer
    than 10 s, two page views, or a key event), ``bounce_rate_ga4`` (share not engaged), ``bounce_rate_single_pageview``
    (share that is one page view and nothing else); None instead of a mean or share of nothing. A session counts in the
    bucket of its first event's local date (or hour, an instant with its offset), and by the breakdown's property where
    its ``at`` says: under ``each`` a session counts once for every value, with the page views and events that have it.
    Raises ValueError, StoreUnavailable, QueryTooHeavy.
    """
    span = question.range(scope)
    found = _asked(question, scope, span, ask)
    before = None
    if question.compare:
        plain = question.model_copy(update={"breakdown": None})
        before = _asked(plain, scope, span.before(scope), ask)
        del before["breakdown"]
    return {**found, "previous": before}


def _asked(question: Sessions, scope: Scope, span: Range, ask: Ask) -> dict[str, Any]:
    st = Statement(scope)
    by = question.breakdown
    inner = _sessions(st, question, span)
    bucket = _bucket_sql(st, question)
    total = _figures(_NOTHING)
    by_bucket: dict[Bucket, dict[str, Any]] = {}
    by_label: dict[str, dict[str, Any]] = {}
    if by is None or by.at == "each":  # a visit in several groups is one visit of all
        label, sets = "''", "(bucket), ()"
    else:
        label, sets = grouped("label", _top(by, inner)), "(shown), (bucket), ()"
    asked = (
        f"SELECT {label} AS shown, {bucket} AS bucket, grouping(shown) AS all_labels, grouping(bucket) AS all_buckets,"
        f" {_MEASURED} FROM ({inner}) GROUP BY GROUPING SETS ({sets})"
    )
    if by is None or by.at == "each":
        asked = asked.replace("grouping(shown)", "1")
    for shown, at, all_labels, all_buckets, *figures in ask(st, asked).rows:
        if all_labels and all_buckets:
            total = _figures(figures) if figures[0] else total
        elif all_labels:
            by_bucket[at] = _figures(figures)
        else:
            by_label[shown] = _figures(figures)
    if by is not None and by.at == "each":
        each = _each(inner)
        shown = grouped("label", _top(by, each))
        # OTHER holds a visit once, however many of its values are in there
        merged = (
            "SELECT shown, number, any(who) AS who, any(took) AS took, sum(views) AS views, any(engaged) AS engaged,"
            " any(single) AS single, sum(happened) AS happened"
            f" FROM (SELECT {shown} AS shown, number, who, took, views, engaged, single, happened FROM ({each}))"
            " GROUP BY shown, number"
        )
        for name, *figures in ask(st, f"SELECT shown, {_MEASURED} FROM ({merged}) GROUP BY shown").rows:
            by_label[name] = _figures(figures)
    ranked = sorted(by_label.items(), key=lambda line: (line[0] == OTHER, -line[1]["sessions"], line[0]))
    nothing = _figures(_NOTHING)
    return {
        "total": total,
        "buckets": [
            {"bucket": each.isoformat(), **by_bucket.get(each, nothing)}
            for each in _buckets(question, scope, span)
        ],
        "breakdown": [{"label": name, **figures} for name, figures in ranked] if by else None,
    }


def _figures(values: Any) -> dict[str, Any]:
    return dict(zip(FIGURES, values, strict=True))


def _buckets(question: Sessions, scope: Scope, span: Range) -> Sequence[Bucket]:
    if question.interval != "hour":
        return scope.buckets(span.first, span.last, question.interval)
    if span.days > 31:
        raise ValueError(_("by the hour at most 31 days"))
    hours = int((span.until - span.since) / timedelta(hours=1))
    return [(span.since + timedelta(hours=each)).astimezone(scope.tz) for each in range(hours)]


def _bucket_sql(st: Statement, question: Sessions) -> str:
    if question.interval == "hour":
        return f"toStartOfHour({st.local('started')})"
    return st.bucket(question.interval, "day")


def _top(by: VisitBreakdown, inner: str) -> str:
    """The labels shown: those of the most sessions, ties by code points."""
    return f"SELECT label FROM ({inner}) GROUP BY label ORDER BY count() DESC, label LIMIT {by.limit}"


def _each(inner: str) -> str:
    """A row for every value a session has, with its page views and events of that value."""
    return (
        "SELECT who, number, took, engaged, single, day, started,"
        " value.1 AS label, value.2 AS views, value.3 AS happened"
        f" FROM (SELECT who, number, took, engaged, single, day, started, arrayJoin(values) AS value FROM ({inner}))"
    )


def _sessions(st: Statement, question: Sessions, span: Range) -> str:
    """A row a session: ``who, number`` (the session), ``started, day, label, values`` (of ``each``: label, page views,
    events), ``took`` (seconds), ``views, happened`` (events), ``engaged, single``."""
    columns = {}
    label, values = "''", "[]"
    by = question.breakdown
    if by is not None:
        columns["labels"] = (
            in_segments(st, by) if by.on == "segment" else f"ifNull({st.text(by.property)}, '{NONE}')"
        )
        label = _label(by)
    if by is not None and by.at == "each":
        had = f"arrayDistinct(arrayFilter(l -> l != '{NONE}', labels))"
        values = (
            f"arrayMap(v -> (v, arrayCount((l, n) -> l = v AND n = '{PAGEVIEW}', labels, name), countEqual(labels, v)),"
            f" if(empty({had}), ['{NONE}'], {had}))"
        )
    found = session_rows.sessions(st, question, span, columns, question.visit)
    keys = st.value(sorted(question.key_events or []), "Array(String)")
    took = "(toUnixTimestamp64Milli(ended) - toUnixTimestamp64Milli(started)) / 1000"
    engaged = f"took > {ENGAGED_SECONDS} OR views >= 2 OR hasAny(name, {keys})"
    return (
        f"SELECT who, (person, started) AS number, started, {st.day('started')} AS day, {label} AS label,"
        f" {values} AS values, {took} AS took, countEqual(name, '{PAGEVIEW}') AS views, length(name) AS happened,"
        f" {engaged} AS engaged, views = 1 AND length(name) = 1 AS single FROM ({found})"
    )


def _label(by: VisitBreakdown) -> str:
    if by.at == "each":
        return "''"
    if by.at == "first":
        return "labels[1]"
    which = "arrayFirst" if by.at == "entry" else "arrayLast"
    return f"if(has(name, '{PAGEVIEW}'), {which}((l, n) -> n = '{PAGEVIEW}', labels, name), '{NONE}')"


def people(question: Sessions, scope: Scope, point: dict[str, Any]) -> tuple[Statement, str]:
    """Who is behind ``{"bucket": date or instant, "label": …, "engaged": true}`` (each narrows; none: everybody): a
    SELECT of ``who``. Raises ValueError if there is no such point."""
    st = Statement(scope)
    span = question.range(scope)
    inner = _sessions(st, question, span)
    where = ["1"]
    if (said := point.get("bucket")) is not None:
        at = datetime.fromisoformat(said) if question.interval == "hour" else date.fromisoformat(said)
        if at not in _buckets(question, scope, span):
            raise ValueError("no such bucket")
        value = st.instant(at) if isinstance(at, datetime) else st.date(at)
        where.append(f"{_bucket_sql(st, question)} = {value}")
    if (engaged := point.get("engaged")) is not None:
        where.append("engaged" if engaged else "NOT engaged")
    if (label := point.get("label")) is not None:
        by = question.breakdown
        if by is None:
            raise ValueError("nothing is broken down")
        if by.at == "each":
            inner = _each(inner)
        top = _top(by, inner)
        where.append(f"label NOT IN ({top})" if label == OTHER else f"label = {st.value(label)}")
    return st, f"SELECT DISTINCT who FROM ({inner}) WHERE {' AND '.join(where)}"
