"""What the store has of the events that were taken: whose they are, and in the name of which customer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from clickhouse_connect.driver.client import Client

from tongpin.modules.analytics.queries.person import person_sql


@dataclass(frozen=True, slots=True)
class Kept:
    """``rows`` are (uuid, event, distinct id, customers, person), every row there is, by uuid."""

    rows: list[tuple[str, str, str, dict[str, str], int]]
    ids: dict[int, set[str]]
    """Of each person the ids that events came with or that are known of it."""
    profiles: dict[int, dict[str, Any]]
    customers: dict[tuple[str, str], dict[str, Any]]

    def people(self, *named: str) -> dict[frozenset[str], list[str]]:
        """The events of each person by its ids: names in order. ``named``: only persons who have one of these ids."""
        found: dict[frozenset[str], list[str]] = {frozenset(ids): [] for ids in self.ids.values()}
        for _uuid, event, _did, _customers, person in self.rows:
            found[frozenset(self.ids[person])].append(event)
        return {
            ids: sorted(events) for ids, events in found.items() if not named or not ids.isdisjoint(named)
        }

    def profile(self, distinct_id: str) -> dict[str, Any]:
        """What is known of the person with this id."""
        return next(
            (self.profiles.get(person, {}) for person, ids in self.ids.items() if distinct_id in ids), {}
        )


def read(store: Client, workspace: UUID) -> Kept:
    """All of the workspace. Asks as the product does, through the dictionary of persons."""
    given = {"workspace": workspace}

    def rows(sql: str) -> list[Any]:
        return list(store.query(sql, parameters=given).result_rows)

    events = rows(
        f"SELECT toString(uuid), event, distinct_id, customers, {person_sql()} FROM events"
        " WHERE workspace = {workspace:UUID} ORDER BY 1"
    )
    ids: dict[int, set[str]] = {}
    for person, distinct_id in rows(
        f"SELECT DISTINCT {person_sql()}, distinct_id FROM events WHERE workspace = {{workspace:UUID}}"
    ):
        ids.setdefault(person, set()).add(distinct_id)
    profiles = {}
    for person, known, properties in rows(
        "SELECT person, ids, properties FROM persons FINAL WHERE workspace = {workspace:UUID} AND NOT deleted"
    ):
        ids.setdefault(person, set()).update(known)
        profiles[person] = json.loads(properties)
    customers = {
        (kind, key): json.loads(properties)
        for kind, key, properties in rows(
            "SELECT kind, key, properties FROM customers FINAL WHERE workspace = {workspace:UUID} AND NOT deleted"
        )
    }
    return Kept(events, ids, profiles, customers)
