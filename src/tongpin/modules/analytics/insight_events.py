"""What happens to saved insights. A payload holds the name and kind, not the question: it may name customers."""

from __future__ import annotations

from dataclasses import dataclass

from tongpin.kernel.events.payloads import event


@event("analytics.insight_saved")
@dataclass(frozen=True)
class InsightSaved:
    name: str
    kind: str


@event("analytics.insight_edited")
@dataclass(frozen=True)
class InsightEdited:
    name: str
    fields: list[str]


@event("analytics.insight_deleted")
@dataclass(frozen=True)
class InsightDeleted:
    name: str


@event("analytics.insight_restored")
@dataclass(frozen=True)
class InsightRestored:
    name: str
