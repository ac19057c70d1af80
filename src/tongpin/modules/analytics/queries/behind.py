"""Users or customers behind a number of an insight. Callers have checked that the actor may see them."""

from __future__ import annotations

from tongpin.kernel.store import client
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.insights.statement import Statement
from tongpin.modules.analytics.models import Customer
from tongpin.modules.analytics.queries.person import Seen, as_shown

LIMIT = 50


def count(st: Statement, who: str) -> int:
    """How many they are. Raises StoreUnavailable, QueryTooHeavy."""
    return int(client.query(f"SELECT uniqExact(who) FROM ({who})", st.parameters).rows[0][0])  # noqa: S608


def users(st: Statement, who: str, after: int = 0) -> tuple[list[Seen], int | None]:
    """Users by their hash (UInt64), from the one after ``after``, and the hash to go on after (None at the end)."""
    found = client.query(
        f"""
        SELECT person, first, last, known.name, known.email, if(empty(known.ids), some, known.ids) AS shown
        FROM (
            SELECT {st.person} AS person, min(first_at) AS first, max(last_at) AS last,
                   groupUniqArray(5)(distinct_id) AS some
            FROM ids_seen WHERE workspace = {{workspace:UUID}} GROUP BY person
            HAVING person > {st.value(after, "UInt64")} AND person IN ({who})
            ORDER BY person LIMIT {LIMIT + 1}
        ) AS seen
        LEFT ANY JOIN (
            SELECT person, ids, name, email FROM persons FINAL WHERE workspace = {{workspace:UUID}} AND NOT deleted
        ) AS known ON known.person = seen.person
        ORDER BY person
        """,  # noqa: S608  put together from our own pieces
        st.parameters,
    )
    rows = [
        Seen(person, sorted(ids, key=as_shown), name, email, first, last)
        for person, first, last, name, email, ids in found.rows
    ]
    return rows[:LIMIT], rows[LIMIT - 1].person if len(rows) > LIMIT else None


def customers(
    actor: Actor, st: Statement, who: str, kind: str, after: str = ""
) -> tuple[list[Customer], str | None]:
    """Customers of a kind by their key, from the one after ``after``, and the key to go on after (None at the end)."""
    found = client.query(
        f"SELECT DISTINCT customers[{st.value(kind)}] AS key FROM events WHERE workspace = {{workspace:UUID}}"  # noqa: S608
        f" AND key > {st.value(after)} AND sipHash64(key) IN ({who}) ORDER BY key LIMIT {LIMIT + 1}",
        st.parameters,
    )
    keys = [key for (key,) in found.rows]
    rows = Customer.objects.visible_to(actor).filter(kind=kind, key__in=keys[:LIMIT]).order_by("key")
    return list(rows), keys[LIMIT - 1] if len(keys) > LIMIT else None
