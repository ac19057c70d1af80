"""The store's copy of who is who and of profiles, always behind PostgreSQL by a moment and never ahead of it.

A row is due while its ``revision`` is above ``mirrored``. Rows are copied first and marked afterwards, and the copy
keeps the last version of each key, so that a pass that dies is simply done again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import orjson
import structlog
from django.db import connection, transaction
from django.db.models import F

from tongpin.kernel import clock
from tongpin.kernel.search import documents
from tongpin.kernel.store import client, schema
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.analytics import identity, profiles
from tongpin.modules.analytics.models import Customer, DistinctId

log = structlog.get_logger("tongpin.people")

CHANNEL = "tongpin_people"
BATCH = 5000
MOST_IDS = 1000
"""Of a person with more ids than this (a mistake in an app, as a rule) the profile is made of so many."""
SHOWN = 20
_LOCK = 7342


def step() -> int:
    """What the worker's loop calls: ``run_once``, and 0 while the store does not take it."""
    try:
        return run_once()
    except (client.StoreUnavailable, client.QueryTooHeavy) as error:
        log.warning("people.waiting", reason=str(error)[:300])
        return 0


def run_once() -> int:
    """Copy what is due, at most a batch of each kind; how many rows. Raises StoreUnavailable: nothing is lost.

    One process at a time: another that comes meanwhile finds nothing to do.
    """
    with alone() as held:
        return _persons() + _customers() if held else 0


@contextmanager
def alone() -> Iterator[bool]:
    """Whether nobody else copies, and then nobody else until the end. A session's lock: it goes with its process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        (held,) = cursor.fetchone()
        try:
            yield bool(held)
        finally:
            if held:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _persons() -> int:
    due = list(
        DistinctId.objects.filter(revision__gt=F("mirrored"))
        .order_by("pk")
        .values_list("pk", "workspace_id", "did", "person", "revision")[:BATCH]
    )
    if not due:
        return 0
    uids = _uids({workspace for _, workspace, *_ in due})
    version = _version()
    # Persons first: a query that already follows an override must find the profile it leads to.
    touched = {(workspace, each) for _, workspace, did, person, _ in due for each in (did, person)}
    client.insert(
        "persons",
        [(uids[workspace], *row, version) for workspace, row in _profiles(touched)],
        ("workspace", "person", "ids", "name", "email", "properties", "deleted", "version"),
    )
    client.insert(
        "person_overrides",
        [
            (uids[workspace], identity.unsigned(did), identity.unsigned(person), version)
            for _, workspace, did, person, revision in due
            if person != did or revision > 1
        ],
        ("workspace", "did", "person", "version"),
    )
    refresh()
    _mark("persons", [(pk, revision) for pk, *_, revision in due])
    return len(due)


def _profiles(touched: set[tuple[int, int]]) -> Iterable[tuple[int, tuple[Any, ...]]]:
    """For each (workspace, did) the row of ``persons`` it has as a person: its profile, or that it is none."""
    by_workspace: dict[int, list[int]] = {}
    for workspace, did in touched:
        by_workspace.setdefault(workspace, []).append(did)
    for workspace, dids in by_workspace.items():
        ids: dict[int, list[str]] = {}
        told: dict[int, dict[str, Any]] = {}
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT wanted.person, kept.value, kept.changes::text
                FROM unnest(%s::bigint[]) AS wanted (person), LATERAL (
                    SELECT value, changes FROM analytics_distinctid
                    WHERE workspace_id = %s AND person = wanted.person
                    ORDER BY identified DESC, length(value), value LIMIT %s
                ) AS kept
                """,
                [dids, workspace, MOST_IDS],
            )
            for person, value, changes in cursor.fetchall():
                ids.setdefault(person, []).append(value)
                told[person] = profiles.merge(told.get(person, {}), orjson.loads(changes))
        for did in dids:
            properties = profiles.values(told.get(did, {}))
            yield (
                workspace,
                (
                    identity.unsigned(did),
                    ids.get(did, [])[:SHOWN],
                    profiles.name_of(properties),
                    profiles.email_of(properties),
                    orjson.dumps(properties).decode(),
                    did not in ids,
                ),
            )


def _customers() -> int:
    due = list(Customer.objects.filter(revision__gt=F("mirrored")).order_by("pk")[:BATCH])
    if not due:
        return 0
    uids = _uids({row.workspace_id for row in due})
    version = _version()
    client.insert(
        "customers",
        [
            (
                uids[row.workspace_id],
                row.kind,
                row.key,
                row.name,
                orjson.dumps(row.properties).decode(),
                0,
                version,
            )
            for row in due
        ],
        ("workspace", "kind", "key", "name", "properties", "deleted", "version"),
    )
    # A thousand new ones take search a second: not while the flusher holds everybody up.
    documents.index(
        [(row.workspace_id, Customer._meta.label_lower, row.public_id) for row in due if not row.mirrored]
    )
    _mark("customers", [(row.pk, row.revision) for row in due])
    return len(due)


_MARK = {
    "persons": """
        UPDATE analytics_distinctid AS kept SET mirrored = done.revision
        FROM unnest(%s::bigint[], %s::bigint[]) AS done (id, revision)
        WHERE kept.id = done.id AND kept.mirrored < done.revision
        """,
    "customers": """
        UPDATE analytics_customer AS kept SET mirrored = done.revision
        FROM unnest(%s::bigint[], %s::bigint[]) AS done (id, revision)
        WHERE kept.id = done.id AND kept.mirrored < done.revision
        """,
}


def _mark(kind: str, done: Sequence[tuple[int, int]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MARK[kind], [[pk for pk, _ in done], [revision for _, revision in done]])


def refresh() -> None:
    """Let queries see the present overrides."""
    on = schema.cluster()
    client.command(f"SYSTEM RELOAD DICTIONARY person_of{f' ON CLUSTER {on}' if on else ''}")


def rebuild() -> int:
    """Empty the copy and copy every row again, for a store that was lost or restored to an older state; how many."""
    on = schema.cluster()
    clause = f" ON CLUSTER {on}" if on else ""
    for table in ("person_overrides", "persons", "customers"):
        client.command(f"TRUNCATE TABLE {table}{clause}")
    with transaction.atomic():
        DistinctId.objects.update(mirrored=0, revision=F("revision") + 1)
        Customer.objects.update(mirrored=0, revision=F("revision") + 1)
    copied = 0
    while done := run_once():
        copied += done
    refresh()
    return copied


def _uids(workspaces: Iterable[int]) -> dict[int, UUID]:
    return dict(Workspace.objects.filter(pk__in=list(workspaces)).values_list("pk", "public_id"))


def _version() -> int:
    """Later copies win, also over those of a database that was restored to an older state."""
    return round(clock.now().timestamp() * 1_000_000)
