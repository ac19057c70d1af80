"""Each sort of picture into a box of a canvas."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

from tongpin.lib.pictures.canvas import ACCENT, HUES, INK, MUTED, RULE, Canvas
from tongpin.lib.pictures.types import Bars, Grid, Line, Picture, Plot, Words

SMALL, LEADING = 11, 18
TICKS = 4


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a canvas, in units."""

    x: float
    y: float
    w: float
    h: float


def draw(canvas: Canvas, box: Box, picture: Picture) -> None:
    """Whatever it is."""
    if isinstance(picture, Plot):
        _plot(canvas, box, picture)
    elif isinstance(picture, Bars):
        _bars(canvas, box, picture)
    elif isinstance(picture, Grid):
        _grid(canvas, box, picture)
    else:
        _words(canvas, box, picture)


def ticks(low: float, high: float) -> list[float]:
    """Round values (1, 2 or 5 times a power of ten apart) from at most ``low`` to at least ``high``, 0 among them where
    it lies between: about TICKS of them."""
    if high - low < 1e-12:
        high = low + 1
    rough = (high - low) / TICKS
    power = 10 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    return [step * at for at in range(floor(low / step + 1e-9), ceil(high / step - 1e-9) + 1)]


def short(value: float, unit: str = "") -> str:
    """A figure on an axis."""
    shown = f"{value:,.0f}" if abs(value) >= 10 or float(value).is_integer() else f"{value:.3g}"
    return shown + unit


def _plot(canvas: Canvas, box: Box, plot: Plot) -> None:
    held = [value for line in plot.series for value in line.values if value is not None]
    if not plot.labels or not held:
        return
    names = [line for line in plot.series if line.name]
    top = box.y + (LEADING + 4 if len(names) > 1 else 6)
    if len(names) > 1:
        _legend(canvas, box, names)
    if plot.kind == "stacked":
        columns = list(zip(*(line.values for line in plot.series), strict=True))
        held = [sum(v for v in each if v and v > 0) for each in columns] + [
            sum(v for v in each if v and v < 0) for each in columns
        ]
    marks = ticks(min(0.0, *held), max(0.0, *held))
    left = box.x + max(canvas.width(short(mark, plot.unit), SMALL) for mark in marks) + 8
    right, bottom = box.x + box.w, box.y + box.h - LEADING
    span = marks[-1] - marks[0]

    def up(value: float) -> float:
        return bottom - (value - marks[0]) / span * (bottom - top)

    for mark in marks:
        canvas.line([(left, up(mark)), (right, up(mark))], RULE)
        canvas.text((left - 6, up(mark)), short(mark, plot.unit), SMALL, MUTED, "rm")
    slot = (right - left) / len(plot.labels)
    _labels(canvas, plot, left, slot, bottom + 4)
    if plot.kind == "line":
        for line in plot.series:
            for part in _runs(line):
                points = [(left + slot * (at + 0.5), up(value)) for at, value in part]
                canvas.line(points, HUES[(line.hue - 1) % len(HUES)], 1.8, dashed=line.dashed)
        return
    thin = slot * 0.7 / (1 if plot.kind == "stacked" else len(plot.series))
    above, below = [0.0] * len(plot.labels), [0.0] * len(plot.labels)
    for nth, line in enumerate(plot.series):
        for at, value in enumerate(line.values):
            if not value:
                continue
            begin, x = 0.0, left + slot * (at + 0.15) + thin * nth
            if plot.kind == "stacked":
                pile = above if value > 0 else below
                begin, x = pile[at], left + slot * (at + 0.15)
                pile[at] += value
            high, low = sorted((up(begin), up(begin + value)))
            canvas.box((x, high), (thin, low - high), HUES[(line.hue - 1) % len(HUES)])


def _runs(line: Line) -> list[list[tuple[int, float]]]:
    """The stretches of a line without a gap."""
    runs: list[list[tuple[int, float]]] = [[]]
    for at, value in enumerate(line.values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((at, value))
    return [run for run in runs if run]


def _labels(canvas: Canvas, plot: Plot, left: float, slot: float, y: float) -> None:
    """As many column labels as have room, the last one among them."""
    said = [canvas.cut(label, 140, SMALL) for label in plot.labels]
    every = max(1, ceil((max(canvas.width(each, SMALL) for each in said) + 14) / slot))
    for at in range(len(said) - 1, -1, -every):
        half = canvas.width(said[at], SMALL) / 2
        middle = min(max(left + slot * (at + 0.5), left + half), left + slot * len(said) - half)
        canvas.text((middle, y), said[at], SMALL, MUTED, "ma")


def _legend(canvas: Canvas, box: Box, names: list[Line]) -> None:
    """The series' names in a row, as many as fit; how many more is said."""
    x, end = box.x, box.x + box.w
    for at, line in enumerate(names):
        said = canvas.cut(line.name, 170, SMALL)
        wide = canvas.width(said, SMALL) + 34
        if x + wide > end - 30 and at:
            canvas.text((x, box.y), f"+{len(names) - at}", SMALL, MUTED)
            return
        colour = HUES[(line.hue - 1) % len(HUES)]
        canvas.line([(x, box.y + 7), (x + 14, box.y + 7)], colour, 2.4, dashed=line.dashed)
        canvas.text((x + 19, box.y), said, SMALL, MUTED)
        x += wide


def _bars(canvas: Canvas, box: Box, bars: Bars) -> None:
    row = 36
    fits = max(1, int(box.h // row))
    for at, bar in enumerate(bars.rows[:fits]):
        y = box.y + at * row
        figure = canvas.written(bar.text)
        canvas.text((box.x + box.w, y), figure, 12, INK, "ra")
        canvas.text((box.x, y), canvas.cut(bar.label, box.w - canvas.width(figure) - 16), 12, INK)
        canvas.box((box.x, y + 19), (box.w, 8), RULE, round_=4)
        share = min(max(bar.share, 0.0), 1.0)
        if share > 0:
            canvas.box((box.x, y + 19), (max(box.w * share, 8), 8), ACCENT, round_=4)
    _more(canvas, box, len(bars.rows) - fits)


def _grid(canvas: Canvas, box: Box, grid: Grid) -> None:
    first = 108.0
    heads = grid.heads[: max(1, int((box.w - first) // 54))]
    wide, row = (box.w - first) / max(len(heads), 1), 24
    for at, head in enumerate(heads):
        said = canvas.cut(head, wide - 4, SMALL)
        canvas.text((box.x + first + wide * (at + 0.5), box.y), said, SMALL, MUTED, "ma")
    fits = max(1, int((box.h - LEADING - 2) // row))
    for nth, (label, cells) in enumerate(grid.rows[-fits:]):
        y = box.y + LEADING + 2 + nth * row
        canvas.text((box.x, y + row / 2), canvas.cut(label, first - 8, SMALL), SMALL, INK, "lm")
        for at, cell in enumerate(cells[: len(heads)]):
            x = box.x + first + wide * at
            if cell.text:
                canvas.box((x + 1, y + 1), (wide - 2, row - 2), _shade(cell.heat), round_=3)
            colour = "#ffffff" if cell.heat > 6 else INK
            canvas.text(
                (x + wide / 2, y + row / 2), canvas.cut(cell.text, wide - 4, SMALL), SMALL, colour, "mm"
            )


def _shade(heat: int) -> str:
    """From nearly white to the accent."""
    strong = 0.06 + 0.94 * min(max(heat, 0), 10) / 10
    parts = [int(ACCENT[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) * strong):02x}" for part in parts)


def _words(canvas: Canvas, box: Box, words: Words) -> None:
    fits = max(1, int(box.h // LEADING))
    lines = [part for line in words.text.splitlines() for part in _wrapped(canvas, line, box.w)]
    for at, line in enumerate(lines[:fits]):
        canvas.text(
            (box.x, box.y + at * LEADING), line if at + 1 < fits else canvas.cut(line, box.w), 12, INK
        )


def _wrapped(canvas: Canvas, text: str, room: float) -> list[str]:
    """The text in lines of so much room: broken at a space, or between any two signs where there is none."""
    left, lines = canvas.written(text), []
    while left and canvas.width(left) > room:
        fits = next(n for n in range(len(left) - 1, 0, -1) if n == 1 or canvas.width(left[:n]) <= room)
        space = left.rfind(" ", fits // 2, fits + 1)
        end = space if space > 0 else fits
        lines.append(left[:end].rstrip())
        left = left[end:].lstrip()
    return [*lines, left]


def _more(canvas: Canvas, box: Box, left: int) -> None:
    if left > 0:
        canvas.text((box.x + box.w, box.y + box.h), f"+{left}", SMALL, MUTED, "rs")
