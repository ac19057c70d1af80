"""From pasted text or an uploaded file to rows of cells, with their row numbers as the person sees them."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from tongpin.lib.series import dates, numbers
from tongpin.lib.series.types import Finding, SeriesError, Severity

Cell = str | int | float | date | datetime | None

MAX_BYTES = 5_000_000
MAX_UNPACKED = 80_000_000
MAX_ROWS = 20_000
MAX_COLUMNS = 800
MAX_SHEETS = 20
LONGEST_CELL = 131_072
SEPARATORS = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "pipe"}
SPACES = "spaces"


@dataclass(frozen=True)
class Row:
    """Cells of one input row. ``number`` is 1-based, as the person's editor counts."""

    number: int
    cells: tuple[Cell, ...]

    def cell(self, column: int) -> Cell:
        """The cell in a column, None beyond the row's end."""
        return self.cells[column] if column < len(self.cells) else None


@dataclass(frozen=True)
class Grid:
    """One sheet. Empty rows are gone, ``findings`` say how the text was taken apart."""

    name: str
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def width(self) -> int:
        """Cells in the longest row."""
        return max((len(row.cells) for row in self.rows), default=0)


def text_of(cell: Cell) -> str:
    """A cell as trimmed text, ``""`` when empty."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


def from_text(text: str, name: str = "") -> Grid:
    """Rows of pasted or decoded text; raises ``SeriesError`` when there are none or too many."""
    if len(text) > MAX_BYTES:
        raise SeriesError("too_large", {"limit": MAX_BYTES}, "only_two_columns")
    found: list[Finding] = []
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = unicodedata.normalize("NFKC", text.replace("\ufeff", "").replace("\u3000", " "))
    wide = [i + 1 for i, line in enumerate(text.splitlines()) if re.search("[\uff01-\uff5e]", line)]
    if wide:
        found.append(Finding("full_width", rows=tuple(wide[:20]), count=len(wide)))
    lines = [(i + 1, line) for i, line in enumerate(plain.splitlines()) if line.strip(" \t;,|")]
    if not lines:
        raise SeriesError("no_rows", {}, "paste_two_columns")
    if len(lines) > MAX_ROWS:
        raise SeriesError("too_many_rows", {"rows": len(lines), "limit": MAX_ROWS}, "aggregate_first")
    try:
        separator = _separator([line for _, line in lines[:200]])
    except csv.Error as error:
        longest = max(lines[:200], key=lambda line: len(line[1]))
        raise SeriesError("broken_csv", {"row": longest[0]}, "save_again_as_csv") from error
    found.append(Finding("separator", params={"separator": SEPARATORS.get(separator, SPACES)}))
    rows, merged, width = _parse(plain, lines, separator)
    if width > MAX_COLUMNS:
        found.append(_cut(width))
    if merged:
        found.append(Finding("thousands_in_commas", Severity.WARNING, rows=merged[:20], count=len(merged)))
    return Grid(name, rows, tuple(found))


def bounded(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """The rows of a CSV; raises ``csv.Error`` at a cell longer than any cell should be. The library's own limit belongs
    to the whole process, and whoever reads events sets it higher."""
    for cells in rows:
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise csv.Error("a cell without an end")
        yield cells


def _parse(
    plain: str, lines: list[tuple[int, str]], separator: str
) -> tuple[tuple[Row, ...], tuple[int, ...], int]:
    """(rows, numbers of the rows whose thousands were put together again, cells in the widest row)."""
    if separator == SPACES:
        return tuple(Row(n, tuple(_by_spaces(line))) for n, line in lines), (), 0
    rows: list[Row] = []
    merged: list[int] = []
    wide = 0
    try:
        reader = csv.reader(io.StringIO(plain), delimiter=separator, skipinitialspace=True, strict=False)
        last = 0
        for cells in bounded(reader):
            number, last = last + 1, reader.line_num
            if any(cell.strip() for cell in cells):
                wide = max(wide, len(cells))
                rows.append(Row(number, tuple(cell.strip() for cell in cells[:MAX_COLUMNS])))
    except csv.Error as error:
        raise SeriesError("broken_csv", {"row": reader.line_num}, "save_again_as_csv") from error
    if separator == ",":
        # Unquoted 2026-11-02,1,234 under a two-column header: groups of three belong to the number before.
        width = min(len(row.cells) for row in rows)
        rows, merged = _rejoin(rows, width)
    return tuple(rows), tuple(merged), wide


def _cut(width: int) -> Finding:
    return Finding("columns_cut", Severity.WARNING, {"columns": width, "limit": MAX_COLUMNS})


def _rejoin(rows: list[Row], width: int) -> tuple[list[Row], list[int]]:
    wide = [row for row in rows if len(row.cells) > width]
    if width != 2 or not wide:
        return rows, []
    tail = re.compile(r"\d{3}(\.\d+)?")
    for row in wide:
        head, rest = text_of(row.cells[1]), [text_of(c) for c in row.cells[2:]]
        if not re.fullmatch(r"\D?\d{1,3}", head) or not all(tail.fullmatch(part) for part in rest):
            return rows, []
    joined = [
        Row(row.number, (row.cells[0], ",".join(text_of(c) for c in row.cells[1:])))
        if len(row.cells) > width
        else row
        for row in rows
    ]
    return joined, [row.number for row in wide]


def _by_spaces(line: str) -> list[str]:
    parts = re.split(r"\s{2,}", line.strip())
    if len(parts) > 1:
        return parts
    # One blank: the longest beginning that is a day belongs together (Nov 2, 2026 · 2026-11-02 08:00).
    words = line.split()
    for count in range(min(5, len(words) - 1), 0, -1):
        if dates.read(" ".join(words[:count])):
            return [" ".join(words[:count]), *_numbers(words[count:])]
    return [" ".join(words[:-1]), words[-1]] if len(words) > 1 else words


def _numbers(words: list[str]) -> list[str]:
    """Words after the day; groups of three behind a number belong to it (1 234)."""
    out: list[str] = []
    for word in words:
        if out and re.fullmatch(r"\d{3}([.,]\d+)?", word) and re.fullmatch(r"\D?\d{1,3}( \d{3})*", out[-1]):
            out[-1] += " " + word
        else:
            out.append(word)
    return out


def _separator(sample: list[str]) -> str:
    """What parts the cells of these lines. Raises ``csv.Error`` for a cell longer than any cell should be."""
    # A spreadsheet copies cells apart by tabs: no count of cells, however uneven, says otherwise.
    if sum("\t" in line.strip() for line in sample) * 2 > len(sample):
        return "\t"
    best, score = SPACES, _score([_by_spaces(line) for line in sample])
    for mark in reversed(SEPARATORS):
        cells = list(bounded(csv.reader(sample, delimiter=mark, skipinitialspace=True)))
        # A later candidate wins ties: tab before semicolon before comma before pipe before spaces.
        if max(len(row) for row in cells) > 1 and (found := _score(cells)) >= score:
            best, score = mark, found
    return best


def _score(rows: list[list[str]]) -> float:
    """Share of rows that hold a day and, in another cell, a number or nothing."""
    good = 0.0
    for row in rows:
        days = [i for i, cell in enumerate(row) if dates.read(cell)]
        others = [c for i, c in enumerate(row) if not days or i != days[0]]
        if days and any(numbers.is_empty(c) or _is_number(c) for c in others):
            good += 1
        elif not days and len(row) > 1 and all(_is_number(c) for c in row):
            good += 0.5
    widths = [len(row) for row in rows]
    steady = max(widths.count(w) for w in set(widths)) / len(rows)
    return good / len(rows) + 0.1 * steady


def _is_number(text: str) -> bool:
    return any(numbers.parse(text, mark) is not None for mark in numbers.Decimal)


def from_bytes(name: str, data: bytes) -> list[Grid]:
    """Sheets of a file: one for text files. Raises ``SeriesError`` for what cannot be read."""
    if len(data) > MAX_BYTES:
        raise SeriesError("too_large", {"limit": MAX_BYTES}, "only_two_columns")
    if data[:4] == b"PK\x03\x04":
        return _workbook(data)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise SeriesError("old_excel", {"name": name}, "save_as_xlsx")
    if data[:5] == b"%PDF-" or data[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0"):
        raise SeriesError("not_a_table", {"name": name}, "csv_or_xlsx")
    text, encoding = decode(data)
    grid = from_text(text, name)
    if encoding == "utf-8":
        return [grid]
    note = Finding("encoding", params={"encoding": encoding})
    return [Grid(grid.name, grid.rows, (note, *grid.findings))]


def decode(data: bytes) -> tuple[str, str]:
    """(text, encoding). UTF-8, UTF-16 with or without a mark, GB18030; raises ``SeriesError`` for none of
    them.
    """
    candidates = ["utf-8", "gb18030"]
    if data[:3] == b"\xef\xbb\xbf":
        candidates = ["utf-8-sig"]
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        candidates = ["utf-16"]
    elif b"\x00" in data[:400]:
        odd = data[1:400:2].count(0)
        candidates = ["utf-16-le" if odd * 2 > len(data[1:400:2]) else "utf-16-be"]
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, "utf-8" if encoding == "utf-8-sig" else encoding
    raise SeriesError("unknown_encoding", {}, "save_as_utf8")


def _workbook(data: bytes) -> list[Grid]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise SeriesError("too_large", {"limit": MAX_BYTES}, "only_two_columns")
            sheets = [entry for entry in entries if entry.filename.startswith("xl/worksheets/")]
            formulas = any(b"<f" in archive.read(entry) for entry in sheets)
        grids = _sheets(data, formulas)
    except SeriesError:
        raise
    except Exception as error:  # openpyxl raises whatever a broken archive provokes
        raise SeriesError("broken_workbook", {}, "save_as_xlsx") from error
    if not grids:
        raise SeriesError("no_rows", {}, "paste_two_columns")
    return grids


def _sheets(data: bytes, formulas: bool) -> list[Grid]:
    from openpyxl import load_workbook  # noqa: PLC0415 - a third of a second, only uploads need it

    def load(data_only: bool) -> Any:
        return load_workbook(io.BytesIO(data), read_only=True, data_only=data_only, keep_links=False)

    book = load(data_only=True)
    # What a formula came to is stored beside it, unless the program that wrote it never computed anything.
    written = load(data_only=False) if formulas else book
    grids: list[Grid] = []
    for sheet, beside in zip(book.worksheets[:MAX_SHEETS], written.worksheets, strict=False):
        rows: list[Row] = []
        wide = 0
        for number, (values, sources) in enumerate(_together(sheet, beside), start=1):
            cells = tuple(
                _clean(value.value if value.value is not None else _formula(source), value.number_format)
                for value, source in zip(values[:MAX_COLUMNS], sources, strict=False)
            )
            if any(text_of(cell) for cell in cells):
                rows.append(Row(number, cells))
                wide = max(wide, len(values))
            if len(rows) > MAX_ROWS:
                raise SeriesError("too_many_rows", {"rows": len(rows), "limit": MAX_ROWS}, "aggregate_first")
            if number > 10 * MAX_ROWS:
                break
        if rows:
            grids.append(Grid(sheet.title, tuple(rows), (_cut(wide),) if wide > MAX_COLUMNS else ()))
    book.close()
    written.close()
    return grids


def _together(sheet: Any, beside: Any) -> Iterator[tuple[Any, Any]]:
    """Rows of a sheet with the same rows as they were written."""
    sheet.reset_dimensions()
    if beside is sheet:
        for row in sheet.iter_rows():
            yield row, row
        return
    beside.reset_dimensions()
    yield from zip(sheet.iter_rows(), beside.iter_rows(), strict=True)


def _formula(source: Any) -> str | None:
    """The formula of a cell that has no value, else None."""
    return str(source.value) if getattr(source, "data_type", "") == "f" else None


def _clean(value: object, number_format: str | None) -> Cell:
    if value is None or isinstance(value, (bool, time)):
        return None if value is None else str(value)
    if isinstance(value, (int, float)) and "%" in (number_format or ""):
        return f"{round(value * 100, 10)}%"
    if isinstance(value, (int, float, date)):
        return value
    return unicodedata.normalize("NFKC", str(value)).strip()
