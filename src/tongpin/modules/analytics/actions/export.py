"""Giving out all data of one user or customer, in one file that is gone after a day."""

from __future__ import annotations

import uuid
import zipfile
from datetime import timedelta
from typing import Any

import orjson
from procrastinate.contrib.django import app as jobs
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import action
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.actions.customer import ABOUT
from tongpin.modules.analytics.enums import Subject
from tongpin.modules.analytics.models import Export, ExportPiece
from tongpin.modules.analytics.people_events import PersonalDataExported
from tongpin.modules.analytics.permissions import EXPORT_PEOPLE
from tongpin.modules.analytics.queries import customer as customers
from tongpin.modules.analytics.queries import person as persons
from tongpin.modules.analytics.queries import timeline
from tongpin.modules.analytics.queries.timeline import Whose

JOB = "analytics.export"
KEPT = timedelta(days=1)
AT_ONCE = 5000
PIECE = 1 << 20


class Ask(BaseModel):
    """``about``: ``user:`` with the hash its page is named by, or ``customer:`` with its public id."""

    model_config = ConfigDict(extra="forbid")
    about: str = Field(pattern=ABOUT, max_length=60)


@action("analytics.person.export", permission=EXPORT_PEOPLE.name, api=False)
def export(actor: Actor, data: Ask) -> Export:
    """Put all data of a user or customer into a file, which a job makes and a day ends."""
    row = Export(workspace=actor.workspace, about=data.about, asked_by=actor.user)
    _head(row, actor)  # raises NotFound
    row.save()
    emit(PersonalDataExported(about=data.about), row)
    jobs.configure_task(JOB).defer(export=str(row.public_id))
    return row


class _Pieces:
    """What an archive is written into: rows of some size each, so that no process ever holds the whole file."""

    def __init__(self, row: Export) -> None:
        self._row, self._number, self._held = row, 0, bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        if len(self._held) >= PIECE:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self._held:
            ExportPiece.objects.create(
                workspace=self._row.workspace,
                export=self._row,
                number=self._number,
                content=bytes(self._held),
            )
            self._number, self._held = self._number + 1, bytearray()


def make(row: Export) -> None:
    """Make the file; again from the start if it was cut off. Raises NotFound, StoreUnavailable."""
    if row.finished_at is not None:
        return
    head, whose = _head(row, Actor.system(row.workspace), most=None)
    row.pieces.all().delete()
    row.done, row.total = 0, timeline.count(whose)
    row.save(update_fields=["done", "total"])
    pieces = _Pieces(row)
    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        archive.writestr("profile.json", orjson.dumps(head, option=orjson.OPT_INDENT_2))
        with archive.open("events.jsonl", "w", force_zip64=True) as file:
            after: timeline.Cursor | None = None
            while True:
                events, after = timeline.events(whose, "", after, AT_ONCE)
                for each in events:
                    file.write(orjson.dumps(_event(each)) + b"\n")
                row.done += len(events)
                row.save(update_fields=["done"])
                if after is None:
                    break
    pieces.flush()
    row.finished_at = clock.now()
    row.save(update_fields=["finished_at"])


def _event(each: timeline.Did) -> dict[str, Any]:
    return {
        "uuid": each.uuid,
        "event": each.event,
        "distinct_id": each.distinct_id,
        "timestamp": each.at,
        "properties": each.properties,
    }


def _head(row: Export, actor: Actor, most: int | None = persons.MOST_IDS) -> tuple[dict[str, Any], Whose]:
    """What is known besides the events, of so many ids (None: of all), and whose events they are. Raises NotFound."""
    subject, _colon, which = row.about.partition(":")
    if subject == Subject.USER:
        who = persons.person(row.workspace, int(which, 16), most)
        head = {
            "user": who.handle,
            "ids": [{"id": each.value, "identified": each.identified} for each in who.ids],
            "properties": who.properties,
            "first_seen": who.first_at,
            "last_seen": who.last_at,
        }
        return head, timeline.of_person(row.workspace.public_id, who.dids)
    found = customers.customer(actor, uuid.UUID(which))
    head = {
        "kind": found.kind,
        "key": found.key,
        "properties": found.properties,
        "first_seen": found.first_seen_at,
        "last_seen": found.last_seen_at,
    }
    return head, timeline.of_customer(row.workspace.public_id, found.kind, found.key)


def forget_old() -> int:
    """Remove exports whose day is over; how many."""
    over = Export.objects.filter(asked_at__lt=clock.now() - KEPT)
    return over.delete()[1].get(Export._meta.label, 0)
