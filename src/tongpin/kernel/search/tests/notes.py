"""Two searchable types: a note (a stored file's row; guests see none but their own) and a member."""

from __future__ import annotations

from dataclasses import dataclass

from tongpin.kernel.events.payloads import event
from tongpin.kernel.events.recording import emit, recording
from tongpin.kernel.objects import Card, SearchText
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib.pinyin import of_person


@event("testing.note_written")
@dataclass(frozen=True)
class NoteWritten:
    pass


def note_text(row):
    title, _, body = row.name.partition("\n")
    return SearchText(title, body) if title != "(hidden)" else None


def member_text(row):
    return SearchText(row.user.name, pinyin=of_person(row.user.name)) if row.deactivated_at is None else None


def card(row):
    title = row.user.name if isinstance(row, Membership) else row.name.partition("\n")[0]
    return Card(row._meta.label_lower, row.public_id, title, "/", "file")


def happened(row, workspace=None):
    """Record that something happened to the row, as an action would."""
    with recording(Actor.system(workspace or getattr(row, "workspace", None)), "testing.note.write"):
        emit(NoteWritten(), row)
