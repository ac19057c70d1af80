"""Erasing one user or customer everywhere, and proving it.

What PostgreSQL holds goes at once. A tombstone (hashes alone) keeps out whatever happened before and arrives later;
the rest is a job that goes on until a question to every table finds nothing. Tombstones are also written to a file
in the data folder that no backup contains and no restore replaces: what an older backup brings back is erased again.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as jobs
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.search import documents
from tongpin.kernel.store import client
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.analytics import erasing, identity
from tongpin.modules.analytics.actions import mirror, roster
from tongpin.modules.analytics.actions.customer import ABOUT
from tongpin.modules.analytics.actions.identity import forget_ids
from tongpin.modules.analytics.enums import Subject
from tongpin.modules.analytics.flush.rows import Row
from tongpin.modules.analytics.models import (
    Arrival,
    Batch,
    Customer,
    Erasure,
    EventProperty,
    Export,
    ParkedArrival,
    PersonalLook,
    Sighting,
    Source,
    Tombstone,
)
from tongpin.modules.analytics.people_events import ErasureAsked, ErasureProved
from tongpin.modules.analytics.permissions import ERASE_PEOPLE
from tongpin.modules.analytics.queries import customer as customers
from tongpin.modules.analytics.queries import person as persons
from tongpin.modules.analytics.wire.record import load_rows

JOB = "analytics.erase"
FILE = "erased.jsonl"
COMMITTED = timedelta(minutes=1)
"""Until then an erasure that was asked for is committed: batches that began before may not know of its tombstones."""


class NotYet(Exception):
    """Something of it may still be on its way; the job comes again."""


class Erase(BaseModel):
    """``about``: ``user:`` with the hash its page is named by, or ``customer:`` with its public id; ``typed``: its
    title, typed by whoever asks, since nothing brings it back."""

    model_config = ConfigDict(extra="forbid")
    about: str = Field(pattern=ABOUT, max_length=60)
    typed: str = Field(max_length=400)


@action("analytics.person.erase", permission=ERASE_PEOPLE.name, api=False)
def erase(actor: Actor, data: Erase) -> Erasure:
    """Erase a user or a customer with all their events, everywhere and for good; a job carries it to its proof."""
    assert actor.workspace is not None
    subject, _colon, which = data.about.partition(":")
    if subject == Subject.USER:
        who = persons.person(actor.workspace, int(which, 16))
        title, digests = who.title, persons.all_dids(actor.workspace, who.person)
    else:
        row = customers.customer(actor, uuid.UUID(which))
        title, digests = row.title, [erasing.customer_digest(row.kind, row.key)]
    if data.typed.strip() != title.strip():
        raise Invalid(_("This is not what it is called."), field="typed", code="typed_differs")
    made = begin(actor.workspace, Subject(subject), digests, actor)
    emit(ErasureAsked(about=data.about), made)
    return made


def begin(workspace: Workspace, subject: Subject, digests: list[int], actor: Actor | None = None) -> Erasure:
    """Forget in PostgreSQL, keep the tombstones, queue the rest. Inside a transaction."""
    now = clock.now()
    row = Erasure(
        workspace=workspace,
        subject=subject,
        digests=digests,
        asked_by=actor.user if actor else None,
        asked_at=now,
        arrivals_until=Arrival.objects.aggregate(last=models.Max("pk"))["last"] or 0,
    )
    row.save()
    Tombstone.objects.bulk_create(
        [Tombstone(workspace=workspace, subject=subject, digest=each, at=now) for each in digests],
        update_conflicts=True,
        unique_fields=["workspace", "subject", "digest"],
        update_fields=["at"],
        batch_size=erasing.AT_ONCE,
    )
    _forget(row)
    jobs.configure_task(JOB).defer(erasure=str(row.public_id))
    return row


def _forget(row: Erasure) -> dict[str, int]:
    """Remove what PostgreSQL holds of it; rows by table."""
    removed: dict[str, int] = {}
    if row.subject == Subject.USER:
        removed |= forget_ids(row.workspace, row.digests)
        about = [f"user:{identity.unsigned(each):016x}" for each in row.digests]
    else:
        held = [
            each
            for each in Customer.objects.filter(workspace=row.workspace)
            if erasing.customer_digest(each.kind, each.key) in row.digests
        ]
        about = [f"customer:{each.public_id}" for each in held]
        removed["customer"] = len(held)
        Customer.objects.filter(pk__in=[each.pk for each in held]).delete()
        documents.index([(row.workspace_id, Customer._meta.label_lower, each.public_id) for each in held])
    removed["export"] = Export.objects.filter(workspace=row.workspace, about__in=about).delete()[0]
    removed["look"] = PersonalLook.objects.filter(workspace=row.workspace, about__in=about).delete()[0]
    return removed


@action("analytics.erasure.finish", permission=ERASE_PEOPLE.name, target=Erasure, api=False)
def finish_erasure(actor: Actor, row: Erasure, data: Empty) -> Erasure:
    """Erase in the store too, prove that nothing is left, and say so. Done by the server, as often as it takes."""
    if row.finished_at is not None:
        return row
    remember([row])
    waiting = Arrival.objects.filter(pk__lte=row.arrivals_until).exists()
    under_way = Batch.objects.filter(arrivals__len__gt=0, began_at__lte=row.asked_at + COMMITTED).exists()
    if waiting or under_way:
        raise NotYet
    with mirror.alone() as held:  # a copy made from what was there before must not come after the proof
        if not held:
            raise NotYet
        proof = _prove(row)
    row.proof, row.finished_at = proof, clock.now()
    row.save(update_fields=["proof", "finished_at"])
    emit(ErasureProved(removed=proof), row)
    return row


def _prove(row: Erasure) -> dict[str, int]:
    """Remove what is left of it; rows by table, once a question to each finds none. Raises NotYet."""
    proof = {name: count for name, count in _forget(row).items() if count}
    proof["parked"] = _forget_parked(row)
    # What live pages show for minutes: all of it, rather than look into each.
    Sighting.objects.filter(source__in=_sources(row)).delete()
    # Sample values of the catalogue do not say whose they are; they come again by themselves.
    EventProperty.objects.filter(workspace=row.workspace).exclude(samples=[]).update(samples=[])
    parts = erasing.PERSON if row.subject == Subject.USER else erasing.CUSTOMER
    for part in parts:
        proof[part.table] = 0
        for digests in erasing.batches(row.digests):
            asked = {
                "workspace": row.workspace.public_id,
                "digests": [identity.unsigned(each) for each in digests],
            }
            if count := _count(part, asked):
                client.command(f"DELETE FROM {part.table} WHERE {part.sql}", asked)  # noqa: S608  ours
                proof[part.table] += count
            if left := _count(part, asked):
                raise NotYet(f"{left} rows left in {part.table}")
    if row.subject == Subject.USER:
        mirror.refresh()
    roster.renew(row.workspace.public_id)  # of somebody else these may have been the only events
    return proof


def _count(part: erasing.Part, asked: dict[str, Any]) -> int:
    ((count,),) = client.query(f"SELECT count() FROM {part.table} WHERE {part.sql}", asked).rows  # noqa: S608
    return int(count)


def _forget_parked(row: Erasure) -> int:
    """Take its events out of arrivals that could not go on; how many arrivals held some. Unreadable ones go whole."""
    found = 0
    persons_, customers_ = _sets(row)
    for parked in ParkedArrival.objects.filter(source__in=_sources(row)):
        try:
            hit = any(erasing.holds(each, persons_, customers_) for each in load_rows(bytes(parked.records)))
        except (ValueError, KeyError, TypeError):
            hit = True
        if hit:
            parked.delete()
            found += 1
    return found


def _sources(row: Erasure) -> list[int]:
    return list(Source._base_manager.filter(workspace=row.workspace).values_list("pk", flat=True))


def _sets(row: Erasure) -> tuple[set[int], set[int]]:
    digests = set(row.digests)
    return (digests, set()) if row.subject == Subject.USER else (set(), digests)


def late(rows: Iterable[Row]) -> set[int]:
    """Places of events that happened before their user or customer was erased (a gate of the flusher)."""
    listed = list(rows)
    last = dict(
        Tombstone.objects.filter(workspace__in={row.origin.workspace for row in listed})
        .values_list("workspace")
        .annotate(last=models.Max("at"))
    )
    # Only what is older than the last tombstone is worth a hash: next to nothing, as a rule.
    old = {
        place: row
        for place, row in enumerate(listed)
        if (at := last.get(row.origin.workspace)) is not None and row.at < at.timestamp() * 1000
    }
    found: set[int] = set()
    for workspace in {row.origin.workspace for row in old.values()}:
        for tombs in _tombs(
            workspace, [row.row for row in old.values() if row.origin.workspace == workspace]
        ):
            for place, row in old.items():
                here = row.origin.workspace == workspace and row.at < tombs[0]
                if here and erasing.holds(row.row, tombs[1], tombs[2]):
                    found.add(place)
    return found


def _tombs(workspace: int, rows: list[dict[str, Any]]) -> Iterator[tuple[float, set[int], set[int]]]:
    """Tombstones that any of these events may lie under, by their moment: (milliseconds, dids, customers)."""
    digests = {identity.did(row["d"]) for row in rows}
    digests |= {
        identity.did(v)
        for row in rows
        for v in row["p"].values()
        if isinstance(v, str) and row["e"][:1] == "$"
    }
    digests |= {erasing.customer_digest(*each) for row in rows for each in erasing.of_customers(row)}
    by_time: dict[datetime, tuple[set[int], set[int]]] = {}
    for subject, digest, at in Tombstone.objects.filter(workspace=workspace, digest__in=digests).values_list(
        "subject", "digest", "at"
    ):
        by_time.setdefault(at, (set(), set()))[subject == Subject.CUSTOMER].add(digest)
    for at, (users, companies) in by_time.items():
        yield at.timestamp() * 1000, users, companies


def _file() -> Path:
    return Path(settings.DATA) / FILE


def remember(rows: Iterable[Erasure]) -> None:
    """Write tombstones where a restored backup does not reach; on disk on return. Twice the same does no harm."""
    with open(_file(), "a", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        for row in rows:
            said = {
                "workspace": str(row.workspace.public_id),
                "subject": row.subject,
                "digests": row.digests,
                "at": row.asked_at.timestamp(),
            }
            file.write("\n" + json.dumps(said) + "\n")  # a line that a crash cut off spoils no other
        file.flush()
        os.fsync(file.fileno())


def catch_up() -> int:
    """Erase again what a restored backup brought back, and queue what is unfinished; how many erasures."""
    wanted: dict[tuple[str, str], dict[int, float]] = {}
    if _file().exists():
        for line in filter(None, _file().read_text().splitlines()):
            try:
                said = json.loads(line)
            except ValueError:  # cut off by a crash: its erasure was not finished, and wrote it again
                continue
            held = wanted.setdefault((said["workspace"], said["subject"]), {})
            for digest in said["digests"]:
                held[digest] = max(said["at"], held.get(digest, 0.0))
    count = 0
    for (uid, subject), digests in wanted.items():
        workspace = Workspace.objects.filter(public_id=uid).first()
        if workspace is None:
            continue
        known = set(
            Tombstone.objects.filter(workspace=workspace, subject=subject).values_list("digest", flat=True)
        )
        lost = sorted(set(digests) - known)
        if lost:
            with transaction.atomic():
                begin(workspace, Subject(subject), lost)
                for digest in lost:
                    Tombstone.objects.filter(workspace=workspace, subject=subject, digest=digest).update(
                        at=datetime.fromtimestamp(digests[digest], UTC)
                    )
            count += 1
    for row in Erasure.objects.filter(finished_at=None):
        jobs.configure_task(JOB).defer(erasure=str(row.public_id))
        count += 1
    return count
