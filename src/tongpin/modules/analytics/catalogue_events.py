"""What people say of the catalogue, as facts of the stream. No payload holds a value of a property."""

from __future__ import annotations

from dataclasses import dataclass

from tongpin.kernel.events.payloads import event


@event("analytics.event_planned")
@dataclass(frozen=True)
class EventPlanned:
    name: str


@event("analytics.event_described")
@dataclass(frozen=True)
class EventDescribed:
    name: str
    fields: list[str]


@event("analytics.event_hidden")
@dataclass(frozen=True)
class EventHidden:
    name: str


@event("analytics.event_shown")
@dataclass(frozen=True)
class EventShown:
    name: str


@event("analytics.property_described")
@dataclass(frozen=True)
class PropertyDescribed:
    event: str
    name: str
    fields: list[str]
