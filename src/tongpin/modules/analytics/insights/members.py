"""Who is in a segment, as SQL: a SELECT of ``who`` (UInt64), as ``running.people`` has it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from tongpin.kernel.errors import Invalid
from tongpin.modules.analytics.insights import conditions
from tongpin.modules.analytics.insights.conditions import Condition, InSegment
from tongpin.modules.analytics.insights.rows import rows
from tongpin.modules.analytics.insights.schema import AnyQuestion, Lifecycle, Pick
from tongpin.modules.analytics.insights.scope import DAY, Scope
from tongpin.modules.analytics.insights.segment import Behind, Did, Parts, Rule
from tongpin.modules.analytics.insights.statement import Statement
from tongpin.modules.analytics.queries.person import person_sql

People = Callable[[AnyQuestion, Scope, dict[str, Any]], tuple[Statement, str]]
_COMPARED = {"gte": ">=", "lte": "<=", "eq": "="}


@dataclass(frozen=True, slots=True)
class Known:
    """A segment that can be asked about. ``rule`` None is a list, whose members lie in the store. ``people`` says who
    is behind a number (``running.people``)."""

    id: UUID
    name: str
    unit: str
    customer_kind: str
    rule: Rule | None
    people: People

    def members(self, st: Statement) -> str:
        """Those in it at the scope's day, each once. Raises Invalid for a date or a point there is not."""
        everybody = all_of(st, self.unit, self.customer_kind)
        if self.rule is None:
            return f"SELECT who FROM ({everybody}) WHERE who IN ({_listed(st, self)})"
        try:
            where = _Rule(st, self.rule, self.people).sql(self.rule.who)
        except ValueError as problem:
            raise Invalid(
                _("This rule cannot be asked: %(problem)s") % {"problem": problem}, code="rule_unanswerable",
                hint=_("Change its dates."),
            ) from problem  # fmt: skip
        return f"SELECT who FROM ({everybody}) WHERE {where}"


def at(scope: Scope, day: date) -> Scope:
    """The scope as it was at the end of a local day; today's is now."""
    if day >= scope.today:
        return scope
    end = scope.midnight(day + DAY)
    return Scope(
        scope.workspace, scope.zone, scope.week_start, end - timedelta(milliseconds=1), scope.segments, end
    )


def all_of(st: Statement, unit: str, kind: str) -> str:
    """All users there were, or all customers of a kind anything was done in the name of, each once."""
    if unit == "user":
        seen = f" HAVING min(first_at) < {st.instant(st.scope.until)}" if st.scope.until else ""
        return f"SELECT {person_sql()} AS who FROM ids_seen WHERE workspace = {{workspace:UUID}} GROUP BY who{seen}"
    return (
        f"SELECT DISTINCT {st.who(unit, kind)} AS who FROM events"
        f" WHERE {st.within(None, None)} AND {st.counts(unit, kind)}"
    )


def _listed(st: Statement, known: Known) -> str:
    """Those put on the list, whatever an id has become part of since."""
    who = person_sql("who") if known.unit == "user" else "who"
    return (
        f"SELECT {who} AS member FROM segment_members"
        f" WHERE workspace = {{workspace:UUID}} AND segment = {st.value(known.id, 'UUID')}"
    )


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule on its way into a statement: conditions on ``who``, never NULL."""

    st: Statement
    rule: Rule
    people: People

    def sql(self, part: Any) -> str:
        if isinstance(part, Parts):
            if not part.of:
                return "1"
            glue = " AND " if part.match == "all" else " OR "
            return "(" + glue.join(self.sql(each) for each in part.of) + ")"
        if isinstance(part, Did):
            holds = self._did(part)
            return holds if part.done else f"NOT ({holds})"
        if isinstance(part, Condition):
            return self._told(part)
        inside = self._in_segment(part) if isinstance(part, InSegment) else self._behind(part)
        return f"who {'NOT IN' if part.op == 'not_in' else 'IN'} ({inside})"

    def _told(self, where: Condition) -> str:
        found, negative = conditions.told_by(self.st, where)
        if self.rule.unit == "customer":
            found = f"SELECT sipHash64(key) FROM ({found})"
        return f"who {'NOT IN' if negative else 'IN'} ({found})"

    def _in_segment(self, part: InSegment) -> str:
        return self.st.scope.segments[part.segment].members(self.st)

    def _did(self, part: Did) -> str:
        """``who`` did it so many times: those who never did count as 0 times."""
        n = part.times
        if part.op == "gte" and not n:
            return "1"
        if (
            part.op == "lte" or not n
        ):  # who is in it is named by who is not: nobody's 0 times are in the store
            return f"who NOT IN ({self._times(part, f'> {n}')})"
        return f"who IN ({self._times(part, f'{_COMPARED[part.op]} {n}')})"

    def _times(self, part: Did, compared: str) -> str:
        question = Lifecycle(
            unit=self.rule.unit,
            customer_kind=self.rule.customer_kind,
            first=part.first or "1971-01-01",
            last=part.last,
            interval="month",
        )
        span = question.range(self.st.scope)
        since = span.since if part.first is not None else None
        found = rows(self.st, question, [Pick(event=part.event, where=part.where)], since, span.until)
        return f"SELECT who FROM ({found}) GROUP BY who HAVING count() {compared}"

    def _behind(self, part: Behind) -> str:
        """The other statement inside this one, its parameters under names of their own."""
        inner, sql = self.people(part.question, self.st.scope, part.point)
        prefix = f"b{len(self.st.parameters)}_"
        named = {name: f"{prefix}{name}" for name in inner.parameters if name != "workspace"}
        self.st.parameters.update({new: inner.parameters[old] for old, new in named.items()})
        own = re.sub(r"\{(\w+):", lambda found: f"{{{named.get(found[1], found[1])}:", sql)
        return f"SELECT who FROM ({own})"
