"""The picture of ways: nodes in a column a step, ribbons as wide as the visits that went along them. Pure geometry.

Drawn here and not by the chart library: its sankey wants 60 KB more of script, and this is links and shapes that work
without any.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

COLUMN, NODE, GAP, TOP, TALL, THIN = 190, 12, 18, 28, 280, 2.0
OTHERS = None
"""The name of what is merged in a column."""


@dataclass(slots=True)
class Spot:
    """A node: its step and name (OTHERS for the rest of a column), how many, how many went no further."""

    step: int
    name: str | None
    count: int
    ended: int = 0
    x: float = 0
    y: float = 0
    height: float = 0
    out: float = 0
    """Where the next ribbon leaves it; after all of them, where those begin who went no further."""
    into: float = 0


@dataclass(slots=True)
class Ribbon:
    """Visits from one spot to one of the next step: where the band begins and ends, and how high it is."""

    source: Spot
    target: Spot
    count: int
    begins: float = 0
    ends: float = 0
    height: float = 0

    @property
    def path(self) -> str:
        """Its outline."""
        x1, x2, y1, y2, h = self.source.x + NODE, self.target.x, self.begins, self.ends, self.height
        mid = (x1 + x2) / 2
        return (
            f"M{x1:.1f} {y1:.1f}C{mid:.1f} {y1:.1f} {mid:.1f} {y2:.1f} {x2:.1f} {y2:.1f}V{y2 + h:.1f}"
            f"C{mid:.1f} {y2 + h:.1f} {mid:.1f} {y1 + h:.1f} {x1:.1f} {y1 + h:.1f}Z"
        )


@dataclass(slots=True)
class Flow:
    """The whole picture, in units of which ``width`` and ``height`` hold all."""

    spots: list[Spot] = field(default_factory=list)
    ribbons: list[Ribbon] = field(default_factory=list)
    columns: dict[int, float] = field(default_factory=dict)
    width: float = 0
    height: float = 0


def flow(
    nodes: Sequence[Mapping[str, object]], edges: Sequence[Mapping[str, object]], most: int, ends: bool
) -> Flow:
    """Of a path answer's nodes and edges; the ``most`` frequent nodes of a step stand alone, the others as one.

    ``ends``: where visits that went no further are shown as such.
    """
    drawn = Flow()
    by_step: dict[int, list[Mapping[str, object]]] = defaultdict(list)
    for node in nodes:
        by_step[int(str(node["step"]))].append(node)
    spots: dict[tuple[int, str | None], Spot] = {}
    for step in sorted(by_step):
        for at, node in enumerate(by_step[step]):
            name = str(node["name"]) if at < most else OTHERS
            spot = spots.setdefault((step, name), Spot(step, name, 0))
            spot.count += int(str(node["count"]))
            spot.ended += int(str(node["ended"])) if ends else 0

    def spot_of(step: int, name: str) -> Spot | None:
        return spots.get((step, name)) or spots.get((step, OTHERS))

    merged: dict[tuple[int, int], Ribbon] = {}
    for edge in edges:
        step = int(str(edge["step"]))
        source, target = spot_of(step, str(edge["source"])), spot_of(step + 1, str(edge["target"]))
        if source is None or target is None:
            continue
        ribbon = merged.setdefault((id(source), id(target)), Ribbon(source, target, 0))
        ribbon.count += int(str(edge["count"]))
    drawn.spots, drawn.ribbons = list(spots.values()), list(merged.values())
    _place(drawn)
    return drawn


def _place(drawn: Flow) -> None:
    columns: dict[int, list[Spot]] = defaultdict(list)
    for spot in drawn.spots:
        columns[spot.step].append(spot)
    most = max((sum(spot.count for spot in column) for column in columns.values()), default=0)
    if not most:
        return
    unit = TALL / most
    for at, step in enumerate(sorted(columns)):
        x, y = at * COLUMN, float(TOP)
        drawn.columns[step] = x
        for spot in columns[step]:
            spot.x, spot.y, spot.height = x, y, max(THIN, spot.count * unit)
            spot.out = spot.into = y
            y += spot.height + GAP
        drawn.height = max(drawn.height, y)
    drawn.width = len(columns) * COLUMN
    for ribbon in sorted(drawn.ribbons, key=lambda each: (each.source.y, each.target.y)):
        ribbon.height = ribbon.count * unit
        ribbon.begins = ribbon.source.out
        ribbon.source.out += ribbon.height
    for ribbon in sorted(drawn.ribbons, key=lambda each: (each.target.y, each.source.y)):
        ribbon.ends = ribbon.target.into
        ribbon.target.into += ribbon.height
