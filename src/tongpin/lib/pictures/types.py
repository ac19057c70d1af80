"""What can be drawn. Texts are in the reader's words, figures as they are; None is a gap and stays one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Line:
    """One series of a plot. ``hue`` is one of 1 to 8."""

    name: str
    values: Sequence[float | None]
    hue: int = 1
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """Series over columns; ``labels`` are as many as each series has values."""

    kind: Literal["line", "bar", "stacked"]
    labels: Sequence[str]
    series: Sequence[Line]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One of several bars below each other: ``share`` (0 to 1) is its length, ``text`` its figure."""

    label: str
    text: str
    share: float


@dataclass(frozen=True, slots=True)
class Bars:
    rows: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Cell:
    """``heat``, 0 to 10, is how strongly it is shaded."""

    text: str
    heat: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with shaded cells; rows may be shorter than ``heads``."""

    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]


@dataclass(frozen=True, slots=True)
class Words:
    """Only text."""

    text: str


Picture = Plot | Bars | Grid | Words
