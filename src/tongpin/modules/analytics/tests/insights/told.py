"""Small made-up histories put straight into the store, and questions about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, settings

from tongpin.kernel.store import client
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.scope import Scope

ZONE = "Asia/Shanghai"
bounded = settings(
    max_examples=30,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""How random questions are asked: the same ones on every machine, so many of them, however long each takes."""
COLUMNS = (
    *(
        "workspace",
        "source",
        "uuid",
        "event",
        "distinct_id",
        "timestamp",
        "client_at",
        "received_at",
        "session",
    ),
    *("customers", "browser", "utm_source"),
)


@dataclass(frozen=True)
class Happened:
    """One event: ``at`` in milliseconds since ``zero``, ``number`` its uuid, ``browser`` the property
    $browser, ``utm`` utm_source."""

    who: str
    name: str
    at: int
    number: int
    browser: str | None = None
    customer: str = ""
    utm: str | None = None

    @property
    def order(self) -> tuple[int, int]:
        return self.at, self.number


ZERO = datetime(2026, 3, 1, 16, tzinfo=UTC)  # local midnight, the second of March


def put(events: Sequence[Happened], zero: datetime = ZERO) -> Scope:
    """Have them in the store in a workspace of their own, in the order given."""
    workspace = uuid4()
    rows = []
    for each in events:
        at = zero + timedelta(milliseconds=each.at)
        customers = {"company": each.customer} if each.customer else {}
        rows.append(
            (
                workspace,
                UUID(int=1),
                UUID(int=each.number),
                each.name,
                each.who,
                at,
                at,
                at,
                "",
                customers,
                each.browser,
                each.utm,
            )
        )
    if rows:
        client.insert("events", rows, COLUMNS)
    return Scope(workspace, ZONE, 0, datetime(2026, 4, 1, tzinfo=UTC))


def ask(said: dict[str, Any], scope: Scope) -> dict[str, Any]:
    """The answer, by the same schema as pages and programs."""
    return running.answer(running.read(said), scope).result


def behind(said: dict[str, Any], scope: Scope, point: dict[str, Any]) -> int:
    """How many there are behind a point, each told once."""
    st, sql = running.people(running.read(said), scope, point)
    [(rows, different)] = st.ask(f"SELECT count(), uniqExact(who) FROM ({sql})").rows
    assert rows == different
    return int(rows)
