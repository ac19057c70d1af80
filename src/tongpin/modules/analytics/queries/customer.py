"""Customers, and what was done in their name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Extract, Lower, NullIf

from tongpin.kernel import clock, paging
from tongpin.kernel.errors import NotFound
from tongpin.kernel.store import client
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.models import Customer
from tongpin.modules.analytics.queries.person import person_sql, wanted
from tongpin.modules.analytics.wire.record import BOOKKEEPING, GROUP

SORTS = ("last", "first", "name")
DAYS = 30


def customers(
    actor: Actor, text: str = "", kind: str = "", sort: str = "last", cursor: str = ""
) -> paging.Page[Customer]:
    """Customers whose name, key or a property holds ``text``, of one kind or all: seen last first, new first, or by
    name."""
    rows = found(actor, text, kind).select_related("owner__user", "workspace")
    if sort == "name":
        return paging.ordered(
            rows.annotate(place=Lower(Coalesce(NullIf("name", Value("")), "key"))), ["place"], cursor
        )
    moment = F("first_seen_at") if sort == "first" else F("last_seen_at")
    # Cursors go upwards and hold whole numbers: microseconds, backwards.
    back = Cast(Extract(moment, "epoch") * Value(-1_000_000), BigIntegerField())
    return paging.ordered(rows.annotate(place=back), ["place"], cursor)


def found(actor: Actor, text: str = "", kind: str = "") -> QuerySet[Customer]:
    """The customers a search is about."""
    rows: QuerySet[Customer] = Customer.objects.visible_to(actor)
    if kind:
        rows = rows.filter(kind=kind)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(key__icontains=text) | Q(properties__icontains=text))
    return rows


def kinds(actor: Actor) -> list[str]:
    """The kinds of customers there are, by name."""
    return sorted(Customer.objects.visible_to(actor).values_list("kind", flat=True).distinct())


def customer(actor: Actor, public_id: UUID) -> Customer:
    """One customer. Raises NotFound."""
    row = (
        Customer.objects.visible_to(actor)
        .select_related("owner__user", "workspace")
        .filter(public_id=public_id)
    )
    one: Customer | None = row.first()
    if one is None:
        raise NotFound
    return one


@dataclass(frozen=True, slots=True)
class Activity:
    """Of the last ``DAYS`` days: how many users did how much; events that only say who somebody is or what a
    customer is are left out."""

    users: int = 0
    events: int = 0


def activity(workspace: UUID, which: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Activity]:
    """Activity by (kind, key), in one question. Raises StoreUnavailable, QueryTooHeavy."""
    if not which:
        return {}
    rows = client.query(
        f"""
        SELECT kind, key, uniqExact({person_sql()}) AS users, count() AS events
        FROM events ARRAY JOIN mapKeys(customers) AS kind, mapValues(customers) AS key
        WHERE workspace = {{workspace:UUID}} AND timestamp >= {{since:DateTime64(3, 'UTC')}}
          AND event NOT IN {{bookkeeping:Array(String)}}
          AND (kind, key) IN arrayZip({{kinds:Array(String)}}, {{keys:Array(String)}})
        GROUP BY kind, key
        """,  # noqa: S608  the names are ours
        {
            "workspace": workspace,
            "since": clock.now() - timedelta(days=DAYS),
            "bookkeeping": sorted(BOOKKEEPING | {GROUP}),
            "kinds": [kind for kind, _ in which],
            "keys": [key for _, key in which],
        },
    ).rows
    return {(kind, key): Activity(users, events) for kind, key, users, events in rows}


@dataclass(frozen=True, slots=True)
class User:
    """Someone who did something in a customer's name; ``person`` is UInt64, ``last_at`` UTC."""

    person: int
    name: str
    last_at: datetime
    events: int

    @property
    def handle(self) -> str:
        return f"{self.person:016x}"


def users(workspace: UUID, kind: str, key: str, limit: int = 50) -> tuple[list[User], int]:
    """Users of a customer, who was seen last first, and how many there are. Raises StoreUnavailable."""
    rows = client.query(
        f"""
        SELECT seen.person, if(known.name != '', known.name, if(known.email != '', known.email, some)), last, n, total
        FROM (
            SELECT {person_sql()} AS person, max(timestamp) AS last, any(distinct_id) AS some,
                   countIf(event NOT IN {{bookkeeping:Array(String)}}) AS n, count() OVER () AS total
            FROM events WHERE workspace = {{workspace:UUID}} AND customers[{{kind:String}}] = {{key:String}}
              AND event != {{described:String}}
            GROUP BY person ORDER BY last DESC LIMIT {{limit:UInt32}}
        ) AS seen
        LEFT ANY JOIN (
            SELECT person, name, email FROM persons FINAL WHERE workspace = {{workspace:UUID}} AND NOT deleted
        ) AS known ON known.person = seen.person
        ORDER BY last DESC, seen.person
        """,  # noqa: S608  the names are ours
        {
            "workspace": workspace,
            "described": GROUP,
            "kind": kind,
            "key": key,
            "bookkeeping": sorted(BOOKKEEPING | {GROUP}),
            "limit": limit,
        },
    ).rows
    return [User(*row[:4]) for row in rows], rows[0][4] if rows else 0


def of_person(actor: Actor, dids: Sequence[int]) -> list[tuple[str, str, Any]]:
    """The customers a user was seen in, the latest first: kind, key, and the row where there is one."""
    assert actor.workspace is not None
    rows = client.query(
        """
        SELECT kind, key FROM events ARRAY JOIN mapKeys(customers) AS kind, mapValues(customers) AS key
        WHERE workspace = {workspace:UUID} AND did IN wanted
        GROUP BY kind, key ORDER BY max(timestamp) DESC, kind, key LIMIT 20
        """,
        {"workspace": actor.workspace.public_id},
        wanted=wanted(dids),
    ).rows
    named = {
        (row.kind, row.key): row
        for row in Customer.objects.visible_to(actor)
        .filter(key__in=[key for _, key in rows])
        .select_related("workspace")
    }
    return [(kind, key, named.get((kind, key))) for kind, key in rows]
