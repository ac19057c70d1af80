"""What the goals module says happened. Payloads are pinned by a test; titles are as they were at the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tongpin.kernel.events.payloads import event


@event("goals.lookback_created")
@dataclass(frozen=True)
class LookBackCreated:
    title: str
    days: int


@event("goals.lookback_asked")
@dataclass(frozen=True)
class LookBackAsked:
    """The question was set: ``launch`` is an ISO date."""

    launch: str
    window_days: int


@event("goals.lookback_queued")
@dataclass(frozen=True)
class LookBackQueued:
    run: int


@event("goals.lookback_started")
@dataclass(frozen=True)
class LookBackStarted:
    run: int


@event("goals.lookback_concluded")
@dataclass(frozen=True)
class LookBackConcluded:
    """``result`` and ``evidence`` are the codes of ``lib.effects``; sizes are shares of the metric, or None."""

    title: str
    result: str
    evidence: str
    relative: float | None
    low: float | None
    high: float | None


@event("goals.lookback_failed")
@dataclass(frozen=True)
class LookBackFailed:
    title: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)


@event("goals.lookback_renamed")
@dataclass(frozen=True)
class LookBackRenamed:
    title: str


@event("goals.lookback_given")
@dataclass(frozen=True)
class LookBackGiven:
    """Somebody else answers for it from now on: ``name``, as the member was called then."""

    title: str
    name: str


@event("goals.lookback_interpreted")
@dataclass(frozen=True)
class LookBackInterpreted:
    """A person wrote, changed or cleared their reading of the result."""

    text: str


@event("goals.lookback_deleted")
@dataclass(frozen=True)
class LookBackDeleted:
    title: str


@event("goals.lookback_restored")
@dataclass(frozen=True)
class LookBackRestored:
    title: str
