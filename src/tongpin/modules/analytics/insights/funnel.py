"""Funnels: who gets how far on a way of steps. One statement; what counts as an attempt is in ``funnel_attempts``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from tongpin.kernel.store.client import Rows
from tongpin.modules.analytics.insights import funnel_attempts, funnel_ties
from tongpin.modules.analytics.insights.funnel_attempts import FIRST_EXCLUSION, MASK_BITS, Way, stage, time
from tongpin.modules.analytics.insights.rows import picked, rows
from tongpin.modules.analytics.insights.schema import Funnel, Pick
from tongpin.modules.analytics.insights.scope import Range, Scope
from tongpin.modules.analytics.insights.statement import OTHER, Statement

Ask = Callable[[Statement, str], Rows]

_EDGES = (
    *(0, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 86_400),
    *(days * 86_400 for days in (2, 3, 5, 7, 14, 21, 30, 60, 90, 180, 366)),
)


def answer(question: Funnel, scope: Scope, ask: Ask) -> dict[str, Any]:
    """How many got to each step, and how long it took them.

    ``{"steps": [name], "counts": […], "time_to_convert_seconds": {n, mean, median}, "step_times": [{mean, median}],
    "distribution": [{from, to, n}], "breakdown": [{label, …}], "over_time": {interval, buckets, counts} | None,
    "previous": {…} | None}``.

    ``counts[k]``: persons (customers) who got to step k, counted from 0. Times are seconds, None where there are none:
    to convert, from the first step to the last of those who did; ``step_times[k - 1]``, from step k - 1 to step k.
    ``distribution``: of the times to convert, ``from`` in and ``to`` not in it. Each value of a breakdown has the same
    figures, the largest first, OTHER last. ``over_time`` goes by the local date of the attempt's first step:
    ``counts[bucket][k]``. Raises ValueError, StoreUnavailable, QueryTooHeavy.
    """
    span = question.range(scope)
    told = {"steps": [_name(step) for step in question.steps], **_measured(question, scope, span, ask)}
    told["previous"] = _measured(question, scope, span.before(scope), ask) if question.compare else None
    return told


def _name(step: list[Pick]) -> str:
    return " / ".join(each.event or "*" for each in step)


def _measured(question: Funnel, scope: Scope, span: Range, ask: Ask) -> dict[str, Any]:
    st = Statement(scope)
    keys = [name for name, asked in (("shown", question.breakdown), ("bucket", question.over_time)) if asked]
    shown = "".join(f"{name}, grouping({name}), " for name in keys)
    found = stage(
        _attempts(st, question, span),
        reached_steps="length(times)",
        took=f"if(length(times) = {len(question.steps)}, (times[-1] - times[1]) / 1000, -1)",
        each_took="arrayMap(t -> t / 1000, arrayPopFront(arrayDifference(times)))",
    )
    found = stage(found, bin=f"arrayCount(edge -> took >= edge, {_edges(question)})")  # 0: did not convert
    sets = ", ".join(["()", *(f"({name})" for name in keys)])
    sql = f"SELECT {shown}{_figures(question)} FROM ({found})"
    if keys:
        sql += f" GROUP BY GROUPING SETS ({sets})"
    whole, labels = _told(question, None), []
    by_bucket: dict[date, list[int]] = {}
    for row in ask(st, sql).rows:
        of = {name: row[2 * at] for at, name in enumerate(keys) if not row[2 * at + 1]}
        values = row[2 * len(keys) :]
        if "shown" in of:
            labels.append({"label": of["shown"], **_told(question, values)})
        elif "bucket" in of:
            by_bucket[of["bucket"]] = list(values[0])
        else:
            whole = _told(question, values)
    labels.sort(key=lambda line: (line["label"] == OTHER, -line["counts"][0], line["label"]))
    over_time = None
    if question.over_time:
        buckets = scope.buckets(span.first, span.last, question.over_time)
        over_time = {
            "interval": question.over_time,
            "buckets": [each.isoformat() for each in buckets],
            "counts": [by_bucket.get(each, [0] * len(question.steps)) for each in buckets],
        }
    return {**whole, "breakdown": labels, "over_time": over_time}


def _figures(question: Funnel) -> str:
    """What is counted of attempts: how many got how far; time to convert; time of each step; how it is distributed."""
    counts = ", ".join(f"countIf(reached_steps > {step})" for step in range(len(question.steps)))
    return (
        f"[{counts}] AS counts, avgOrNullIf(took, took >= 0) AS mean,"
        " quantileExactInclusiveOrNullIf(0.5)(took, took >= 0) AS median,"
        " avgForEach(each_took) AS means, quantileExactInclusiveForEach(0.5)(each_took) AS medians,"
        " sumMap([bin], [1]) AS bins"
    )


def _edges(question: Funnel) -> list[int]:
    """What times to convert are put between; the last is past the window."""
    inside = [edge for edge in _EDGES if edge <= question.window_seconds]
    return [*inside, min((edge for edge in _EDGES if edge not in inside), default=2 * _EDGES[-1])]


def _told(question: Funnel, values: Sequence[Any] | None) -> dict[str, Any]:
    """One row of figures as it is answered; None is nobody."""
    steps = len(question.steps)
    counts, mean, median, means, medians, bins = values or ([0] * steps, None, None, [], [], ([], []))
    edges, in_bin = _edges(question), dict(zip(*bins, strict=True))
    known = [*zip(means, medians, strict=True)]
    known += [(None, None)] * (steps - 1 - len(known))
    return {
        "counts": list(counts),
        "time_to_convert_seconds": {"n": counts[-1], "mean": mean, "median": median},
        "step_times": [{"mean": each, "median": middle} for each, middle in known],
        "distribution": [
            {"from": low, "to": high, "n": in_bin.get(place, 0)}
            for place, (low, high) in enumerate(pairwise(edges), 1)
        ],
    }


def _attempts(st: Statement, question: Funnel, span: Range) -> str:
    """A SELECT with one row for each person who started: ``who``, ``times`` of the steps reached, in milliseconds from
    1 at the range's first moment; ``bucket`` (date) if the question goes over time, ``shown`` if it has a breakdown."""
    way = Way(
        question,
        window=question.window_seconds * 1000,
        last=round((span.until - span.since).total_seconds() * 1000),
    )
    sql = _counted(_gathered(st, question, span, way), way)
    if question.over_time:
        zero = round(span.since.timestamp() * 1000) - 1
        at = f"fromUnixTimestamp64Milli(times[1] + {st.value(zero, 'Int64')}, 'UTC')"
        sql = stage(sql, bucket=st.bucket(question.over_time, st.day(at)))
    if question.breakdown is None:
        return sql
    wanted = "first_event" if question.breakdown.attribution == "first_touch" else "last_event"
    sql = stage(sql, label=f"labels[indexOf(uuids, {wanted})]")
    sql = stage(sql, size="count() OVER (PARTITION BY label)")
    sql = stage(sql, place="dense_rank() OVER (ORDER BY size DESC, label)")
    return stage(sql, shown=f"if(place <= {int(question.breakdown.limit)}, label, '{OTHER}')")


def _gathered(st: Statement, question: Funnel, span: Range, way: Way) -> str:
    """The events that matter of everybody who did what starts an attempt, an array of each column a person."""
    steps = [" OR ".join(picked(st, pick) for pick in step) for step in question.steps]
    bits = [f"bitShiftLeft(toUInt32({holds}), {at})" for at, holds in enumerate(steps)]
    bits += [
        f"bitShiftLeft(toUInt32({picked(st, each)}), {at})"
        for at, each in enumerate(question.exclude, FIRST_EXCLUSION)
    ]
    since = st.value(round(span.since.timestamp() * 1000) - 1, "Int64")
    packed = (
        f"bitOr(bitShiftLeft(toUInt64(toUnixTimestamp64Milli(timestamp) - {since}), {MASK_BITS}),"
        f" toUInt64({' + '.join(bits)}))"
    )
    picks = [pick for step in question.steps for pick in step] + list(question.exclude)
    if question.order == "strict":
        picks = [Pick()]
    found = rows(
        st, question, picks, span.since, span.until + timedelta(seconds=question.window_seconds),
        columns={"one": packed, "own": "toUInt128(uuid)"}, breakdown=question.breakdown,
    )  # fmt: skip
    arrays = ["groupArray(one) AS packed"]
    if question.breakdown or not (way.plain or question.order == "unordered"):
        arrays.append("groupArray(own) AS uuids")
    if question.breakdown:
        arrays.append("groupArray(label) AS labels")
    starts = (1 << way.steps) - 1 if question.order == "unordered" else 1
    return (
        f"SELECT who, {', '.join(arrays)} FROM ({found}) GROUP BY who"
        f" HAVING countIf(bitAnd(one, {starts}) != 0 AND one < {(way.last + 1) << MASK_BITS}) > 0"
    )


def _counted(sql: str, way: Way) -> str:
    """Adds ``times``, and ``first_event`` and ``last_event`` if there is a breakdown."""
    question = way.question
    if question.order == "unordered":
        return _unordered(sql, way)
    if question.exclude:
        return funnel_ties.attempts(sql, way)
    sql = stage(sql, sorted="arraySort(packed)")
    if way.plain:
        return _touched(funnel_attempts.ordered(sql, way), way)
    sql = stage(sql, at=f"arrayMap(e -> {time('e')}, sorted)")
    sql = stage(sql, tied="length(arrayCompact(at)) < length(at)")
    one_by_one = funnel_attempts.strict if question.order == "strict" else funnel_attempts.ordered
    # Gathering twice costs less than taking everybody the longer way, be it with nothing to do there.
    plain = _touched(one_by_one(f"SELECT * FROM ({sql}) WHERE NOT tied", way), way)
    tied = funnel_ties.attempts(f"SELECT * EXCEPT (sorted, at) FROM ({sql}) WHERE tied", way)
    columns = "who, times"
    if question.breakdown:
        columns += ", uuids, labels, first_event, last_event"
    return f"SELECT {columns} FROM ({plain}) UNION ALL SELECT {columns} FROM ({tied})"


def _touched(sql: str, way: Way) -> str:
    """Adds ``first_event`` and ``last_event`` if there is a breakdown: of what each step may be, the least uuid."""
    if not way.question.breakdown:
        return sql

    def found(time_of: str, bit: str) -> str:
        return (
            f"arrayMin(arrayFilter((u, e) -> {time('e')} = {time_of} AND bitTest(e, {bit}), uuids, packed))"
        )

    return stage(sql, first_event=found("times[1]", "0"), last_event=found("times[-1]", "length(times) - 1"))


def _unordered(sql: str, way: Way) -> str:
    if not way.question.breakdown:
        return funnel_attempts.unordered(stage(sql, sorted="arraySort(packed)"), way)
    key = f"(e, u) -> ({time('e')}, u)"
    sql = stage(
        sql,
        sorted=f"arraySort({key}, packed, uuids)",
        sorted_uuids=f"arraySort((u, e) -> ({time('e')}, u), uuids, packed)",
    )
    sql = funnel_attempts.unordered(sql, way)
    return stage(sql, first_event="sorted_uuids[first_place]", last_event="sorted_uuids[last_place]")


def people(question: Funnel, scope: Scope, point: dict[str, Any]) -> tuple[Statement, str]:
    """Who is behind a point ``{"step": n, "converted": true, "label": …, "bucket": …}``: a SELECT of ``who``.

    ``step`` counts from 1. Converted: those who got to it; not converted: those who got to the one before and no
    further. ``label`` and ``bucket`` are of the breakdown and of the conversion over time. ``took``: [from, to] of the
    distribution, for those who got to the last step. ``previous``: of the time before. Raises ValueError if there is no
    such point.
    """
    st = Statement(scope)
    step, converted = int(point["step"]), bool(point.get("converted", True))
    if not (1 if converted else 2) <= step <= len(question.steps):
        raise ValueError("no such step")
    where = [f"length(times) {'>=' if converted else '='} {step if converted else step - 1}"]
    if question.breakdown and (label := point.get("label")) is not None:
        where.append(f"shown = {st.value(str(label))}")
    if question.over_time and (bucket := point.get("bucket")) is not None:
        where.append(f"bucket = {st.date(date.fromisoformat(bucket))}")
    if (took := point.get("took")) is not None:
        low, high = (st.value(float(edge), "Float64") for edge in took)
        seconds = "(times[-1] - times[1]) / 1000"
        where.append(f"length(times) = {len(question.steps)} AND {seconds} >= {low} AND {seconds} < {high}")
    span = question.range(scope)
    if point.get("previous"):
        if not question.compare:
            raise ValueError("nothing is compared")
        span = span.before(scope)
    found = _attempts(st, question, span)
    return st, f"SELECT who FROM ({found}) WHERE {' AND '.join(where)}"
