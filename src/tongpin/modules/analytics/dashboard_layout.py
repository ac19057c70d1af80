"""Where the tiles of a dashboard lie: twelve columns, rows without end. ``islands/_layout.ts`` is the same rule.

Tiles fall, in their reading order, onto what is already below them in their columns. So no two overlap, none floats,
and of two that share a column the one above stays above.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

COLUMNS = 12
LEAST_WIDTH, LEAST_HEIGHT = 2, 2
MOST_HEIGHT = 24


@dataclass(frozen=True, slots=True)
class Box:
    """One tile's place. ``x`` and ``w`` count columns, ``y`` and ``h`` rows, from 0."""

    tile: UUID
    x: int
    y: int
    w: int
    h: int

    @property
    def fitted(self) -> Box:
        """The nearest box that a dashboard can hold."""
        w = min(max(self.w, LEAST_WIDTH), COLUMNS)
        h = min(max(self.h, LEAST_HEIGHT), MOST_HEIGHT)
        return replace(self, x=min(max(self.x, 0), COLUMNS - w), y=max(self.y, 0), w=w, h=h)


def in_order(boxes: Iterable[Box]) -> list[Box]:
    """As they are read: row by row, from the left."""
    return sorted(boxes, key=lambda box: (box.y, box.x, box.tile))


def laid(boxes: Iterable[Box]) -> list[Box]:
    """The boxes, each in turn, fallen onto those before it; in the order they were given."""
    height = [0] * COLUMNS
    found = []
    for box in (each.fitted for each in boxes):
        columns = range(box.x, box.x + box.w)
        y = max(height[at] for at in columns)
        for at in columns:
            height[at] = y + box.h
        found.append(replace(box, y=y))
    return found


def moved(boxes: Iterable[Box], held: Box) -> list[Box]:
    """The boxes with one of them in another place or size: it goes there, the others give way.

    It comes before those whose middle lies below its upper edge, or below its lower edge where it goes down.
    """
    others = in_order(box for box in boxes if box.tile != held.tile)
    was = next((box for box in boxes if box.tile == held.tile), held)
    held = held.fitted
    edge = held.y + held.h if held.y > was.y else held.y
    at = next((n for n, box in enumerate(others) if 2 * box.y + box.h > 2 * edge), len(others))
    return laid([*others[:at], held, *others[at:]])


def added(boxes: Iterable[Box], new: Box) -> list[Box]:
    """The boxes with one more, as far up as it fits below the others; the leftmost of such places."""
    lying = laid(in_order(boxes))
    new = new.fitted

    def fall(x: int) -> int:
        return max((box.y + box.h for box in lying if box.x < x + new.w and x < box.x + box.w), default=0)

    x = min(range(COLUMNS - new.w + 1), key=lambda at: (fall(at), at))
    return [*lying, replace(new, x=x, y=fall(x))]
