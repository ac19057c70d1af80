"""Learning from events what users and customers are: one write a batch for each of them, however many events."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from tongpin.kernel.search import documents
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.analytics import identity, profiles
from tongpin.modules.analytics.actions.identity import know, lock
from tongpin.modules.analytics.models import Customer, DistinctId
from tongpin.modules.analytics.profiles import Changes
from tongpin.modules.analytics.wire.record import ProfileChange

KIND, KEY = 100, 400
"""Longest kind and key of a customer; what is longer is cut."""
_FINE = timedelta(minutes=1)
"""A customer that is seen all the time is written so often."""
CustomerKey = tuple[str, str]


@dataclass(slots=True)
class Told:
    """What a batch tells: changes by distinct id and by customer, and from when to when customers were seen
    (milliseconds since 1970)."""

    persons: dict[str, Changes] = field(default_factory=dict)
    customers: dict[CustomerKey, Changes] = field(default_factory=dict)
    seen: dict[CustomerKey, tuple[int, int]] = field(default_factory=dict)

    def add(self, row: dict[str, Any], at: int) -> None:
        """Take in one event, as ``wire.record.dump`` writes it; ``at`` is the time it counts by."""
        if "n" in row:
            said = profiles.changes(ProfileChange(**row["n"]), [at, row["u"]])
            held = self.persons.get(row["d"])
            self.persons[row["d"]] = said if held is None else profiles.merge(held, said)
        for kind, key in row.get("c", {}).items():
            self._see(customer_key(kind, key), at)
        if "g" in row:
            kind, key, change = row["g"]
            which = customer_key(kind, key)
            said = profiles.changes(ProfileChange(**change), [at, row["u"]])
            self.customers[which] = profiles.merge(self.customers.get(which, {}), said)
            self._see(which, at)

    def _see(self, which: CustomerKey, at: int) -> None:
        first, last = self.seen.get(which, (at, at))
        self.seen[which] = min(first, at), max(last, at)


def customer_key(kind: str, key: str) -> CustomerKey:
    """Kind and key as a row keeps them."""
    return kind.replace("\0", "�")[:KIND], key.replace("\0", "�")[:KEY]


def learn_persons(workspace: Workspace, told: dict[str, Changes]) -> None:
    """Take in what a batch says of persons. Inside a transaction; doing it again changes nothing."""
    if not told:
        return
    lock(workspace)
    new = {identity.did(distinct_id): changes for distinct_id, changes in told.items()}
    rows = DistinctId.objects.filter(workspace=workspace, did__in=new)
    held = dict(rows.values_list("did", "changes"))
    know(workspace, {number: text for text in told if (number := identity.did(text)) not in held})
    write = {}
    for number, changes in new.items():
        before = held.get(number, {})
        after = profiles.merge(before, profiles.clean(changes))
        if after != before:
            write[number] = json.dumps(after, ensure_ascii=False)
    if write:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE analytics_distinctid AS kept SET changes = new.changes, revision = revision + 1
                FROM unnest(%s::bigint[], %s::jsonb[]) AS new (did, changes)
                WHERE kept.workspace_id = %s AND kept.did = new.did
                """,
                [list(write), list(write.values()), workspace.pk],
            )


def learn_customers(
    workspace: Workspace, told: dict[CustomerKey, Changes], seen: dict[CustomerKey, tuple[int, int]]
) -> None:
    """Take in what a batch says of customers. Inside a transaction; doing it again changes nothing."""
    if not seen:
        return
    lock(workspace)
    held = {(row.kind, row.key): row for row in _held(workspace, seen)}
    made: list[Customer] = []
    changed: list[Customer] = []
    renamed: list[Customer] = []
    for which, (first, last) in sorted(seen.items()):
        row = held.get(which)
        fresh = row is None
        if row is None:
            row = Customer(
                workspace=workspace,
                kind=which[0],
                key=which[1],
                first_seen_at=_at(first),
                last_seen_at=_at(last),
            )
        title = row.title
        if _apply(row, told.get(which), _at(first), _at(last)) or fresh:
            (made if fresh else changed).append(row)
        if not fresh and row.title != title:
            renamed.append(row)
    Customer.objects.bulk_create(made, batch_size=1000)
    Customer.objects.bulk_update(
        changed,
        ["changes", "properties", "name", "first_seen_at", "last_seen_at", "revision"],
        batch_size=500,
    )
    # No event of the workspace tells search of a customer; new ones it learns of when they are copied to the store.
    documents.index([(workspace.pk, Customer._meta.label_lower, row.public_id) for row in renamed])


def _held(workspace: Workspace, which: Iterable[CustomerKey]) -> Iterable[Customer]:
    kinds: dict[str, list[str]] = {}
    for kind, key in which:
        kinds.setdefault(kind, []).append(key)
    for kind, keys in kinds.items():
        yield from Customer.objects.filter(workspace=workspace, kind=kind, key__in=keys)


def _apply(row: Customer, told: Changes | None, first: datetime, last: datetime) -> bool:
    """Change the row by what was told; whether there is something to write."""
    changed = False
    if first < row.first_seen_at:
        row.first_seen_at, changed = first, True
    if last > row.last_seen_at + _FINE or (told and last > row.last_seen_at):
        row.last_seen_at, changed = last, True
    if told:
        after = profiles.merge(row.changes, profiles.clean(told))
        if after != row.changes:
            row.changes, row.properties = after, profiles.values(after)
            row.name, row.revision = profiles.name_of(row.properties), row.revision + 1
            changed = True
    return changed


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
