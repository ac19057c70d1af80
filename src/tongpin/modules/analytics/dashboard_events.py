"""What happens to dashboards. Every event is the dashboard's own, so that its page hears of its tiles."""

from __future__ import annotations

from dataclasses import dataclass

from tongpin.kernel.events.payloads import event


@event("analytics.dashboard_created")
@dataclass(frozen=True)
class DashboardCreated:
    name: str


@event("analytics.dashboard_edited")
@dataclass(frozen=True)
class DashboardEdited:
    name: str
    fields: list[str]


@event("analytics.dashboard_deleted")
@dataclass(frozen=True)
class DashboardDeleted:
    name: str


@event("analytics.dashboard_restored")
@dataclass(frozen=True)
class DashboardRestored:
    name: str


@event("analytics.dashboard_shared")
@dataclass(frozen=True)
class DashboardShared:
    """``until`` is an ISO instant, "" for no end."""

    name: str
    until: str


@event("analytics.dashboard_unshared")
@dataclass(frozen=True)
class DashboardUnshared:
    name: str


@event("analytics.tile_added")
@dataclass(frozen=True)
class TileAdded:
    tile: str
    title: str


@event("analytics.tile_edited")
@dataclass(frozen=True)
class TileEdited:
    tile: str
    title: str


@event("analytics.tile_removed")
@dataclass(frozen=True)
class TileRemoved:
    tile: str
    title: str


@event("analytics.tile_restored")
@dataclass(frozen=True)
class TileRestored:
    tile: str
    title: str


@event("analytics.tiles_arranged")
@dataclass(frozen=True)
class TilesArranged:
    tiles: int
