"""What happens to notes on the time axis."""

from __future__ import annotations

from dataclasses import dataclass

from tongpin.kernel.events.payloads import event


@event("analytics.note_added")
@dataclass(frozen=True)
class NoteAdded:
    text: str
    first: str
    last: str


@event("analytics.note_edited")
@dataclass(frozen=True)
class NoteEdited:
    text: str
    fields: list[str]


@event("analytics.note_deleted")
@dataclass(frozen=True)
class NoteDeleted:
    text: str


@event("analytics.note_restored")
@dataclass(frozen=True)
class NoteRestored:
    text: str


@event("analytics.markers_chosen")
@dataclass(frozen=True)
class MarkersChosen:
    """For the whole workspace. What somebody chooses for themselves is told to nobody."""

    shown: list[str]
