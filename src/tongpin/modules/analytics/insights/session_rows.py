"""Sessions as SPEC §6 has them, one row each: what a user did with no gap of more than 30 minutes, cut where an event
comes 24 hours or more after the session's first. A session belongs to the local date of its first event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from tongpin.modules.analytics.insights import conditions
from tongpin.modules.analytics.insights.schema import Question, VisitCondition
from tongpin.modules.analytics.insights.scope import Range
from tongpin.modules.analytics.insights.statement import Statement

GAP = timedelta(minutes=30)
LONGEST = timedelta(hours=24)
PAGEVIEW = "$pageview"
_LOOKBACKS = (timedelta(days=1), timedelta(days=8), timedelta(days=64))
_GAP, _LONGEST = round(GAP.total_seconds() * 1000), round(LONGEST.total_seconds() * 1000)


def sessions(
    st: Statement,
    question: Question,
    span: Range,
    columns: Mapping[str, str] | None = None,
    visit: Sequence[VisitCondition] = (),
) -> str:
    """A SELECT with one row for each session that began in the range and has an event the question's conditions allow.
    Of the whole session ``visit`` must hold.

    Columns: ``person`` (UInt64), ``started`` and ``ended`` (DateTime64(3, 'UTC')) of the whole session; and of those
    events of it that the conditions allow, in order (time, uuid), the arrays ``at`` (DateTime64(3, 'UTC')), ``name``
    and those of ``columns`` (name to SQL on a row of ``events``); ``who`` (UInt64) is the first one's unit. Where
    customers are counted, events in no customer's name are left out in the same way. Bookkeeping is in no session.
    The store is asked first how far before the range a session may have begun. Raises StoreUnavailable, QueryTooHeavy.
    """
    kept = " AND ".join(
        part
        for part in (
            conditions.sql(st, question.where),
            st.counts(question.unit, question.customer_kind),
        )
        if part != "1"
    )
    whole = question.unit == "user" and not kept
    wanted = {"at": "timestamp", "name": "toString(event)", **(columns or {})}
    if question.unit != "user":
        wanted["unit"] = st.who(question.unit, question.customer_kind)
    asked = [conditions.parted(each) for each in visit]
    flags = [conditions.sql(st, positive) for positive, _negative in asked]
    row = ", ".join(
        ["toUnixTimestamp64Milli(timestamp)", "toUInt128(uuid)", kept or "1", *wanted.values(), *flags]
    )
    where = f"{st.within(_anchor(st, span.since), span.until + LONGEST)} AND {st.done([None])}"
    by_person = (
        f"SELECT {st.person} AS person, arraySort(groupArray(({row}))) AS found"
        f" FROM events WHERE {where} GROUP BY person"
    )
    islands = (
        "SELECT person, arrayJoin(arraySplit((e, gap) -> gap > "
        f"{_GAP}, found, arrayDifference(found.1))) AS island FROM ({by_person})"
    )
    # Where an unbroken stretch is cut: its first event, then the first that is 24 hours after the last cut, and so on.
    cuts = (
        f"SELECT person, island, arrayFold((cuts, k) -> arrayPushBack(cuts, arrayFirst(t -> t >= cuts[-1] + {_LONGEST},"
        f" island.1)), range(intDiv(island.1[-1] - island.1[1], {_LONGEST})), [island.1[1]]) AS cuts FROM ({islands})"
    )
    cut = (
        "SELECT person, arrayJoin(arraySplit((e, t, step) -> step > 0 AND has(cuts, t), island, island.1,"
        f" arrayDifference(island.1))) AS session FROM ({cuts})"
    )
    events = "session" if whole else "arrayFilter(e -> e.3 != 0, session)"
    holds = "".join(
        f" AND {'NOT ' if negative else ''}{_holds(each.at, 4 + len(wanted) + at)}"
        for at, (each, (_positive, negative)) in enumerate(zip(visit, asked, strict=True))
    )
    ended = (
        f"SELECT person, fromUnixTimestamp64Milli(session.1[1], 'UTC') AS started,"
        f" fromUnixTimestamp64Milli(session.1[-1], 'UTC') AS ended, {events} AS events FROM ({cut})"
        f" WHERE started >= {st.instant(span.since)} AND started < {st.instant(span.until)} AND notEmpty(events){holds}"
    )
    shown = ", ".join(f"events.{place} AS {name}" for place, name in enumerate(wanted, 4))
    who = "person" if question.unit == "user" else f"events.{3 + len(wanted)}[1]"
    return f"SELECT person, {who} AS who, started, ended, {shown} FROM ({ended})"


def _holds(at: str, place: int) -> str:
    """Whether a flag of the events of a session is set where a condition looks; on a page view that is not there it is
    not."""
    if at == "any":
        return f"arrayExists(e -> e.{place} != 0, session)"
    if at == "first":
        return f"(session[1].{place} != 0)"
    which = "arrayFirst" if at == "entry" else "arrayLast"
    return f"({which}(e -> e.5 = '{PAGEVIEW}', session).{place} != 0)"


def _anchor(st: Statement, since: datetime) -> datetime | None:
    """From when on rows are read so that every session under way at ``since`` is known from its first event: the
    nearest moment from which nobody has gone on without a gap until then. None: from the first event of all."""
    for back in _LOOKBACKS:
        begin = since - back
        first, last = st.instant(begin + GAP), st.instant(since - GAP)
        unbroken = (
            f"SELECT {st.person} AS person FROM events WHERE {st.within(begin, since)} AND {st.done([None])}"
            f" GROUP BY person HAVING min(timestamp) < {first} AND max(timestamp) >= {last}"
            " AND arrayMax(arrayDifference(arraySort(groupArray(toUnixTimestamp64Milli(timestamp)))))"
            f" <= {_GAP}"
        )
        if not st.ask(f"SELECT 1 FROM ({unbroken}) LIMIT 1").rows:
            return begin
    return None
