"""What happens to segments. A payload holds the name, not the rule: it may name customers."""

from __future__ import annotations

from dataclasses import dataclass

from tongpin.kernel.events.payloads import event


@event("analytics.segment_created")
@dataclass(frozen=True)
class SegmentCreated:
    """``kind``: rule or list."""

    name: str
    kind: str


@event("analytics.segment_edited")
@dataclass(frozen=True)
class SegmentEdited:
    name: str
    fields: list[str]


@event("analytics.segment_deleted")
@dataclass(frozen=True)
class SegmentDeleted:
    name: str


@event("analytics.segment_restored")
@dataclass(frozen=True)
class SegmentRestored:
    name: str


@event("analytics.segment_exported")
@dataclass(frozen=True)
class SegmentExported:
    """Somebody took its members away in a file."""

    name: str
