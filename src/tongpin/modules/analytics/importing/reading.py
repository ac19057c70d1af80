"""The rows of a file of events, one after the other, whatever its size: CSV, JSON lines, Parquet; gzipped or not."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import itertools
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from tongpin.kernel.store import parquet
from tongpin.modules.analytics.enums import FileKind
from tongpin.modules.analytics.wire import limits

HEAD = 1 << 20
SEPARATORS = (",", "\t", ";", "|")
#: Characters one cell may have.
LONGEST = 1 << 20
LONGEST_LINE = 8 << 20
"""Bytes or characters of a line that are looked at together: a file may be one line, and unpack to more than memory."""
COUNTED = 512 << 20
"""Bytes whose lines are counted; of more the rest is taken to be alike."""


class FileRefused(ValueError):
    """The file as a whole cannot be read. ``code`` is empty, no_columns, wide, separator, encoding, damaged, parquet
    or lost."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file is. ``columns`` are the heading's, or the keys of the first rows; ``size`` its bytes on disk."""

    kind: FileKind
    columns: tuple[str, ...]
    encoding: str = "utf-8"
    separator: str = ","
    size: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One row. ``number`` counts from 1 without the heading; ``cells`` is None where ``trouble`` says why."""

    number: int
    cells: dict[str, Any] | None
    trouble: str = ""


def shape(path: Path, separator: str = "") -> Shape:
    """Look at the beginning of a file. A ``separator`` given is believed; " " stands for any run of spaces.

    Raises FileRefused, OSError.
    """
    size = path.stat().st_size
    with _opened(path) as file:
        head = file.read(HEAD)
    if not head.strip():
        raise FileRefused("empty")
    if head[:4] == b"PAR1":
        return Shape(FileKind.PARQUET, tuple(_parquet_columns(path)), size=size)
    encoding = _encoding(head, whole=len(head) < HEAD)
    text = head.decode(encoding, "ignore").lstrip("\ufeff")
    if text.lstrip()[:1] == "{":
        return Shape(FileKind.JSON_LINES, tuple(_keys(path, encoding)), encoding, size=size)
    first = next(iter(text.splitlines()), "")
    separator = separator or max(SEPARATORS, key=first.count)
    try:
        columns = next(_reader(io.StringIO(first), separator), [])
    except (TypeError, ValueError) as error:
        raise FileRefused("separator", separator) from error
    if len(columns) < 2 or len(set(columns)) != len(columns):
        raise FileRefused("no_columns", first[:200])
    return Shape(FileKind.CSV, tuple(columns), encoding, separator, size)


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def about(path: Path, of: Shape) -> int:
    """About how many rows it has: a CSV may have lines that are none. 0 for a packed file that is too large to count.

    Raises OSError, FileRefused.
    """
    if of.kind == FileKind.PARQUET:
        try:
            return parquet.count(path)
        except parquet.Unreadable as error:
            raise FileRefused("parquet", str(error)) from error
    count, last, seen = 0, b"\n", 0
    with _opened(path) as file:
        while piece := file.read(HEAD):
            count += piece.count(b"\n")
            last = piece[-1:]
            seen += len(piece)
            if seen >= COUNTED:
                return 0 if isinstance(file, gzip.GzipFile) else count * of.size // seen
    return max(count + (last != b"\n") - (of.kind == FileKind.CSV), 0)


def lines(path: Path, of: Shape) -> Iterator[Line]:
    """All rows. Empty lines are no rows. Raises OSError; FileRefused if a packed or Parquet file breaks off."""
    if of.kind == FileKind.PARQUET:
        return (_json_line(n, raw) for n, raw in enumerate(_parquet_rows(path), start=1))
    return _json_lines(path, of) if of.kind == FileKind.JSON_LINES else _csv_lines(path, of)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as plain:
        packed = plain.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rb") if packed else path.open("rb") as file:
        try:
            yield file  # type: ignore[misc]
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileRefused("damaged", str(error)) from error


def _encoding(head: bytes, *, whole: bool) -> str:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    for name in ("utf-8", "gb18030"):
        try:
            head.decode(name)
        except UnicodeDecodeError as error:
            # The end of what was looked at may lie inside a character.
            if not whole and error.start > len(head) - 4:
                return name
            continue
        return name
    raise FileRefused("encoding")


def _reader(text: Any, separator: str) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST)
    return csv.reader(text, delimiter=separator, skipinitialspace=separator == " ")


def _csv_lines(path: Path, of: Shape) -> Iterator[Line]:
    width, number = len(of.columns), 0
    with _opened(path) as file, io.TextIOWrapper(file, of.encoding, errors="replace", newline="") as text:
        if text.read(1) != "\ufeff":
            text.seek(0)
        reader = _reader(iter(lambda: text.readline(LONGEST_LINE), ""), of.separator)
        next(reader, None)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                number += 1
                yield Line(number, None, str(error))
                continue
            if of.separator == " " and cells and cells[-1] == "":
                cells.pop()
            if not any(cells):
                continue
            number += 1
            if len(cells) != width:
                yield Line(number, None, f"{len(cells)} cells where the heading has {width}")
            else:
                yield Line(number, {name: cell for name, cell in zip(of.columns, cells, strict=True) if cell})


def _json_lines(path: Path, of: Shape) -> Iterator[Line]:
    number = 0
    with _opened(path) as file:
        for raw in _whole(file) if of.encoding == "utf-8" else _recoded(file, of.encoding):
            if raw is None:
                number += 1
                yield Line(number, None, f"larger than {limits.EVENT // limits.MIB} MiB")
            elif raw.strip():
                number += 1
                yield _json_line(number, raw.removeprefix(b"\xef\xbb\xbf"))


def _whole(file: IO[bytes]) -> Iterator[bytes | None]:
    """The lines; None for one that is too long, of which nothing is kept."""
    while raw := file.readline(LONGEST_LINE):
        if len(raw) < LONGEST_LINE or raw.endswith(b"\n"):
            yield raw
            continue
        while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None


def _recoded(file: IO[bytes], encoding: str) -> Iterator[bytes]:
    with io.TextIOWrapper(file, encoding, errors="replace") as text:
        while line := text.readline(LONGEST_LINE):
            yield line.encode()


def _json_line(number: int, raw: bytes) -> Line:
    try:
        cells = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return Line(number, None, f"not JSON: {error}")
    if not isinstance(cells, dict):
        return Line(number, None, "not a JSON object")
    return Line(number, cells)


def _keys(path: Path, encoding: str) -> list[str]:
    """Keys of the first hundred rows, in the order they come."""
    some = itertools.islice(_json_lines(path, Shape(FileKind.JSON_LINES, (), encoding)), 100)
    return list(dict.fromkeys(key for line in some if line.cells for key in line.cells))


def _parquet_columns(path: Path) -> list[str]:
    try:
        return parquet.columns(path)
    except parquet.Unreadable as error:
        raise FileRefused("parquet", str(error)) from error


def _parquet_rows(path: Path) -> Iterator[bytes]:
    try:
        yield from parquet.rows(path)
    except parquet.Unreadable as error:
        raise FileRefused("parquet", str(error)) from error
