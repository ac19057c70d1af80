"""Who is on the sites now, and which sites there are. Callers have checked that the actor may see the events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tongpin.modules.analytics.insights import conditions
from tongpin.modules.analytics.insights.scope import Range, Scope
from tongpin.modules.analytics.insights.session_rows import PAGEVIEW
from tongpin.modules.analytics.insights.statement import Statement
from tongpin.modules.analytics.models import EventName

RECENT, LATELY = timedelta(minutes=5), timedelta(minutes=30)
MOST_PAGES = 8
MOST_HOSTS = 30


@dataclass(frozen=True, slots=True)
class Now:
    """Users with an event in the last RECENT and LATELY; page views in each of the last minutes, the oldest first; the
    pages people saw last within RECENT, and how many did."""

    recent: int
    lately: int
    minutes: list[int]
    pages: list[tuple[str, int]]


def now(scope: Scope, where: list[dict[str, Any]]) -> Now:
    """What is going on at ``scope.as_of``. Raises StoreUnavailable, QueryTooHeavy."""
    st = Statement(scope)
    begun, until = scope.as_of - LATELY, scope.as_of + timedelta(seconds=1)
    kept = conditions.sql(st, conditions.Group.model_validate({"of": where}))
    rows = f"FROM events WHERE {st.within(begun, until)} AND {st.done([None])} AND {kept}"
    since = st.instant(scope.as_of - RECENT)
    zero = st.value(round(begun.timestamp() * 1000), "Int64")
    view = f"event = '{PAGEVIEW}'"
    minutes = round(LATELY.total_seconds() / 60)
    [(recent, lately, seen)] = st.ask(
        f"SELECT uniqExactIf({st.person}, timestamp >= {since}), uniqExact({st.person}),"
        f" sumMapIf([intDiv(toUnixTimestamp64Milli(timestamp) - {zero}, 60000)], [toUInt64(1)], {view}) {rows}"
    ).rows
    by_minute = [0] * minutes
    for minute, views in zip(*seen, strict=True):
        by_minute[min(minute, minutes - 1)] += views
    last = (
        f"SELECT argMax(ifNull(path, ''), timestamp) AS page {rows} AND {view} AND timestamp >= {since}"
        f" GROUP BY {st.person}"
    )
    pages = st.ask(
        f"SELECT page, count() AS people FROM ({last}) GROUP BY page ORDER BY people DESC, page LIMIT {MOST_PAGES}"  # noqa: S608
    ).rows
    return Now(recent, lately, by_minute, [(page, people) for page, people in pages])


def hosts(scope: Scope, span: Range) -> list[str]:
    """The hosts whose pages were seen in the range, the most seen first, at most MOST_HOSTS. Raises StoreUnavailable,
    QueryTooHeavy."""
    st = Statement(scope)
    found = st.ask(
        f"SELECT host, count() AS views FROM events WHERE {st.within(span.since, span.until)} AND event = '{PAGEVIEW}'"  # noqa: S608
        f" AND host != '' GROUP BY host ORDER BY views DESC, host LIMIT {MOST_HOSTS}"
    )
    return [host for host, _views in found.rows]


def any_page_seen(scope: Scope) -> bool:
    """Whether any page view ever came in, by the catalogue."""
    rows = EventName.objects.filter(workspace__public_id=scope.workspace, name=PAGEVIEW)
    return rows.exclude(first_seen_at=None).exists()
