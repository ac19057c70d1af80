"""Files of events on their way here: begun, a part at a time, read once all is there, forgotten."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import timedelta
from itertools import islice
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import authz, clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Invalid, NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.enums import FileKind, ImportState
from tongpin.modules.analytics.importing import keeping, reading, words
from tongpin.modules.analytics.importing.reading import FileRefused, Shape
from tongpin.modules.analytics.models import EventFile, Source
from tongpin.modules.analytics.permissions import EDIT, IMPORT_EVENTS

PART = 4 << 20
"""Bytes of every part but the last."""
KEPT = timedelta(days=3)
"""How long a file waits for somebody to go on with it."""
WIDEST = 500
SAMPLE, SAMPLE_BYTES = 100, 1 << 20


class BeginFile(BaseModel):
    """``size``: bytes. ``stamp``: when the file was changed last, milliseconds since 1970."""

    model_config = ConfigDict(extra="forbid")

    source: uuid.UUID
    name: str = Field(min_length=1, max_length=200)
    size: int = Field(ge=0, lt=1 << 50)
    stamp: int = Field(default=0, ge=0, lt=1 << 50)


@action("analytics.import.begin_file", permission=IMPORT_EVENTS.name, api=False)
def begin_file(actor: Actor, data: BeginFile) -> EventFile:
    """Make room for a file. The same file chosen again by the same person goes on where it broke off."""
    source = (
        Source.objects.visible_to(actor).select_related("workspace").filter(public_id=data.source).first()
    )
    if source is None:
        raise NotFound
    authz.require(actor, EDIT.name, source)
    same = EventFile.objects.select_for_update().filter(
        source=source, created_by=actor.user, name=data.name, size=data.size, stamp=data.stamp,
        event_import=None, received__lt=F("size"),
    )  # fmt: skip
    begun: EventFile | None = same.first()
    if begun is not None:
        return begun
    if not data.size:
        raise Invalid(words.why("empty"), code="file_empty", field="size")
    if data.size > settings.IMPORT_BYTES:
        most = settings.IMPORT_BYTES >> 20
        raise Invalid(
            _("The file is larger than %(most)d MB.") % {"most": most}, code="file_too_large", field="size",
            hint=_("Part it, or import it with “tongpin events import” on the server."),
        )  # fmt: skip
    coming = EventFile.objects.filter(received__lt=F("size")).aggregate(n=Sum(F("size") - F("received")))["n"]
    if data.size + (coming or 0) > keeping.room():
        raise Invalid(
            _("The server’s disk has no room for this file."), code="disk_full", field="size",
            hint=_("Whoever runs the server can make room, or import it with “tongpin events import”."),
        )  # fmt: skip
    made: EventFile = EventFile.objects.create(
        workspace=source.workspace, source=source, name=data.name, size=data.size, stamp=data.stamp,
        created_by=actor.user,
    )  # fmt: skip
    return made


def put_part(actor: Actor, source: uuid.UUID, file: uuid.UUID, at: int, content: bytes) -> EventFile:
    """Take the next part of a file, which begins at byte ``at``; with the last one it is read.

    No door: an upload is one act of a person, begun by ``analytics.import.begin_file``. Raises NotFound; Conflict
    (``file_elsewhere``) if another part is awaited; Invalid for a file that cannot be read, which is forgotten.
    """
    authz.require(actor, IMPORT_EVENTS.name)
    with transaction.atomic():
        rows = EventFile.objects.visible_to(actor).select_for_update(of=("self",)).select_related("source")
        row: EventFile | None = rows.filter(public_id=file, source__public_id=source).first()
        if row is None:
            raise NotFound
        whole = row.received == row.size
        if at != row.received or (whole and row.digest):
            raise Conflict(_("Another part of the file is awaited."), code="file_elsewhere")
        if len(content) != min(PART, row.size - at):
            raise Invalid(_("A part of the file came incomplete."), code="part_size", field="file")
        keeping.append(row.public_id, at, content)
        row.received, row.touched_at = at + len(content), clock.now()
        row.save(update_fields=["received", "touched_at"])
    if row.received == row.size:
        _look(row)
    return row


def _look(row: EventFile) -> None:
    """Learn what the file is. Raises Invalid for one that is nothing, which is forgotten."""
    path = keeping.path(row.public_id)
    try:
        of = reading.shape(path)
        if len(of.columns) > WIDEST:
            raise FileRefused("wide")
        row.total = reading.about(path, of)
        row.sample = orjson.dumps(_sample(reading.lines(path, of)))
    except FileRefused as refused:
        forget(row)
        raise Invalid(words.why(refused.code), code=f"file_{refused.code}", field="file") from refused
    row.shape = {key: value for key, value in asdict(of).items() if key != "size"}
    row.digest = reading.digest(path)
    row.save(update_fields=["shape", "total", "sample", "digest"])


def _sample(lines: Any) -> list[Any]:
    found: list[Any] = []
    room = SAMPLE_BYTES
    for line in islice(lines, SAMPLE):
        found.append([line.number, line.cells, line.trouble])
        room -= len(orjson.dumps(found[-1]))
        if room < 0:
            break
    return found


def shape_of(row: EventFile) -> Shape:
    """What the file is."""
    said = row.shape
    return Shape(
        FileKind(said["kind"]), tuple(said["columns"]), said["encoding"], said["separator"], size=row.size
    )


@action("analytics.import.forget_file", permission=IMPORT_EVENTS.name, target=EventFile, api=False)
def forget_file(actor: Actor, row: EventFile, data: Empty) -> None:
    """Remove an uploaded file that no running import reads."""
    if row.event_import is not None and row.event_import.state == ImportState.RUNNING:
        raise Conflict(_("An import reads this file."), code="file_in_use")
    forget(row)


def forget(row: EventFile) -> None:
    """Remove the file and what is known of it."""
    name = row.public_id
    EventFile.objects.filter(pk=row.pk).delete()
    transaction.on_commit(lambda: keeping.forget(name))


def forget_old() -> int:
    """Remove files that nobody went on with, and what a database that was put back knows nothing of; how many."""
    until = clock.now() - KEPT
    gone = EventFile.objects.filter(touched_at__lt=until).exclude(event_import__state=ImportState.RUNNING)
    count = 0
    for row in gone:
        forget(row)
        count += 1
    known = {str(each) for each in EventFile.objects.values_list("public_id", flat=True)}
    for path in keeping.names():
        if path.name not in known and path.stat().st_mtime < until.timestamp():
            path.unlink(missing_ok=True)
            count += 1
    return count
