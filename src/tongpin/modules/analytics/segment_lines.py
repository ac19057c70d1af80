"""The lines of an uploaded list: one id a line, or the first column of a CSV. Read as it comes, never held whole."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from tongpin.lib.sheet import BOM

MOST = 1_000_000
"""Lines of one list."""
LONGEST = 200
"""Characters of an id or a key, as in an event."""
_HEADS = frozenset(
    {
        *(
            "id",
            "ids",
            "uid",
            "userid",
            "user_id",
            "user-id",
            "user",
            "distinctid",
            "distinct_id",
            "email",
            "e-mail",
        ),
        *(
            "key",
            "keys",
            "customer",
            "customerid",
            "customer_id",
            "company",
            "companyid",
            "company_id",
            "account",
        ),
        *(
            "account_id",
            "用户",
            "用户id",
            "用户编号",
            "用户标识",
            "客户",
            "客户id",
            "客户编号",
            "公司",
            "编号",
            "邮箱",
        ),
    }
)


@dataclass(slots=True)
class Report:
    """What became of the lines: ``lines`` there were, of which ``head`` was a heading (0 or 1), ``empty`` held nothing
    and ``long`` more than an id may have. ``wide``: other columns were left out. ``different`` are the ids kept; of
    these ``found`` had been seen when the list was read."""

    lines: int = 0
    head: int = 0
    empty: int = 0
    long: int = 0
    wide: int = 0
    different: int = 0
    found: int = 0

    @property
    def twice(self) -> int:
        """Lines whose id had been there before."""
        return self.lines - self.head - self.empty - self.long - self.different

    @property
    def unknown(self) -> int:
        """Ids nobody has been seen with: kept, and counted as soon as somebody is."""
        return self.different - self.found

    def told(self) -> dict[str, int]:
        """As it is kept."""
        return asdict(self)


class TooManyLines(ValueError):
    """More than MOST."""


def text(chunks: Iterable[bytes]) -> Iterator[str]:
    """The text of a file: UTF-8, UTF-16 with its mark, else GB18030, decided by the first part. Raises ValueError."""
    decoder: codecs.IncrementalDecoder | None = None
    for chunk in chunks:
        if decoder is None:
            decoder = codecs.getincrementaldecoder(_encoding(chunk))()
        yield decoder.decode(chunk)
    if decoder is not None:
        yield decoder.decode(b"", final=True)


def _encoding(first: bytes) -> str:
    if first[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def lines(parts: Iterable[str]) -> Iterator[str]:
    """Whole lines, without their ends."""
    rest = ""
    for part in parts:
        # A carriage return at the end of a part may be half of a line's end.
        whole = (rest + part).replace("\r\n", "\n")
        held = whole.endswith("\r")
        found = (whole[:-1] if held else whole).replace("\r", "\n").split("\n")
        rest = found.pop() + ("\r" if held else "")
        yield from found
    if rest:
        yield rest.rstrip("\r")


def ids(found: Iterable[str], report: Report) -> Iterator[str]:
    """The ids of lines, repeated ones too; what becomes of each is counted in ``report``. Raises TooManyLines."""
    for number, line in enumerate(found):
        if number >= MOST:
            raise TooManyLines
        report.lines += 1
        value, wide = _first(line.removeprefix(BOM) if not number else line)
        report.wide += wide
        if not value or "\0" in value:
            report.empty += 1
        elif not number and value.lower().replace(" ", "") in _HEADS:
            report.head = 1
        elif len(value) > LONGEST:
            report.long += 1
        else:
            yield value


def _first(line: str) -> tuple[str, int]:
    """The first cell of a line, and whether there were others that hold something."""
    for mark in ("\t", ",", ";"):
        if mark in line:
            try:
                cells = next(csv.reader([line], delimiter=mark), [""])
            except csv.Error:
                return line.strip(), 0
            return cells[0].strip(), int(any(each.strip() for each in cells[1:]))
    value = line.strip()
    return (value[1:-1].strip() if len(value) > 1 and value[0] == value[-1] == '"' else value), 0
