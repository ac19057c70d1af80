"""A table of words from a file: CSV in the encodings people have, or the first sheet of an XLSX workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tongpin.lib.series import grid
from tongpin.lib.series.types import SeriesError

#: Characters a cell may have; what is longer is no name or address.
LONGEST = 500
SEPARATORS = (",", "\t", ";", "|", "，")
BOM = "\ufeff"
# The wide forms as well: a spreadsheet set to Chinese or Japanese reads them as the narrow ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class SheetError(ValueError):
    """``code`` is not_a_table, broken, old_excel, unknown_encoding, too_large or no_rows."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Line:
    """One row's cells, trimmed. ``number`` is 1-based, as the person's editor counts."""

    number: int
    cells: tuple[str, ...]


_CODES = {
    "not_a_table": "not_a_table",
    "old_excel": "old_excel",
    "unknown_encoding": "unknown_encoding",
    "too_large": "too_large",
    "too_many_rows": "too_large",
    "no_rows": "no_rows",
}


def read(name: str, data: bytes) -> list[Line]:
    """The rows that hold anything. CSV may be UTF-8 (with a mark or without), UTF-16 or GB18030, its cells apart by
    commas, tabs, semicolons or bars. Raises SheetError.
    """
    if len(data) > grid.MAX_BYTES:
        raise SheetError("too_large")
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") or data[:5] == b"%PDF-" or data[:4] == b"\x89PNG":
        return _from_workbook(name, data)
    try:
        text, _encoding = grid.decode(data)
    except SeriesError:
        raise SheetError("unknown_encoding") from None
    return _from_text(text.removeprefix(BOM))


def _from_workbook(name: str, data: bytes) -> list[Line]:
    try:
        sheets = grid.from_bytes(name, data)
    except SeriesError as error:
        raise SheetError(_CODES.get(error.code, "broken")) from error
    return [Line(row.number, tuple(_cell(grid.text_of(c)) for c in row.cells)) for row in sheets[0].rows]


def _from_text(text: str) -> list[Line]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines: list[Line] = []
    reader = csv.reader(io.StringIO(text), delimiter=_separator(text), skipinitialspace=True)
    last = 0
    try:
        for row in grid.bounded(reader):
            number, last = last + 1, reader.line_num
            cells = tuple(_cell(cell) for cell in row)
            if any(cells):
                lines.append(Line(number, cells))
            if len(lines) > grid.MAX_ROWS:
                raise SheetError("too_large")
    except csv.Error as error:
        raise SheetError("broken") from error
    if not lines:
        raise SheetError("no_rows")
    return lines


def _separator(text: str) -> str:
    """What parts the cells: whatever stands most often outside quotation marks in the first line that has any."""
    for line in text.split("\n", 20)[:20]:
        bare = "".join(line.split('"')[::2])
        found = max(SEPARATORS, key=bare.count)
        if bare.count(found):
            return found
    return ","


def _cell(text: str) -> str:
    return " ".join(text.replace("\u3000", " ").replace("\u00a0", " ").replace("\x00", "").split())[:LONGEST]


def safe(text: str) -> str:
    """Text that a spreadsheet shows and does not run: a leading apostrophe where it would be a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def written(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """CSV, a line at a time, that Excel opens with the right characters and never as a formula."""
    mark = BOM
    for row in rows:
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerow([safe(cell) for cell in row])
        yield mark + out.getvalue()
        mark = ""


def write(rows: Iterable[Sequence[str]]) -> str:
    """The same as one text."""
    return "".join(written(rows))
