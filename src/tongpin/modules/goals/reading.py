"""From what a person pasted or uploaded to a series, through ``lib.series``; and whether a question fits it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from tongpin.lib.effects import LookBackSpec, SpecError
from tongpin.lib.series import Finding, Series, SeriesDraft, read_file, read_text
from tongpin.lib.series.grid import Cell, Grid, decode, text_of

MAX_CHARACTERS = 5_000_000
_WORKBOOK = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Taken:
    """A series without open questions, with everything that was noticed on the way."""

    series: Series
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook as text that can be pasted; row numbers are the workbook's."""

    name: str
    text: str


def read(text: str, answers: Mapping[str, str], today: date) -> SeriesDraft:
    """What the text says under the answers so far. Raises SeriesError when it is no table."""
    return read_text(text, today=today, answers=answers)


def take(text: str, answers: Mapping[str, str], today: date) -> Taken:
    """The series, strictly: raises SeriesError while a required question is open."""
    draft = read(text, answers, today)
    return Taken(draft.resolve(), draft.findings)


def sheets(name: str, data: bytes) -> list[Sheet]:
    """An uploaded file as text: one entry for a CSV, one for each sheet of a workbook. Raises SeriesError."""
    if data[:4] != _WORKBOOK:
        read_file(name, data)  # refuses what is no table before anything is shown
        return [Sheet(name, decode(data)[0])]
    return [Sheet(grid.name, _as_text(grid)) for grid in read_file(name, data).grids]


def check(series: Series, spec: LookBackSpec) -> None:
    """Raise SpecError, with the field it concerns, if this cannot be asked of the series."""
    # numpy and the holidays take a while to load: pages that only show results need not pay for them.
    from tongpin.lib.effects.calendars import kinds_of  # noqa: PLC0415
    from tongpin.lib.effects.preparation import prepare  # noqa: PLC0415
    from tongpin.lib.workdays import UnknownCountry  # noqa: PLC0415

    try:
        kinds_of([spec.launch], spec.country)
    except UnknownCountry:
        raise SpecError("unknown_country", {"country": spec.country}, "country") from None
    prepare(series, spec)


def _as_text(grid: Grid) -> str:
    """Tab-separated lines; an empty line for an empty row, so that row numbers stay."""
    lines: list[str] = []
    for row in grid.rows:
        lines.extend([""] * (row.number - 1 - len(lines)))
        line = io.StringIO()
        csv.writer(line, delimiter="\t", lineterminator="").writerow(_cell(cell) for cell in row.cells)
        lines.append(line.getvalue())
    return "\n".join(lines)


def _cell(cell: Cell) -> str:
    if isinstance(cell, datetime) and cell.time() == time():
        cell = cell.date()
    return text_of(cell).replace("\t", " ").replace("\n", " ")
