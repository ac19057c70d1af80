"""Paths: what comes after what within a session, step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tongpin.kernel.store.client import Rows
from tongpin.modules.analytics.insights.schema import Paths
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.insights.session_rows import sessions
from tongpin.modules.analytics.insights.statement import NONE, Statement

Ask = Callable[[Statement, str], Rows]

PAGEVIEW = "$pageview"
MOST_EDGES = 10_000
MOST_NODES = 2_000


def answer(question: Paths, scope: Scope, ask: Ask) -> dict[str, Any]:
    """``{"sessions": n, "edges": [{step, source, target, count}], "nodes": [{step, name, count, ended}]}``.

    A session's way is its nodes (names of events, or pages) with equal ones in a row taken as one, cut as ``way`` says;
    ``sessions`` have one. ``step`` is the place of ``source`` on the way, from 1; where only ``end`` is given, places
    are counted so that the end always has the last, ``max_steps``. Counts are of sessions; ``ended`` went no further.
    The most frequent first, then by step, source, target. Raises StoreUnavailable, QueryTooHeavy.
    """
    st = Statement(scope)
    ways = _ways(st, question)
    last = "toUInt8(place = length(way))"
    legs = (
        f"SELECT first + place AS step, way[place] AS source, if({last} = 1, '', way[place + 1]) AS target,"
        f" {last} AS ended, place FROM ({ways}) ARRAY JOIN arrayEnumerate(way) AS place"
    )
    limit = question.limit or MOST_EDGES
    asked = (
        "SELECT step, source, target, ended, count() AS times, sum(ended) AS stopped, sum(place = 1) AS ways,"
        f" grouping(step) AS whole, grouping(target) AS node FROM ({legs})"
        " GROUP BY GROUPING SETS ((step, source, target, ended), (step, source), ())"
        " HAVING NOT (node = 0 AND ended = 1)"
        " ORDER BY times DESC, step, source, target"
        f" LIMIT {max(limit, MOST_NODES)} BY whole, node"
    )
    told: dict[str, Any] = {"sessions": 0, "edges": [], "nodes": []}
    for step, source, target, _ended, times, stopped, count, whole, node in ask(st, asked).rows:
        if whole:
            told["sessions"] = count
        elif node:
            told["nodes"].append({"step": step, "name": source, "count": times, "ended": stopped})
        elif len(told["edges"]) < limit:
            told["edges"].append({"step": step, "source": source, "target": target, "count": times})
    del told["nodes"][MOST_NODES:]
    return told


def _ways(st: Statement, question: Paths) -> str:
    """A SELECT with a row for each session that has a way: ``who``, ``way`` (Array(String)) and ``first``, how many
    places come before it."""
    columns = {}
    nodes = "name"
    if question.by == "path":
        columns["page"] = f"ifNull({st.text(question.property)}, '{NONE}')"
        nodes = f"arrayFilter((page, name) -> name = {st.value(PAGEVIEW)}, page, name)"
    found = sessions(st, question, question.range(st.scope), columns)
    whole = f"SELECT who, arrayCompact({nodes}) AS whole FROM ({found}) WHERE notEmpty(whole)"
    if question.start is not None:
        start = st.value(question.start)
        whole = (
            f"SELECT who, arraySlice(whole, indexOf(whole, {start})) AS whole FROM ({whole})"
            f" WHERE has(whole, {start})"
        )
    steps = int(question.max_steps)
    if question.end is None:
        return f"SELECT who, arraySlice(whole, 1, {steps}) AS way, 0 AS first FROM ({whole})"
    end = st.value(question.end)
    whole = (
        f"SELECT who, arraySlice(whole, 1, indexOf(whole, {end})) AS whole FROM ({whole})"
        f" WHERE has(whole, {end})"
    )
    if question.start is not None:
        return f"SELECT who, whole AS way, 0 AS first FROM ({whole}) WHERE length(whole) <= {steps}"
    return f"SELECT who, arraySlice(whole, -{steps}) AS way, {steps} - length(way) AS first FROM ({whole})"


def people(question: Paths, scope: Scope, point: dict[str, Any]) -> tuple[Statement, str]:
    """Who is behind a point ``{"step": n, "source": …, "target": …}``: a SELECT of ``who``. Without ``target`` whoever
    was at the source then, with ``"ended": true`` those that went no further; ``{}`` is everybody with a way. Raises
    ValueError if there is no such point."""
    st = Statement(scope)
    ways = _ways(st, question)
    if not point:
        return st, f"SELECT DISTINCT who FROM ({ways})"
    step = int(point["step"])
    if not 1 <= step <= question.max_steps:
        raise ValueError("no such step")
    place = f"{step} - first"
    where = [f"{place} BETWEEN 1 AND length(way)", f"way[{place}] = {st.value(str(point['source']))}"]
    if (target := point.get("target")) is not None:
        where += [f"{place} < length(way)", f"way[{place} + 1] = {st.value(str(target))}"]
    elif point.get("ended"):
        where.append(f"{place} = length(way)")
    return st, f"SELECT DISTINCT who FROM ({ways}) WHERE {' AND '.join(where)}"
