"""Retention: who comes back after so many periods (SPEC §4). One statement for the cohorts' sizes and returns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tongpin.kernel.store.client import Rows
from tongpin.modules.analytics.insights.rows import picked, rows
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


def _first_times(st: Statement, question: Retention, span: Range) -> str:
    """``who, cohort, began`` (ms), ``moments``: a row a person that began in the range, for the first time ever, and
    when each came back from then on, as distinct milliseconds. One reading of the events serves both."""
    starts = f"{picked(st, question.start)} AND {st.within(None, span.until)}"
    returns = f"{picked(st, question.back)} AND {st.within(span.since, None)}"
    inner = rows(
        st, question, [question.start, question.back], None, None,
        columns={"starts": starts, "returns": returns, "moment": "toUnixTimestamp64Milli(timestamp)"},
    )  # fmt: skip
    firsts = (
        "SELECT who, minIf(moment, starts) AS began, groupUniqArrayIf(moment, returns) AS moments"
        f" FROM ({inner}) WHERE starts OR returns GROUP BY who HAVING countIf(starts) > 0"
        f" AND began >= {st.value(round(span.since.timestamp() * 1000), 'Int64')}"
    )
    cohort = st.bucket(_step(question), st.day("fromUnixTimestamp64Milli(began, 'UTC')"))
    return f"SELECT who, {cohort} AS cohort, began, moments FROM ({firsts})"


def _each_bucket(st: Statement, question: Retention, span: Range) -> str:
    """The same with a row for each bucket of the range that a person began in."""
    inner = rows(st, question, [question.start], span.since, span.until)
    bucket, began = st.bucket(_step(question), "day"), "toUnixTimestamp64Milli(min(at))"
    starts = f"SELECT who, {bucket} AS cohort, {began} AS began FROM ({inner}) GROUP BY who, cohort"
    inner = rows(st, question, [question.back], span.since, None)
    returns = f"SELECT who, groupUniqArray(toUnixTimestamp64Milli(at)) AS moments FROM ({inner}) GROUP BY who"
    return (
        f"SELECT s.who AS who, cohort, began, moments FROM ({starts}) AS s"
        f" LEFT ANY JOIN ({returns}) AS r ON r.who = s.who"
    )


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
    began = _first_times if question.cohort == "first_time" else _each_bucket
    return f"SELECT who, cohort, arrayDistinct({gaps}) AS gaps FROM ({began(st, question, span)})"


def _came(question: Retention, at: int) -> str:
    """Whether somebody came back in period ``at``."""
    first, last = _periods(question)[at]
    if first == last and question.mode == "on":
        return f"has(gaps, {first})"
    upper = "" if question.mode == "on_or_after" else f" AND g <= {last}"
    return f"arrayExists(g -> g >= {first}{upper}, gaps)"


def _table(st: Statement, question: Retention, span: Range) -> str:
    counts = ", ".join(f"countIf({_came(question, at)})" for at in range(len(_periods(question))))
    return f"SELECT cohort, count(), [{counts}] FROM ({_people(st, question, span)}) GROUP BY cohort"


def people(question: Retention, scope: Scope, point: dict[str, Any]) -> tuple[Statement, str]:
    """Who is behind ``{"cohort": date, "period": k}`` (with ``"returned": false`` those who did not come back in it;
    without ``period`` all who began): a SELECT of ``who``. Without ``cohort`` those of all cohorts, of which the mean
    of a period is made: of those whose period k is over. Raises ValueError if there is no such point."""
    st = Statement(scope)
    span, at = question.range(scope), point.get("period")
    periods, cohorts = _periods(question), scope.buckets(span.first, span.last, _step(question))
    if at is not None and not 0 <= int(at) < len(periods):
        raise ValueError("no such period")
    if (said := point.get("cohort")) is not None:
        cohort = date.fromisoformat(said)
        if cohort not in cohorts:
            raise ValueError("no such cohort")
        if at is not None and _begins(question, scope, cohort, periods[int(at)][0]) > scope.as_of:
            raise ValueError("none yet")
        cohorts = [cohort]
    elif at is not None:
        cohorts = [
            each for each in cohorts if _ends(question, scope, each, periods[int(at)][1]) <= scope.as_of
        ]
    dates = st.value([each.isoformat() for each in cohorts], "Array(Date)")
    where = [f"cohort IN {dates}"]
    if at is not None:
        came = _came(question, int(at))
        where.append(came if point.get("returned", True) else f"NOT {came}")
    inner = _people(st, question, span)
    return st, f"SELECT DISTINCT who FROM ({inner}) WHERE {' AND '.join(where)}"
