"""What stands on a dashboard, and where. Each of these writes locks the dashboard, so that two at once cannot leave
tiles over one another."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import Conflict, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import dashboard_events as events
from tongpin.modules.analytics import dashboard_layout as layout
from tongpin.modules.analytics.dashboard_layout import Box
from tongpin.modules.analytics.enums import TileKind
from tongpin.modules.analytics.models import Dashboard, Insight, Tile
from tongpin.modules.analytics.models.dashboard import LONGEST_TEXT
from tongpin.modules.analytics.models.insight import LONGEST_NAME
from tongpin.modules.analytics.permissions import EDIT_DASHBOARD

MOST = 40
#: Columns and rows a new tile takes.
SIZES = {"sessions": (12, 9), "retention": (12, 10), "paths": (12, 10), "attribution": (12, 8)}
USUAL = (6, 8)

Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NAME)]
Markdown = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT)]
Row = Annotated[int, Field(ge=0, le=1_000)]
Column = Annotated[int, Field(ge=0, le=layout.COLUMNS)]
Width = Annotated[int, Field(ge=1, le=layout.COLUMNS)]
Height = Annotated[int, Field(ge=1, le=layout.MOST_HEIGHT)]


class AddTile(BaseModel):
    """An insight (its public id) or a text (markdown). ``title`` stands instead of the insight's name."""

    model_config = ConfigDict(extra="forbid")

    insight: uuid.UUID | None = None
    text: Markdown = ""
    title: Title = ""


class EditTile(BaseModel):
    """Only what is given is changed; ``text`` is a text tile's."""

    model_config = ConfigDict(extra="forbid")

    tile: uuid.UUID
    text: Markdown | None = None
    title: Title | None = None


class PickTile(BaseModel):
    """One tile of the dashboard."""

    model_config = ConfigDict(extra="forbid")

    tile: uuid.UUID


class TilePlace(BaseModel):
    """Where a tile goes: columns of twelve and rows, from 0."""

    model_config = ConfigDict(extra="forbid")

    tile: uuid.UUID
    x: Column
    y: Row
    w: Width
    h: Height


class ArrangeTiles(BaseModel):
    """One place: that tile goes there and the others give way. Several: an arrangement as a whole."""

    model_config = ConfigDict(extra="forbid")

    places: Annotated[list[TilePlace], Field(min_length=1, max_length=MOST)]


def _room(text: str, titled: bool) -> tuple[int, int]:
    """Columns and rows in which a text can be read without scrolling, as far as its lines tell."""
    lines = sum(1 + len(line) // 100 for line in text.splitlines() if line.strip())
    return layout.COLUMNS, min(2 + titled + (lines * 2 + 1) // 3, 12)


def _tiles(row: Dashboard) -> list[Tile]:
    return list(row.tiles.filter(removed_at=None).select_related("insight"))


def _tile(row: Dashboard, tile: uuid.UUID, **more: Any) -> Tile:
    found: Tile | None = row.tiles.filter(public_id=tile, **more).select_related("insight").first()
    if found is None:
        raise Invalid(_("There is no such tile on this dashboard."), field="tile")
    return found


def _put(row: Dashboard, tiles: list[Tile], boxes: list[Box]) -> None:
    """Keep an arrangement; only tiles that moved are written."""
    by_id = {each.public_id: each for each in tiles}
    moved = []
    for box in boxes:
        tile = by_id[box.tile]
        if tile.box != box:
            tile.x, tile.y, tile.w, tile.h = box.x, box.y, box.w, box.h
            moved.append(tile)
    Tile.objects.bulk_update(moved, ["x", "y", "w", "h"])
    _touch(row, arranged=bool(moved))


def _touch(row: Dashboard, *, arranged: bool) -> None:
    row.changed_at = clock.now()
    row.places += arranged
    row.save(update_fields=["changed_at", "places"])


@action(
    "analytics.dashboard.add_tile", permission=EDIT_DASHBOARD.name, target=Dashboard,
    inverse="analytics.dashboard.remove_tile", inverse_data=lambda before, row: {"tile": str(row.touched.public_id)},
)  # fmt: skip
def add_tile(actor: Actor, row: Dashboard, data: AddTile) -> Tile:
    """Put an insight or a text on a dashboard, as far up as it fits below what is there."""
    tiles = _tiles(row)
    if len(tiles) >= MOST:
        raise Conflict(
            _("A dashboard holds %(n)d tiles.") % {"n": MOST}, code="too_many_tiles",
            hint=_("Remove some, or begin another dashboard."),
        )  # fmt: skip
    insight = None
    if data.insight is not None:
        insight = Insight.objects.visible_to(actor).filter(public_id=data.insight).first()
        if insight is None:
            raise Invalid(_("There is no such insight."), field="insight")
    elif not data.text:
        raise Invalid(_("A tile shows an insight or a text."), field="text")
    w, h = SIZES.get(insight.kind, USUAL) if insight else _room(data.text, bool(data.title))
    tile = Tile(
        workspace=row.workspace, dashboard=row, kind=TileKind.INSIGHT if insight else TileKind.TEXT,
        insight=insight, title=data.title, text="" if insight else data.text, x=0, y=0, w=w, h=h,
    )  # fmt: skip
    boxes = layout.added([each.box for each in tiles], tile.box)
    tile.x, tile.y = boxes[-1].x, boxes[-1].y
    tile.save()
    _put(row, [*tiles, tile], boxes)
    row.touched = tile  # type: ignore[attr-defined]  # for whoever takes this back
    emit(events.TileAdded(tile=str(tile.public_id), title=tile.name), row)
    return tile


def _former(before: dict[str, Any], row: Dashboard) -> dict[str, Any]:
    return {"tile": str(row.touched.public_id), **row.former}  # type: ignore[attr-defined]


@action(
    "analytics.dashboard.edit_tile", permission=EDIT_DASHBOARD.name, target=Dashboard,
    inverse="analytics.dashboard.edit_tile", inverse_data=_former,
)  # fmt: skip
def edit_tile(actor: Actor, row: Dashboard, data: EditTile) -> Tile:
    """Change a tile's text, or the title that stands above it."""
    tile = _tile(row, data.tile, removed_at=None)
    if data.text is not None and tile.kind != TileKind.TEXT:
        raise Invalid(_("Only a text tile has a text."), field="text")
    if data.text == "":
        raise Invalid(_("Write something, or remove the tile."), field="text")
    given = data.model_dump(exclude_none=True, exclude={"tile"})
    row.touched, row.former = tile, {name: getattr(tile, name) for name in given}  # type: ignore[attr-defined]
    if row.former == given:  # type: ignore[attr-defined]
        return tile
    for name, value in given.items():
        setattr(tile, name, value)
    tile.save(update_fields=list(given))
    _touch(row, arranged=False)
    emit(events.TileEdited(tile=str(tile.public_id), title=tile.name), row)
    return tile


@action(
    "analytics.dashboard.remove_tile", permission=EDIT_DASHBOARD.name, target=Dashboard,
    inverse="analytics.dashboard.restore_tile", inverse_data=lambda before, row: row.back,
)  # fmt: skip
def remove_tile(actor: Actor, row: Dashboard, data: PickTile) -> Tile:
    """Take a tile off a dashboard; those below it move up. The insight stays."""
    tile = _tile(row, data.tile, removed_at=None)
    tiles = _tiles(row)
    row.back = {"places": _places(tiles), "tile": str(tile.public_id)}  # type: ignore[attr-defined]
    tile.removed_at = clock.now()
    tile.save(update_fields=["removed_at"])
    _put(row, tiles, layout.laid(layout.in_order(each.box for each in tiles if each != tile)))
    emit(events.TileRemoved(tile=str(tile.public_id), title=tile.name), row)
    row.touched = tile  # type: ignore[attr-defined]
    return tile


def _places(tiles: list[Tile]) -> list[dict[str, Any]]:
    return [
        {"tile": str(each.public_id), "x": each.x, "y": each.y, "w": each.w, "h": each.h} for each in tiles
    ]


class RestoreTile(BaseModel):
    """A removed tile, and the arrangement it comes back to; without one it comes to where it was."""

    model_config = ConfigDict(extra="forbid")

    tile: uuid.UUID
    places: Annotated[list[TilePlace], Field(max_length=MOST)] = Field(default_factory=list)


@action(
    "analytics.dashboard.restore_tile", permission=EDIT_DASHBOARD.name, target=Dashboard,
    inverse="analytics.dashboard.remove_tile", inverse_data=lambda before, row: {"tile": str(row.touched.public_id)},
)  # fmt: skip
def restore_tile(actor: Actor, row: Dashboard, data: RestoreTile) -> Tile:
    """Bring a removed tile back."""
    tile = _tile(row, data.tile, removed_at__isnull=False)
    tile.removed_at = None
    tile.save(update_fields=["removed_at"])
    row.touched = tile  # type: ignore[attr-defined]
    _put(row, tiles := _tiles(row), _arranged(tiles, data.places or [TilePlace(**_places([tile])[0])]))
    emit(events.TileRestored(tile=str(tile.public_id), title=tile.name), row)
    return tile


@action(
    "analytics.dashboard.arrange", permission=EDIT_DASHBOARD.name, target=Dashboard,
    inverse="analytics.dashboard.arrange", inverse_data=lambda before, row: row.back,
)  # fmt: skip
def arrange_tiles(actor: Actor, row: Dashboard, data: ArrangeTiles) -> Dashboard:
    """Move or resize tiles. No two overlap and none floats, whatever is asked for."""
    tiles = _tiles(row)
    row.back = {"places": _places(tiles)}  # type: ignore[attr-defined]
    known = {each.public_id for each in tiles}
    if any(each.tile not in known for each in data.places):
        raise Invalid(_("There is no such tile on this dashboard."), field="places")
    _put(row, tiles, _arranged(tiles, data.places))
    if row.back["places"] != _places(tiles):  # type: ignore[attr-defined]
        emit(events.TilesArranged(tiles=len(tiles)), row)
    return row


def _arranged(tiles: list[Tile], places: list[TilePlace]) -> list[Box]:
    """One place is a move; several are taken together."""
    boxes = {each.public_id: each.box for each in tiles}
    given = [Box(**each.model_dump()) for each in places if each.tile in boxes]
    if len(given) == 1:
        return layout.moved(boxes.values(), given[0])
    boxes |= {each.tile: each for each in given}
    return layout.laid(layout.in_order(boxes.values()))
