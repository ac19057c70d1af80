"""Trends: a figure over time. One statement for each series; formula, running sums and averages are made from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

from django.utils.translation import gettext as _

from tongpin.kernel.store.client import Rows
from tongpin.modules.analytics.insights import formula
from tongpin.modules.analytics.insights.rows import grouped, rows
from tongpin.modules.analytics.insights.schema import Series, Trends
from tongpin.modules.analytics.insights.scope import DAY, Range, Scope
from tongpin.modules.analytics.insights.statement import OTHER, Statement

Ask = Callable[[Statement, str], Rows]
Bucket = date | datetime
Values = list[float | None]

ROLLING = {"wau": 7, "mau": 30}
_EMPTY_IS_ZERO = {"total", "unique_users", "sum", "wau", "mau"}
_METRICS = {
    "total": "count()",
    "unique_users": "uniqExact(who)",
    "wau": "uniqExact(who)",
    "mau": "uniqExact(who)",
    "sum": "sum(ifNull(number, 0))",
    "avg": "avg(number)",
    "min": "min(number)",
    "max": "max(number)",
    "median": "quantileExactInclusiveOrNull(0.5)(number)",
    "p90": "quantileExactInclusiveOrNull(0.9)(number)",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: of which series and value of the breakdown, what it is in each bucket and over the whole range."""

    name: str
    label: str | None
    values: Values
    total: float | None

    def told(self) -> dict[str, Any]:
        return {"name": self.name, "label": self.label, "values": self.values, "total": self.total}


def answer(question: Trends, scope: Scope, ask: Ask) -> dict[str, Any]:
    """``{"buckets": […], "series": [{name, label, values, total}], "formula": […] | None, "previous": {…} | None}``.

    Buckets are the first local date of each (an instant with its offset, by the hour). A value is None where there is
    nothing to measure, 0 where nothing happened. ``label`` is None without a breakdown, else its value, NONE or OTHER.
    ``total`` is the figure of the whole range, not the sum of the buckets. Raises ValueError, StoreUnavailable,
    QueryTooHeavy.
    """
    if question.formula is not None:
        unknown = formula.names(question.formula) - {each.name for each in question.series}
        if unknown:
            raise ValueError(_("no line is called %(names)s") % {"names": ", ".join(sorted(unknown))})
    span = question.range(scope)
    found = _measured(question, scope, span, ask)
    if question.compare:
        found["previous"] = _measured(question, scope, span.before(scope), ask)
    return found


def _measured(question: Trends, scope: Scope, span: Range, ask: Ask) -> dict[str, Any]:
    buckets = _buckets(question, scope, span)
    lines = [line for each in question.series for line in _lines(question, each, scope, span, buckets, ask)]
    made = _combined(question, lines) if question.formula else None
    shown = [_shaped(question, line) for line in lines]
    return {
        "buckets": [each.isoformat() for each in buckets],
        "series": [line.told() for line in shown],
        "formula": [_shaped(question, line).told() for line in made] if made is not None else None,
    }


def _buckets(question: Trends, scope: Scope, span: Range) -> Sequence[Bucket]:
    if question.interval != "hour":
        return scope.buckets(span.first, span.last, question.interval)
    if span.days > 31:
        raise ValueError(_("by the hour at most 31 days"))
    hours = int((span.until - span.since) / timedelta(hours=1))
    return [(span.since + timedelta(hours=each)).astimezone(scope.tz) for each in range(hours)]


def _bucket_sql(st: Statement, question: Trends) -> str:
    return (
        f"toStartOfHour({st.local('at')})"
        if question.interval == "hour"
        else st.bucket(question.interval, "day")
    )


def _rows(st: Statement, question: Trends, series: Series, span: Range) -> str:
    columns = {"number": st.number(series.property)} if series.property is not None else {}
    since = span.since
    if series.math in ROLLING:
        since = st.scope.midnight(span.first - (ROLLING[series.math] - 1) * DAY)
    return rows(st, question, [series], since, span.until, columns=columns, breakdown=question.breakdown)


def _top(question: Trends, series: Series, inner: str) -> str:
    """The labels shown: the largest by the figure over the whole range, ties by code points."""
    limit = question.breakdown.limit if question.breakdown else 1
    metric = _METRICS[series.math]
    return f"SELECT label FROM ({inner}) GROUP BY label ORDER BY ifNull({metric}, -inf) DESC, label LIMIT {limit}"


def _lines(
    question: Trends, series: Series, scope: Scope, span: Range, buckets: Sequence[Bucket], ask: Ask
) -> list[Line]:
    st = Statement(scope)
    inner = _rows(st, question, series, span)
    label = grouped("label", _top(question, series, inner)) if question.breakdown else "''"
    bucket = _bucket_sql(st, question)
    metric = _METRICS[series.math]
    if series.math in ROLLING:
        asked = _rolling(st, question, series, span, inner, label, buckets)
    elif question.cumulative and series.math == "unique_users":
        # Who came first in which bucket: their running sum is how many there have been, each counted once.
        firsts = f"SELECT {label} AS shown, who, min({bucket}) AS bucket FROM ({inner}) GROUP BY shown, who"
        asked = (
            f"SELECT shown, bucket, count() AS value, grouping(bucket) AS whole FROM ({firsts})"
            " GROUP BY GROUPING SETS ((shown, bucket), (shown))"
        )
    else:
        # A group that is no group costs a key to be hashed of every row, so it is not one.
        sets = "(shown, bucket), (shown)" if question.breakdown else "(bucket), ()"
        asked = (
            f"SELECT {label} AS shown, {bucket} AS bucket, {metric} AS value, grouping(bucket) AS whole FROM ({inner})"
            f" GROUP BY GROUPING SETS ({sets}) HAVING count() > 0"
        )
    by_label: dict[str, dict[Bucket, float | None]] = {}
    totals: dict[str, float | None] = {}
    for shown, at, value, whole in ask(st, asked).rows:
        by_label.setdefault(shown, {})
        if whole:
            totals[shown] = value
        else:
            by_label[shown][at] = value
    if question.breakdown is None:
        by_label.setdefault("", {})
    empty = 0 if series.math in _EMPTY_IS_ZERO else None
    lines = [
        Line(
            series.name,
            shown if question.breakdown else None,
            [values.get(each, empty) for each in buckets],
            totals.get(shown, empty),
        )
        for shown, values in by_label.items()
    ]
    return sorted(lines, key=_rank)


def _rank(line: Line) -> tuple[bool, float, str]:
    """The largest first, ties by code points, OTHER last."""
    return line.label == OTHER, -(line.total if line.total is not None else float("-inf")), line.label or ""


def _rolling(
    st: Statement,
    question: Trends,
    series: Series,
    span: Range,
    inner: str,
    label: str,
    buckets: Sequence[Bucket],
) -> str:
    """Users of the trailing days of each bucket's last day."""
    width = ROLLING[series.math]
    first, last = st.date(span.first), st.date(span.last)
    ends = "1"
    if question.interval != "day":
        kept = [
            min(st.scope.after(each, question.interval) - DAY, span.last)
            for each in buckets
            if isinstance(each, date)
        ]
        ends = f"until IN {st.value([each.isoformat() for each in kept], 'Array(Date)')}"
    days = f"SELECT DISTINCT {label} AS shown, who, day FROM ({inner})"
    bucket = st.bucket(question.interval, "until") if question.interval != "hour" else "until"
    return (
        f"SELECT shown, {bucket} AS bucket, uniqExact(who) AS value, grouping(bucket) AS whole FROM"
        f" (SELECT shown, who, arrayJoin(arrayMap(k -> day + k, range({width}))) AS until FROM ({days}))"
        f" WHERE until BETWEEN {first} AND {last} AND {ends}"
        " GROUP BY GROUPING SETS ((shown, bucket), (shown))"
    )


def _combined(question: Trends, lines: Sequence[Line]) -> list[Line]:
    """The formula over the lines, label by label."""
    assert question.formula is not None
    labels = list(dict.fromkeys(line.label for line in lines))
    made = []
    for label in labels:
        of = {line.name: line for line in lines if line.label == label}
        if formula.names(question.formula) - of.keys():
            continue  # a value one of the series never has
        count = len(next(iter(of.values())).values)
        values = [
            formula.value(question.formula, {name: line.values[at] for name, line in of.items()})
            for at in range(count)
        ]
        whole = formula.value(question.formula, {name: line.total for name, line in of.items()})
        made.append(Line(question.formula, label, values, whole))
    return made


def _shaped(question: Trends, line: Line) -> Line:
    """Summed up or averaged, as the question wants to see it."""
    values = line.values
    if question.cumulative:
        values = list(accumulate(values, lambda done, each: (done or 0) + (each or 0)))
    if question.smooth > 1:
        values = [_mean(values[max(0, at - question.smooth + 1) : at + 1]) for at in range(len(values))]
    return Line(line.name, line.label, values, line.total)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return sum(known) / len(known) if known else None


def people(question: Trends, scope: Scope, point: dict[str, Any]) -> tuple[Statement, str]:
    """Who is behind a point ``{"series": name, "bucket": …, "label": …}`` (without ``bucket``: the whole range):
    a SELECT of ``who``. Raises ValueError if there is no such point."""
    series = next((each for each in question.series if each.name == point.get("series")), None)
    if series is None:
        raise ValueError("no such series")
    span = question.range(scope)
    st = Statement(scope)
    inner = _rows(st, question, series, span)
    where = []
    if (said := point.get("bucket")) is not None:
        buckets = {each.isoformat(): each for each in _buckets(question, scope, span)}
        if said not in buckets:
            raise ValueError("no such bucket")
        at = buckets[said]
        if series.math in ROLLING and isinstance(at, date):
            end = min(scope.after(at, question.interval) - DAY, span.last)
            where.append(f"day > {st.date(end - ROLLING[series.math] * DAY)} AND day <= {st.date(end)}")
        elif isinstance(at, datetime):
            where.append(f"{_bucket_sql(st, question)} = {st.instant(at)}")
        else:
            where.append(f"{_bucket_sql(st, question)} = {st.date(at)}")
    if question.breakdown and (label := point.get("label")) is not None:
        top = _top(question, series, inner)
        where.append(f"label NOT IN ({top})" if label == OTHER else f"label = {st.value(label)}")
    return st, f"SELECT DISTINCT who FROM ({inner})" + (f" WHERE {' AND '.join(where)}" if where else "")
