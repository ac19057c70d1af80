"""What happens to sources, and to the plan of what should arrive. No payload holds a key."""

from __future__ import annotations

from dataclasses import dataclass

from tongpin.kernel.events.payloads import event


@event("analytics.source_created")
@dataclass(frozen=True)
class SourceCreated:
    name: str
    platform: str


@event("analytics.source_edited")
@dataclass(frozen=True)
class SourceEdited:
    name: str
    fields: list[str]


@event("analytics.source_paused")
@dataclass(frozen=True)
class SourcePaused:
    name: str


@event("analytics.source_resumed")
@dataclass(frozen=True)
class SourceResumed:
    name: str


@event("analytics.source_deleted")
@dataclass(frozen=True)
class SourceDeleted:
    name: str


@event("analytics.source_restored")
@dataclass(frozen=True)
class SourceRestored:
    name: str


@event("analytics.source_key_added")
@dataclass(frozen=True)
class SourceKeyAdded:
    """``end``: the last four characters of the key. ``own``: it was made here, not brought from another vendor."""

    name: str
    end: str
    own: bool


@event("analytics.source_key_retired")
@dataclass(frozen=True)
class SourceKeyRetired:
    name: str
    end: str


@event("analytics.source_key_revived")
@dataclass(frozen=True)
class SourceKeyRevived:
    name: str
    end: str


@event("analytics.import_started")
@dataclass(frozen=True)
class EventImportStarted:
    name: str
    source: str


@event("analytics.import_stopped")
@dataclass(frozen=True)
class EventImportStopped:
    name: str
    source: str


@event("analytics.import_resumed")
@dataclass(frozen=True)
class EventImportResumed:
    name: str
    source: str


@event("analytics.import_failed")
@dataclass(frozen=True)
class EventImportFailed:
    """``trouble``: a code of ``importing.reading.FileRefused``."""

    name: str
    source: str
    trouble: str


@event("analytics.import_finished")
@dataclass(frozen=True)
class EventImportFinished:
    name: str
    source: str
    events: int
    refused: int


@event("analytics.import_undone")
@dataclass(frozen=True)
class EventImportUndone:
    name: str
    source: str
    events: int
