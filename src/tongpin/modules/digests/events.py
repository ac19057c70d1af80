"""What happens to group robots. No payload holds an address or a secret."""

from __future__ import annotations

from dataclasses import dataclass

from tongpin.kernel.events.payloads import event


@event("digests.robot_created")
@dataclass(frozen=True)
class RobotCreated:
    name: str
    vendor: str


@event("digests.robot_edited")
@dataclass(frozen=True)
class RobotEdited:
    name: str
    fields: list[str]


@event("digests.robot_connected")
@dataclass(frozen=True)
class RobotConnected:
    """Another address or signing secret was entered."""

    name: str
    vendor: str


@event("digests.robot_paused")
@dataclass(frozen=True)
class RobotPaused:
    name: str


@event("digests.robot_resumed")
@dataclass(frozen=True)
class RobotResumed:
    name: str


@event("digests.robot_stopped")
@dataclass(frozen=True)
class RobotStopped:
    """The server paused it: ``why`` is one of ``Why``, ``said`` the vendor's own words."""

    name: str
    why: str
    said: str


@event("digests.robot_taken_over")
@dataclass(frozen=True)
class RobotTakenOver:
    name: str


@event("digests.robot_deleted")
@dataclass(frozen=True)
class RobotDeleted:
    name: str


@event("digests.robot_restored")
@dataclass(frozen=True)
class RobotRestored:
    name: str


@event("digests.report_created")
@dataclass(frozen=True)
class ReportCreated:
    """``name`` is the dashboard's, ``every`` one of ``Every``."""

    name: str
    every: str


@event("digests.report_edited")
@dataclass(frozen=True)
class ReportEdited:
    name: str
    fields: list[str]


@event("digests.report_paused")
@dataclass(frozen=True)
class ReportPaused:
    name: str


@event("digests.report_resumed")
@dataclass(frozen=True)
class ReportResumed:
    name: str


@event("digests.report_stopped")
@dataclass(frozen=True)
class ReportStopped:
    """The server paused it: ``why`` is one of ``ReportWhy``."""

    name: str
    why: str


@event("digests.report_left")
@dataclass(frozen=True)
class ReportLeft:
    """A reader wants no more of it."""

    name: str


@event("digests.report_deleted")
@dataclass(frozen=True)
class ReportDeleted:
    name: str


@event("digests.report_restored")
@dataclass(frozen=True)
class ReportRestored:
    name: str
