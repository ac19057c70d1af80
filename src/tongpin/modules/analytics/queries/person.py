"""Users as the store knows them. Callers have checked that the actor may see the workspace.

SQL about persons takes the workspace as the parameter ``workspace`` (``{workspace:UUID}``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from tongpin.kernel.errors import NotFound
from tongpin.kernel.store import client
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.analytics import identity, profiles
from tongpin.modules.analytics.models import DistinctId


def person_sql(did: str = "did") -> str:
    """The person of a row as an expression: UInt64, right for every row of a merged id, before and after the link.

    ``did`` is the expression of the id's hash. The statement needs the parameter ``workspace``.
    """
    return f"dictGetOrDefault('person_of', 'person', bitXor({did}, sipHash64({{workspace:UUID}})), {did})"


@dataclass(frozen=True, slots=True)
class Seen:
    """A line of the list of users: ``person`` is its hash (UInt64), times are UTC."""

    person: int
    ids: list[str]
    name: str
    email: str
    first_at: datetime
    last_at: datetime

    @property
    def handle(self) -> str:
        """What its page's address names it by."""
        return f"{self.person:016x}"

    @property
    def title(self) -> str:
        """What it is called: name, address, or the id it is known by."""
        return self.name or self.email or (self.ids[0] if self.ids else self.handle)

    @property
    def known(self) -> bool:
        """Whether anything but an id is known of it."""
        return bool(self.name or self.email)


_HANDLE = re.compile(r"[0-9a-f]{16}")


def parse_handle(text: str) -> int | None:
    """The person a page's address names (UInt64); None if it is no such name."""
    return int(text, 16) if _HANDLE.fullmatch(text) else None


LIMIT = 50
Cursor = tuple[datetime, int]


def seen(
    workspace: UUID,
    text: str = "",
    after: Cursor | None = None,
    limit: int = LIMIT,
    among: tuple[str, Mapping[str, Any]] | None = None,
) -> tuple[list[Seen], Cursor | None]:
    """Users by when they were seen last, the latest first, and the cursor of the next piece (None at the end).

    ``text`` finds in ids, names and addresses whatever the case. ``among``: only these, a SELECT of persons (UInt64)
    and its parameters. Raises StoreUnavailable, QueryTooHeavy.
    """
    chosen, given = among or ("", {})
    after_at, after_person = after or (None, 0)
    found = client.query(
        f"""
        SELECT person, first, last, known.name, known.email,
               if(empty(known.ids), some, known.ids) AS shown
        FROM (
            SELECT {person_sql()} AS person, min(first_at) AS first, max(last_at) AS last,
                   groupUniqArray(5)(distinct_id) AS some,
                   max(positionCaseInsensitiveUTF8(distinct_id, {{text:String}})) AS hit
            FROM ids_seen WHERE workspace = {{workspace:UUID}} GROUP BY person
            {f"HAVING person IN ({chosen})" if chosen else ""}
        ) AS seen
        LEFT ANY JOIN (
            SELECT person, ids, name, email FROM persons FINAL
            WHERE workspace = {{workspace:UUID}} AND NOT deleted
        ) AS known ON known.person = seen.person
        WHERE ({{text:String}} = '' OR hit > 0
               OR positionCaseInsensitiveUTF8(known.name, {{text:String}}) > 0
               OR positionCaseInsensitiveUTF8(known.email, {{text:String}}) > 0)
          AND ({{whole:UInt8}} OR (last, person) < (fromUnixTimestamp64Milli({{at:Int64}}, 'UTC'), {{person:UInt64}}))
        ORDER BY last DESC, person DESC
        LIMIT {{limit:UInt32}}
        """,  # noqa: S608  the names are ours
        {
            **given,
            "workspace": workspace,
            "text": text,
            "whole": int(after is None),
            "at": round(after_at.timestamp() * 1000) if after_at else 0,
            "person": after_person,
            "limit": limit + 1,
        },
    )
    rows = [
        Seen(person, sorted(ids, key=_as_shown), name, email, first, last)
        for person, first, last, name, email, ids in found.rows
    ]
    more = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], (more.last_at, more.person) if more else None


def _as_shown(distinct_id: str) -> tuple[int, str]:
    """What a person gave themselves is short; what a machine made is long."""
    return len(distinct_id), distinct_id


@dataclass(frozen=True, slots=True)
class Id:
    """One id of a user. ``did`` is its hash (UInt64); ``identified``: an app calls a signed-in user by it."""

    did: int
    value: str
    identified: bool


@dataclass(frozen=True, slots=True)
class Person:
    """All of one user but its events. ``person`` is its hash and ``dids`` those of all its ids (UInt64), ``ids`` as
    many of them as were asked for; times are UTC, None where nothing was seen."""

    person: int
    dids: list[int]
    ids: list[Id]
    properties: dict[str, Any]
    first_at: datetime | None
    last_at: datetime | None

    @property
    def handle(self) -> str:
        """What its page's address names it by."""
        return f"{self.person:016x}"

    @property
    def name(self) -> str:
        return profiles.name_of(self.properties)

    @property
    def email(self) -> str:
        return profiles.email_of(self.properties)

    @property
    def title(self) -> str:
        """What it is called: name, address, or the id it is known by."""
        return self.name or self.email or self.ids[0].value


MOST_IDS = 1000


def person(workspace: Workspace, number: int, most: int | None = MOST_IDS) -> Person:
    """The user one of whose ids has this hash (UInt64), with at most so many of its ids, the known ones first, and
    what these say of it (None: with all).

    Raises NotFound if no event of it and nothing else is known of such an id, StoreUnavailable, QueryTooHeavy.
    """
    row = DistinctId.objects.filter(workspace=workspace, did=identity.signed(number)).only("person").first()
    who = identity.unsigned(row.person) if row else number
    dids = [identity.unsigned(each) for each in all_dids(workspace, who)] if row else [number]
    told: profiles.Changes = {}
    ids: list[Id] = []
    if row:
        mine = DistinctId.objects.filter(workspace=workspace, person=row.person)
        for each in mine.order_by("-identified", "pk")[:most].iterator():
            told = profiles.merge(told, each.changes)
            ids.append(Id(identity.unsigned(each.did), each.value, each.identified))
    found = client.query(
        "SELECT min(first_at), max(last_at), any(distinct_id), count() FROM ids_seen"
        " WHERE workspace = {workspace:UUID} AND did IN wanted",
        {"workspace": workspace.public_id},
        wanted=wanted(dids),
    )
    first_at, last_at, value, count = found.rows[0]
    properties = profiles.values(told)
    if not count and not properties:
        raise NotFound
    return Person(
        person=who,
        dids=dids,
        ids=ids or [Id(number, value, False)],
        properties=properties,
        first_at=first_at if count else None,
        last_at=last_at if count else None,
    )


def wanted(dids: Sequence[int]) -> tuple[str, bytes]:
    """Ids, by their hashes (UInt64), as a question asks for any number of them: ``did IN wanted``."""
    return "did UInt64", "\n".join(map(str, dids)).encode()


def all_dids(workspace: Workspace, person: int) -> list[int]:
    """The hashes of every id of a user, signed."""
    number = identity.signed(person)
    rows = DistinctId.objects.filter(workspace=workspace, person=number)
    return sorted({number, *rows.values_list("did", flat=True)})


def properties_of(workspace: UUID, persons: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Properties by person, as the store's copy has them. One query."""
    found = client.query(
        "SELECT person, properties FROM persons FINAL WHERE workspace = {workspace:UUID} AND NOT deleted"
        " AND person IN {persons:Array(UInt64)}",
        {"workspace": workspace, "persons": list(persons)},
    )
    return {person: orjson.loads(text) for person, text in found.rows}
