"""Customers behind a number of an insight, and how many there are; users: ``person.seen``. Callers have checked that
the actor may see them."""

from __future__ import annotations

from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.insights.statement import Statement
from tongpin.modules.analytics.models import Customer

LIMIT = 50


def count(st: Statement, who: str) -> int:
    """How many they are. Raises StoreUnavailable, QueryTooHeavy."""
    return int(st.ask(f"SELECT uniqExact(who) FROM ({who})").rows[0][0])  # noqa: S608


def customers(
    actor: Actor, st: Statement, who: str, kind: str, after: str = ""
) -> tuple[list[Customer], str | None]:
    """Customers of a kind by their key, from the one after ``after``, and the key to go on after (None at the end)."""
    found = st.ask(
        f"SELECT DISTINCT customers[{st.value(kind)}] AS key FROM events WHERE workspace = {{workspace:UUID}}"  # noqa: S608
        f" AND key > {st.value(after)} AND sipHash64(key) IN ({who}) ORDER BY key LIMIT {LIMIT + 1}"
    )
    keys = [key for (key,) in found.rows]
    rows = Customer.objects.visible_to(actor).filter(kind=kind, key__in=keys[:LIMIT]).order_by("key")
    return list(rows), keys[LIMIT - 1] if len(keys) > LIMIT else None
