"""Several pictures on one sheet: titles, figures, two to a row unless one is wide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tongpin.lib.pictures.canvas import INK, MUTED, RULE, Canvas, found_font
from tongpin.lib.pictures.charts import Box, draw
from tongpin.lib.pictures.types import Picture

WIDTH, EDGE, GAP, PAD = 760, 20, 14, 14
HEAD, TALL = 62, 250
TITLE, FIGURES = 24, 46
MOST_PANELS = 16


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture with its title and its figures (name, value). ``wide``: a row of its own."""

    title: str
    picture: Picture | None
    figures: Sequence[tuple[str, str]] = ()
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """The sheet as a PNG. ``legend``: the marks that stand for texts this machine has no font for."""

    png: bytes
    legend: dict[str, str]


def sheet(title: str, note: str, panels: Sequence[Panel], font: tuple[Path, int] | None = None) -> Drawn:
    """Draw the first MOST_PANELS. ``font``: a file with Chinese signs and its face; by default what the machine has."""
    rows = _rows(panels[:MOST_PANELS])
    canvas = Canvas(WIDTH, HEAD + len(rows) * (TALL + GAP) + EDGE - GAP, font or found_font())
    canvas.text((EDGE, 16), canvas.cut(title, WIDTH - 2 * EDGE, 18), 18, INK)
    canvas.text((EDGE, 41), canvas.cut(note, WIDTH - 2 * EDGE, 11), 11, MUTED)
    for nth, row in enumerate(rows):
        wide = (WIDTH - 2 * EDGE - GAP * (len(row) - 1)) / len(row)
        for at, panel in enumerate(row):
            _panel(canvas, Box(EDGE + at * (wide + GAP), HEAD + nth * (TALL + GAP), wide, TALL), panel)
    return Drawn(canvas.png(), canvas.legend)


def _rows(panels: Sequence[Panel]) -> list[list[Panel]]:
    """Two to a row in their order; a wide one, and one whose neighbour is wide, alone."""
    rows: list[list[Panel]] = []
    for panel in panels:
        if rows and not panel.wide and len(rows[-1]) == 1 and not rows[-1][0].wide:
            rows[-1].append(panel)
        else:
            rows.append([panel])
    return rows


def _panel(canvas: Canvas, box: Box, panel: Panel) -> None:
    canvas.box((box.x, box.y), (box.w, box.h), "#ffffff", outline=RULE, round_=8)
    x, y, room = box.x + PAD, box.y + PAD - 2, box.w - 2 * PAD
    canvas.text((x, y), canvas.cut(panel.title, room, 13), 13, INK)
    y += TITLE
    if panel.figures:
        shown = panel.figures[: 4 if box.w > WIDTH / 2 else 3]
        each = room / len(shown)
        for at, (name, value) in enumerate(shown):
            canvas.text((x + at * each, y), canvas.cut(value, each - 8, 18), 18, INK)
            canvas.text((x + at * each, y + 23), canvas.cut(name, each - 8, 10), 10, MUTED)
        y += FIGURES
    if panel.picture is not None:
        draw(canvas, Box(x, y, room, box.y + box.h - PAD - y), panel.picture)
