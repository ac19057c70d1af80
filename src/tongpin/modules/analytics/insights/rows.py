"""The rows every kind starts from: events of the workspace with who did them, and by what they are broken down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from tongpin.modules.analytics.insights import conditions
from tongpin.modules.analytics.insights.schema import Breakdown, Pick, Question
from tongpin.modules.analytics.insights.statement import NONE, OTHER, Statement


def picked(st: Statement, pick: Pick) -> str:
    """Whether a row is one of the events a question picks."""
    return f"({st.done([pick.event])} AND {conditions.sql(st, pick.where)})"


def rows(
    st: Statement,
    question: Question,
    picks: Sequence[Pick],
    since: datetime | None,
    until: datetime | None,
    *,
    columns: Mapping[str, str] | None = None,
    breakdown: Breakdown | None = None,
) -> str:
    """A SELECT of the events of [since, until) that any of ``picks`` names and the question's own conditions allow.

    Columns: ``at`` (DateTime64(3, 'UTC')), ``uuid``, ``name`` of the event, ``who`` (UInt64), ``day`` (local date),
    those of ``columns`` (name to SQL on a row of ``events``), and with a ``breakdown`` ``label`` (String, NONE where
    the property is missing). What is not used costs nothing: ClickHouse does not read it.
    """
    wanted = {
        "at": "timestamp", "uuid": "uuid", "name": "toString(event)", "day": st.day(),
        "who": st.who(question.unit, question.customer_kind), **(columns or {}),
    }  # fmt: skip
    where = [st.within(since, until)]
    names = [pick.event for pick in picks]
    if None not in names:
        where.append(st.done(names))  # by itself, since the primary key serves it
    if None in names or any(pick.where for pick in picks):
        where.append("(" + " OR ".join(picked(st, pick) for pick in picks) + ")")
    where += [conditions.sql(st, question.where), st.counts(question.unit, question.customer_kind)]
    join = ""
    if breakdown is not None:
        wanted["label"], join = _label(st, question, breakdown)
    shown = ", ".join(f"{sql} AS {name}" for name, sql in wanted.items())
    return f"SELECT {shown} FROM events {join} WHERE {' AND '.join(part for part in where if part != '1')}"


def _label(st: Statement, question: Question, by: Breakdown) -> tuple[str, str]:
    """What a row is broken down by, and the join it takes."""
    if by.on == "segment":
        return in_segments(st, by), ""
    if by.on == "event":
        return f"ifNull({st.text(by.property)}, '{NONE}')", ""
    text, _raw = st.told(by.property)
    if by.on == "person":
        table, key, kind = "persons", "person", "1"
        own = st.person
    else:
        table, key = "customers", "key"
        kind = f"kind = {st.value(question.customer_kind)}"
        own = f"customers[{st.value(question.customer_kind)}]"
    found = (
        f"SELECT {key} AS known_key, {text} AS known_label FROM {table} FINAL"
        f" WHERE workspace = {{workspace:UUID}} AND NOT deleted AND {kind}"
    )
    return f"ifNull(known_label, '{NONE}')", f"LEFT ANY JOIN ({found}) AS known ON known_key = {own}"


def in_segments(st: Statement, by: Breakdown) -> str:
    """The first segment that holds whoever did a row of ``events``, by its id, or NONE."""
    found = ", ".join(f"{st.in_segment(each)}, {st.value(str(each))}" for each in by.segments)
    return f"multiIf({found}, '{NONE}')"


def grouped(label: str, top: str) -> str:
    """``label`` where it is one of ``top`` (a SELECT of labels), else OTHER."""
    return f"if({label} IN ({top}), {label}, '{OTHER}')"
