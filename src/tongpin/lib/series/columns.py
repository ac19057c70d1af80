"""Which column holds the day and which the value, and where the header ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from tongpin.lib.series import dates, numbers
from tongpin.lib.series.dates import Written
from tongpin.lib.series.grid import Cell, Grid, Row, text_of
from tongpin.lib.series.types import Finding, Param, SeriesError, Severity

ENOUGH = 0.6
"""Share of a column's filled cells that must be days (or numbers) for the column to count as one."""

_TOTAL_WORDS = (
    "合计",
    "总计",
    "汇总",
    "小计",
    "总和",
    "平均",
    "均值",
    "total",
    "sum",
    "average",
    "grand total",
)


@dataclass(frozen=True)
class Layout:
    """What was found: the data rows, the names of columns, and the candidates, best first."""

    rows: tuple[Row, ...]
    names: tuple[str, ...]
    date_columns: tuple[int, ...]
    value_columns: tuple[int, ...]
    serial: bool
    findings: tuple[Finding, ...]


def as_number(cell: Cell, mark: numbers.Decimal) -> numbers.Number | None:
    """A cell as a number; real numbers of a workbook pass through."""
    if isinstance(cell, bool) or cell is None or isinstance(cell, date):
        return None
    if isinstance(cell, (int, float)):
        return numbers.Number(float(cell)) if abs(cell) < numbers.LARGEST else None
    return numbers.parse(cell, mark)


def as_day(cell: Cell, serial: bool) -> Written | None:
    """A cell as a day; ``serial`` takes numbers for Excel's day count."""
    written = dates.read(cell)
    if written is None and serial:
        number = as_number(cell, numbers.Decimal.DOT)
        return None if number is None else dates.serial(number.value)
    return written


def lay_out(grid: Grid, date_column: int | None = None) -> Layout:
    """Find header, day column and value columns; raises ``SeriesError`` when there is none.

    ``date_column`` is the person's choice, None lets the cells decide.
    """
    findings: list[Finding] = []
    grid = _upright(grid, findings)
    width = grid.width
    if width < 2:
        raise SeriesError("one_column", {}, "paste_two_columns")
    serial = False
    found = _ranked(grid.rows, range(width), lambda cell: as_day(cell, False) is not None)
    if not found:
        found = [c for c in range(width) if _is_serial_column(grid.rows, c)][:1]
        serial = bool(found)
    if date_column is not None and date_column < width:
        serial = serial or _is_serial_column(grid.rows, date_column)
        found = [date_column, *(c for c in found if c != date_column)]
    if not found:
        _raise_uncalculated(grid.rows)
        raise SeriesError("no_date_column", {"columns": width}, "date_column_first")
    chosen = found[0]
    first = next((i for i, row in enumerate(grid.rows) if as_day(row.cell(chosen), serial)), None)
    if first is None:
        raise SeriesError("no_date_column", {"columns": width}, "date_column_first")
    names = _names(grid.rows, first, width)
    if first:
        findings.append(Finding("header", params={"row": grid.rows[first - 1].number}))
    if first > 1:
        skipped = tuple(row.number for row in grid.rows[: first - 1])
        findings.append(Finding("rows_before_header", rows=skipped[:20], count=len(skipped)))
    rows = _without_totals(grid.rows[first:], chosen, serial, findings)
    values = _ranked(rows, [c for c in range(width) if c != chosen], _is_value)
    if not values:
        _raise_uncalculated(rows)
        others = [(row.number, cell) for row in rows for i, cell in enumerate(row.cells) if i != chosen]
        words = ((n, text_of(c)) for n, c in others if not numbers.is_empty(text_of(c)) and not _is_value(c))
        number, cell = next(words, (0, ""))
        told: dict[str, Param] = {"columns": width, "row": number, "cell": cell[:40]}
        raise SeriesError("no_value_column", told, "numbers_in_one_column")
    # The first number right of the day is what people mean; a running number left of it is not.
    values.sort(key=lambda c: (c < chosen, c))
    return Layout(rows, names, tuple(found), tuple(values), serial, tuple(findings))


def _raise_uncalculated(rows: Sequence[Row]) -> None:
    """A program that wrote formulas and never computed them left no values behind."""
    count = sum(any(text_of(cell).startswith("=") for cell in row.cells) for row in rows)
    if count:
        raise SeriesError("uncalculated", {"rows": count}, "calculate_and_save")


def _is_value(cell: Cell) -> bool:
    return any(as_number(cell, mark) is not None for mark in numbers.Decimal)


def _ranked(rows: Sequence[Row], columns: Sequence[int] | range, test: object) -> list[int]:
    """Columns where enough filled cells pass ``test``, in their order."""
    assert callable(test)
    found = []
    for column in columns:
        filled = [row.cell(column) for row in rows if not numbers.is_empty(text_of(row.cell(column)))]
        # The first rows may be a header and a title: they do not count against a short column.
        good = sum(1 for cell in filled if test(cell))
        if good >= 1 and good >= ENOUGH * (len(filled) - min(2, len(filled) - good)):
            found.append(column)
    return found


def _is_serial_column(rows: Sequence[Row], column: int) -> bool:
    """Day counts of Excel: all numbers in range and mostly one or seven apart."""
    values = [as_number(row.cell(column), numbers.Decimal.DOT) for row in rows]
    days = [int(v.value) for v in values if v is not None and dates.serial(v.value)]
    if len(days) < max(3, ENOUGH * len(rows)):
        return False
    steps = Counter(b - a for a, b in zip(sorted(days), sorted(days)[1:], strict=False))
    return sum(steps[s] for s in (0, 1, 7)) >= 0.6 * sum(steps.values())


def _names(rows: Sequence[Row], first: int, width: int) -> tuple[str, ...]:
    if not first:
        return tuple("" for _ in range(width))
    header = rows[first - 1]
    return tuple(text_of(header.cell(c))[:80] for c in range(width))


def _without_totals(
    rows: Sequence[Row], column: int, serial: bool, findings: list[Finding]
) -> tuple[Row, ...]:
    totals = [
        row
        for row in rows
        if not as_day(row.cell(column), serial)
        and any(text_of(cell).strip(":： ").lower() in _TOTAL_WORDS for cell in row.cells)
    ]
    if totals:
        numbers_of = tuple(row.number for row in totals)
        findings.append(Finding("total_rows_skipped", rows=numbers_of[:20], count=len(totals)))
    return tuple(row for row in rows if row not in totals)


def _upright(grid: Grid, findings: list[Finding]) -> Grid:
    """Days across the top become days down the side."""
    for position, row in enumerate(grid.rows[:5]):
        days = sum(1 for cell in row.cells if as_day(cell, False))
        if days >= 5 and days >= ENOUGH * len(row.cells) and len(grid.rows) < days:
            findings.append(Finding("transposed", Severity.INFO))
            body = grid.rows[position:]
            turned = tuple(
                Row(c + 1, tuple(r.cell(c) for r in body))
                for c in range(grid.width)
                if any(text_of(r.cell(c)) for r in body)
            )
            return replace(grid, rows=turned)
    return grid
