"""The audit log: everything that happened in the workspace, and how its members came into their accounts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, GenericIPAddressField, Lookup, OuterRef, Q, QuerySet

from tongpin.kernel.events.models import Event
from tongpin.kernel.objects import Card
from tongpin.kernel.realtime import audience
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces.queries.activity import cards_for, say

#: Events of an account, outside any workspace, that concern every workspace the person is in.
OF_ACCOUNT = tuple(
    f"workspaces.{name}"
    for name in (
        "account_signed_up", "signed_in", "signed_out", "sign_in_failed", "password_changed", "email_confirmed",
        "second_factor_changed", "sessions_ended", "account_ended", "account_restored",
    )
)  # fmt: skip
#: Kinds to choose from, and how the names of their events begin.
KINDS: dict[str, tuple[str, ...]] = {
    "sign_in": OF_ACCOUNT,
    "access": (
        "workspaces.access_", "workspaces.token_", "workspaces.security_", "workspaces.audit_",
    ),
    "people": ("workspaces.member_", "workspaces.invitation_", "workspaces.department_"),
    "settings": ("workspaces.workspace_", "workspaces.calendar_"),
    "projects": ("workspaces.project_",),
}  # fmt: skip
#: Every kind that is named, and the rest.
REST = "work"
CHUNK = 1000


@GenericIPAddressField.register_lookup
class Within(Lookup):
    """``ip__within="10.0.0.0/8"``: the address lies in the network, or is it."""

    lookup_name = "within"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        """PostgreSQL's own operator on inet."""
        left, given = self.process_lhs(compiler, connection)
        return f"{left} <<= %s::inet", (*given, str(self.rhs))


@dataclass(frozen=True, slots=True)
class Filters:
    """Which events. ``who`` is a person's public id, or "system"; ``since`` and ``until`` are half open."""

    who: str = ""
    kind: str = ""
    via: str = ""
    ip: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: ``card`` is what it happened to, where the reader may see that."""

    event: Event
    said: str
    card: Card | None


def members(actor: Actor) -> list[Membership]:
    """Everyone who ever was a member, and every workspace token, by name: those who left are in the log too."""
    rows = Membership.actors.filter(workspace=actor.workspace).select_related("user")
    return list(rows.order_by(F("deactivated_at").asc(nulls_first=True), "user__name", "pk"))


def page(
    actor: Actor, filters: Filters, cursor: uuid.UUID | None, limit: int = 50
) -> tuple[list[Entry], uuid.UUID | None]:
    """Entries, newest first, after the one ``cursor`` names; and where the next page begins."""
    before = Event.objects.filter(uid=cursor).values_list("at", "pk").first() if cursor else None
    found = _newest(_sets(actor, filters), before, limit + 1)
    shown = found[:limit]
    return _entries(actor, shown), shown[-1].uid if len(found) > limit else None


def everything(actor: Actor, filters: Filters) -> Iterator[Entry]:
    """All of them, newest first, read in pieces: for a file."""
    before = None
    while found := _newest(_sets(actor, filters), before, CHUNK):
        yield from _entries(actor, found)
        before = (found[-1].at, found[-1].pk)


def _sets(actor: Actor, filters: Filters) -> list[QuerySet[Event]]:
    """The workspace's own events, and its members' account events while they were members.

    Two sets rather than one condition: each goes by an index of its own.
    """
    own = Event.objects.filter(workspace=actor.workspace)
    own = own.exclude(subject_type__in=audience.personal_types())  # one's inbox is one's own
    member = Membership.objects.filter(
        Q(deactivated_at=None) | Q(deactivated_at__gte=OuterRef("at")),
        workspace=actor.workspace,
        user__public_id=OuterRef("subject_id"),
        joined_at__lte=OuterRef("at"),
    )
    accounts = Event.objects.filter(Exists(member), workspace=None, name__in=OF_ACCOUNT)
    sets = [own, accounts]
    if filters.kind == "sign_in":
        sets = [accounts]
    elif filters.kind:
        sets = [_of_kind(own, filters.kind)]
    return [_narrow(rows, filters).select_related("actor") for rows in sets]


def _of_kind(rows: QuerySet[Event], kind: str) -> QuerySet[Event]:
    def begins(names: tuple[str, ...]) -> Q:
        found = Q()
        for name in names:
            found |= Q(name__startswith=name)
        return found

    if kind in KINDS:
        return rows.filter(begins(KINDS[kind]))
    return rows.exclude(begins(tuple(name for names in KINDS.values() for name in names)))


def _narrow(rows: QuerySet[Event], filters: Filters) -> QuerySet[Event]:
    if filters.who == "system":
        rows = rows.filter(actor=None)
    elif filters.who:
        rows = rows.filter(actor__public_id=filters.who)
    if filters.via:
        rows = rows.filter(via=filters.via)
    if filters.ip:
        rows = rows.filter(ip__within=filters.ip)
    if filters.since:
        rows = rows.filter(at__gte=filters.since)
    if filters.until:
        rows = rows.filter(at__lt=filters.until)
    return rows


def _newest(sets: list[QuerySet[Event]], before: tuple[datetime, int] | None, limit: int) -> list[Event]:
    found: list[Event] = []
    for rows in sets:
        if before is not None:
            at, pk = before
            # The first condition says nothing new, but it is the one that an index on the time can go by.
            rows = rows.filter(Q(at__lte=at) & (Q(at__lt=at) | Q(pk__lt=pk)))
        found += rows.order_by("-at", "-pk")[:limit]
    return sorted(found, key=lambda event: (event.at, event.pk), reverse=True)[:limit]


def _entries(actor: Actor, events: list[Event]) -> list[Entry]:
    cards = cards_for(actor, events)
    return [
        Entry(event, str(say(event, cards)), cards.get((event.subject_type, event.subject_id)))
        for event in events
    ]
