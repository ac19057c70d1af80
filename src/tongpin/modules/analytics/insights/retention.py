"""Retention: who comes back after so many periods (SPEC §4). One statement for the cohorts' sizes and returns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tongpin.kernel.store.client import Rows
from tongpin.modules.analytics.insights.rows import rows
from tongpin.modules.analytics.insights.schema import Retention
from tongpin.modules.analytics.insights.scope import Range, Scope
from tongpin.modules.analytics.insights.statement import Statement

Ask = Callable[[Statement, str], Rows]
DAY_MS = 86_400_000


def answer(question: Retention, scope: Scope, ask: Ask) -> dict[str, Any]:
    """``{"cohorts": [{period, size, values, complete}], "mean": […], "brackets": [[first, last], …]}``.

    ``period`` is the first local date of the cohort's bucket. ``values[k]`` of the ``size`` who began in it came back
    in the k-th period after (k = 0 is the period itself), None where it had not begun at ``as_of``; ``complete[k]``
    tells whether it had ended. With ``brackets`` the k-th value is of the days [first, last] after the start instead.
    ``mean[k]`` is the share of those who came back in period k among all whose period k had ended, None for nobody.
    Raises ValueError, StoreUnavailable, QueryTooHeavy.
    """
    span = question.range(scope)
    periods = _periods(question)
    st = Statement(scope)
    cohorts = scope.buckets(span.first, span.last, _step(question))
    size: dict[date, int] = dict.fromkeys(cohorts, 0)
    back: dict[date, list[int]] = {each: [0] * len(periods) for each in cohorts}
    for cohort, count, returned in ask(st, _table(st, question, span)).rows:
        if cohort in size:
            size[cohort] = count
            back[cohort] = list(returned)
    told = []
    for cohort in cohorts:
        begun = [_begins(question, scope, cohort, first) <= scope.as_of for first, _ in periods]
        ended = [_ends(question, scope, cohort, last) <= scope.as_of for _, last in periods]
        values = [value if known else None for value, known in zip(back[cohort], begun, strict=True)]
        told.append({"period": cohort.isoformat(), "size": size[cohort], "values": values, "complete": ended})
    return {
        "cohorts": told,
        "mean": [_mean(told, at) for at in range(len(periods))],
        "brackets": [list(each) for each in periods],
    }


def _mean(cohorts: list[dict[str, Any]], at: int) -> float | None:
    """The share of all whose period had ended: every person counts once, so large cohorts weigh more."""
    done = [each for each in cohorts if each["complete"][at]]
    whole = sum(each["size"] for each in done)
    return sum(each["values"][at] for each in done) / whole if whole else None


def _step(question: Retention) -> str:
    return "day" if question.brackets else question.interval


def _periods(question: Retention) -> list[tuple[int, int]]:
    """The first and last whole bucket of each period, counted from the start's."""
    if not question.brackets:
        return [(at, at) for at in range(question.periods + 1)]
    found, at = [], 0
    for width in question.brackets:
        found.append((at, at + width - 1))
        at += width
    return found


def _begins(question: Retention, scope: Scope, cohort: date, at: int) -> Any:
    """When bucket ``at`` of a cohort begins (UTC)."""
    if question.basis == "rolling_24h":
        return scope.midnight(cohort) + at * timedelta(days=1)
    return scope.midnight(scope.after(cohort, _step(question), at))


def _ends(question: Retention, scope: Scope, cohort: date, at: int) -> Any:
    """When bucket ``at`` has ended for all of a cohort (UTC): by rolling days its last member began a day late."""
    if question.basis == "rolling_24h":
        return scope.midnight(cohort) + (at + 2) * timedelta(days=1)
    return scope.midnight(scope.after(cohort, _step(question), at + 1))


def _starts(st: Statement, question: Retention, span: Range) -> str:
    """``who, cohort, began`` (ms): one row a person, or one for each bucket it began in."""
    bucket = st.bucket(_step(question), "day")
    if question.cohort == "first_time":
        inner = rows(st, question, [question.start], None, span.until)
        firsts = f"SELECT who, min(at) AS first_at FROM ({inner}) GROUP BY who"
        cohort = st.bucket(_step(question), st.day("first_at"))
        return (
            f"SELECT who, {cohort} AS cohort, toUnixTimestamp64Milli(first_at) AS began FROM ({firsts})"
            f" WHERE first_at >= {st.instant(span.since)}"
        )
    inner = rows(st, question, [question.start], span.since, span.until)
    began = "toUnixTimestamp64Milli(min(at)) AS began"
    return f"SELECT who, {bucket} AS cohort, {began} FROM ({inner}) GROUP BY who, cohort"


def _returns(st: Statement, question: Retention, span: Range) -> str:
    """``who, moments``: when each person did the return event from the range on, as sorted distinct milliseconds."""
    inner = rows(st, question, [question.back], span.since, None)
    return f"SELECT who, groupUniqArray(toUnixTimestamp64Milli(at)) AS moments FROM ({inner}) GROUP BY who"


def _gap(st: Statement, question: Retention) -> str:
    """Whole buckets between the start and a return at ``m`` (ms)."""
    if question.basis == "rolling_24h":
        return f"intDiv(m - began, {DAY_MS})"
    step = _step(question)
    day = st.day("fromUnixTimestamp64Milli(m, 'UTC')")
    if step == "month":
        return f"(toYear({day}) * 12 + toMonth({day}) - toYear(cohort) * 12 - toMonth(cohort))"
    return f"intDiv({st.bucket(step, day)} - cohort, {7 if step == 'week' else 1})"


def _people(st: Statement, question: Retention, span: Range) -> str:
    """``who, cohort, gaps``: the whole buckets after the start in which each came back. A return at the very moment of
    the start counts: it may be the start itself; one before it never does."""
    last = _periods(question)[-1][1]
    upper = "" if question.mode == "on_or_after" else f" AND g <= {last}"
    after = f"arrayMap(m -> {_gap(st, question)}, arrayFilter(m -> m >= began, moments))"
    gaps = f"arrayFilter(g -> g >= 0{upper}, {after})"
    return (
        f"SELECT s.who AS who, cohort, arrayDistinct({gaps}) AS gaps FROM ({_starts(st, question, span)}) AS s"
        f" LEFT ANY JOIN ({_returns(st, question, span)}) AS r ON r.who = s.who"
    )


def _came(question: Retention, at: int) -> str:
    """Whether somebody came back in period ``at``."""
    first, last = _periods(question)[at]
    upper = "" if question.mode == "on_or_after" else f" AND g <= {last}"
    return f"arrayExists(g -> g >= {first}{upper}, gaps)"


def _table(st: Statement, question: Retention, span: Range) -> str:
    counts = ", ".join(f"countIf({_came(question, at)})" for at in range(len(_periods(question))))
    return f"SELECT cohort, count(), [{counts}] FROM ({_people(st, question, span)}) GROUP BY cohort"


def people(question: Retention, scope: Scope, point: dict[str, Any]) -> tuple[Statement, str]:
    """Who is behind ``{"cohort": date, "period": k}`` (with ``"returned": false`` those who did not come back in it;
    without ``period`` all who began): a SELECT of ``who``. Raises ValueError if there is no such point."""
    st = Statement(scope)
    span, cohort = question.range(scope), date.fromisoformat(point["cohort"])
    if cohort not in scope.buckets(span.first, span.last, _step(question)):
        raise ValueError("no such cohort")
    where = [f"cohort = {st.date(cohort)}"]
    if (at := point.get("period")) is not None:
        periods = _periods(question)
        if (
            not 0 <= int(at) < len(periods)
            or _begins(question, scope, cohort, periods[int(at)][0]) > scope.as_of
        ):
            raise ValueError("no such period, or none yet")
        came = _came(question, int(at))
        where.append(came if point.get("returned", True) else f"NOT {came}")
    inner = _people(st, question, span)
    return st, f"SELECT DISTINCT who FROM ({inner}) WHERE {' AND '.join(where)}"
