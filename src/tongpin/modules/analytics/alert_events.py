"""What happens to alerts."""

from __future__ import annotations

from dataclasses import dataclass

from tongpin.kernel.events.payloads import event


@event("analytics.alert_created")
@dataclass(frozen=True)
class AlertCreated:
    name: str
    rule: str


@event("analytics.alert_edited")
@dataclass(frozen=True)
class AlertEdited:
    name: str
    fields: list[str]


@event("analytics.alert_deleted")
@dataclass(frozen=True)
class AlertDeleted:
    name: str


@event("analytics.alert_restored")
@dataclass(frozen=True)
class AlertRestored:
    name: str


@event("analytics.alert_paused")
@dataclass(frozen=True)
class AlertPaused:
    name: str


@event("analytics.alert_resumed")
@dataclass(frozen=True)
class AlertResumed:
    name: str


@event("analytics.alert_muted")
@dataclass(frozen=True)
class AlertMuted:
    """``until``: the last day (ISO); "" when it is told of again."""

    name: str
    until: str


@event("analytics.alert_rang")
@dataclass(frozen=True)
class AlertRang:
    """``day``: the first of its run (ISO). ``share``: the figures are shares of 1. ``told``: not muted."""

    name: str
    reason: str
    day: str
    value: float
    expected: float | None
    low: float | None
    high: float | None
    share: bool
    told: bool


@event("analytics.alert_calmed")
@dataclass(frozen=True)
class AlertCalmed:
    """``day``: the first one within bounds again (ISO)."""

    name: str
    day: str
