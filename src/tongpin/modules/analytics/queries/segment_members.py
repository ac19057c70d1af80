"""Who is in a segment, counted, in pieces for a page, and row by row for a file. Callers have checked that the actor
may see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.kernel.store import client
from tongpin.modules.analytics.enums import Subject
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.members import Known, all_of
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.insights.segment import Rule
from tongpin.modules.analytics.insights.statement import Statement
from tongpin.modules.analytics.models import Segment
from tongpin.modules.analytics.queries import behind, segment_rules

AT_ONCE = 20_000
_LONG = {"max_execution_time": 120}


def of(row: Segment, scope: Scope) -> tuple[Statement, str]:
    """Its members now: a SELECT of ``who``. Raises Invalid if it asks about a segment that is gone."""
    found = segment_rules.known(scope.workspace, [row.public_id], running.people)
    st = Statement(Scope(scope.workspace, scope.zone, scope.week_start, scope.as_of, found))
    return st, found[row.public_id].members(st)


def of_rule(rule: Rule, scope: Scope) -> tuple[Statement, str]:
    """Who fulfils a rule that nobody keeps yet. Raises Invalid."""
    ready = segment_rules.ready(rule, scope, running.people)
    known = Known(scope.workspace, "", rule.unit, rule.customer_kind, rule, running.people)
    segment_rules.depth(known.id, {**ready.segments, known.id: known})  # type: ignore[dict-item]
    st = Statement(ready)
    return st, known.members(st)


def everybody(unit: str, kind: str, scope: Scope) -> int:
    """Of how many it is a part: all users, or all customers of a kind. Raises StoreUnavailable, QueryTooHeavy."""
    st = Statement(scope)
    return behind.count(st, all_of(st, unit, kind))


def table(row: Segment, scope: Scope) -> Iterator[Sequence[str]]:
    """Every member as a line of text, after a heading; times are local to the workspace."""
    if row.unit == Subject.USER:
        yield [_("User"), "ID", _("Name"), _("E-mail"), _("First seen"), _("Last seen")]
    else:
        yield [pgettext("customer", "Key"), _("Name")]
    for line in lines(row, scope):
        yield [
            each.astimezone(scope.tz).strftime("%Y-%m-%d %H:%M:%S")
            if isinstance(each, datetime)
            else str(each)
            for each in line
        ]


def lines(row: Segment, scope: Scope) -> Iterator[Sequence[Any]]:
    """Every member: of a user its handle, ids, name, address, first and last seen; of a customer its key and name.
    Asked for in pieces, so that no process holds them all. Raises StoreUnavailable, QueryTooHeavy."""
    st, who = of(row, scope)
    if row.unit == Subject.CUSTOMER:
        yield from _customers(st, who, row.customer_kind)
        return
    after = -1
    while True:
        found = client.query(
            f"""
            SELECT person, known.ids, some, known.name, known.email, first, last FROM (
                SELECT {st.person} AS person, groupUniqArray(5)(distinct_id) AS some,
                       min(first_at) AS first, max(last_at) AS last
                FROM ids_seen WHERE workspace = {{workspace:UUID}}
                GROUP BY person HAVING person > {{after:Int128}} AND person IN ({who})
                ORDER BY person LIMIT {AT_ONCE}
            ) AS seen
            LEFT ANY JOIN (
                SELECT person, ids, name, email FROM persons FINAL
                WHERE workspace = {{workspace:UUID}} AND NOT deleted
            ) AS known ON known.person = seen.person
            ORDER BY person
            """,  # noqa: S608  ours
            {**st.parameters, "after": after},
            options=_LONG,
        ).rows
        for person, ids, some, name, email, first, last in found:
            yield f"{person:016x}", " ".join(sorted(ids or some)), name, email, first, last
        if len(found) < AT_ONCE:
            return
        after = found[-1][0]


def _customers(st: Statement, who: str, kind: str) -> Iterator[Sequence[Any]]:
    place, after = st.value(kind), ""
    while True:
        found = client.query(
            f"""
            SELECT key, known.name FROM (
                SELECT DISTINCT customers[{place}] AS key FROM events
                WHERE workspace = {{workspace:UUID}} AND key > {{after:String}} AND sipHash64(key) IN ({who})
                ORDER BY key LIMIT {AT_ONCE}
            ) AS seen
            LEFT ANY JOIN (
                SELECT key AS known_key, name FROM customers FINAL
                WHERE workspace = {{workspace:UUID}} AND kind = {place} AND NOT deleted
            ) AS known ON known_key = key
            ORDER BY key
            """,  # noqa: S608  ours
            {**st.parameters, "after": after},
            options=_LONG,
        ).rows
        yield from found
        if len(found) < AT_ONCE:
            return
        after = found[-1][0]
