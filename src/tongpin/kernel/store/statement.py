"""What a statement is, as far as the HTTP front must know it: its kind, its format, where its data begin.

Works on bytes and reads only the outline (quotes, comments, brackets, top-level words); the engine parses.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass

_READS = frozenset(
    {"SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN", "VALUES", "FROM", "TABLE", "CHECK"}
)
# Statements that are no reads and still answer with rows.
_ANSWERING = frozenset({"KILL", "BACKUP", "RESTORE"})

_SCAN = re.compile(
    rb"""
      (?P<skip>\s+|--[^\n]*|\#[!\ ][^\n]*|/\*.*?\*/)
    | (?P<quoted>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`)
    | (?P<word>[A-Za-z_][A-Za-z_0-9]*)
    | (?P<open>[(\[{]) | (?P<close>[)\]}])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)

_TRAILING_FORMAT = re.compile(rb"\s+FORMAT\s+([A-Za-z][A-Za-z0-9]*)\s*;?\s*\Z", re.IGNORECASE)
_END_OF_INSERT = re.compile(rb"[ \t]*;?[ \t]*(?:\r?\n)?")


class Kind(enum.Enum):
    """How the front treats a statement."""

    READ = "read"  # answers rows, may be cancelled when the reader goes away
    WRITE = "write"  # INSERT in any form
    OTHER = "other"  # definitions and administration


@dataclass(frozen=True)
class DataInsert:
    """An INSERT whose rows follow as bytes, in ``input_format``, from the offset ``data_at``."""

    statement: bytes
    input_format: str
    data_at: int


def _outline(sql: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The words outside quotes, comments and brackets: (upper-case word, start, end)."""
    depth = 0
    for token in _SCAN.finditer(sql):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif kind == "word" and depth == 0:
            yield token.group().upper(), token.start(), token.end()


def first_word(sql: bytes) -> str:
    """The first keyword, upper case, "" if there is none; a leading bracket counts as SELECT."""
    for token in _SCAN.finditer(sql):
        if token.lastgroup == "skip":
            continue
        if token.lastgroup == "open":
            return "SELECT"
        return token.group().decode("ascii", "replace").upper() if token.lastgroup == "word" else ""
    return ""


def kind_of(sql: bytes) -> Kind:
    """The kind of the statement by its first word."""
    word = first_word(sql)
    if word in _READS:
        return Kind.READ
    return Kind.WRITE if word == "INSERT" else Kind.OTHER


def answers_rows(sql: bytes) -> bool:
    """Whether the statement has a result set (an empty one included)."""
    word = first_word(sql)
    return word in _READS or word in _ANSWERING


def can_stream(sql: bytes) -> bool:
    """Whether chDB can hand out the answer in blocks (it refuses SHOW, EXISTS and the like)."""
    return first_word(sql) in ("SELECT", "WITH")


def trailing_format(sql: bytes) -> str | None:
    """The name in a FORMAT clause that ends the statement, or None."""
    found = _TRAILING_FORMAT.search(sql[-256:])
    return found.group(1).decode() if found else None


def without_format(sql: bytes) -> bytes:
    """The statement without the FORMAT clause that ends it."""
    return _TRAILING_FORMAT.sub(b"", sql).rstrip().rstrip(b";")


def data_insert(head: bytes) -> DataInsert | None:
    """Split ``INSERT INTO … FORMAT Name⏎data``. ``head`` begins the body; the statement must fit in it.

    None if rows do not follow as bytes: INSERT … SELECT, INSERT … VALUES, FROM INFILE, or no INSERT at all.
    """
    if first_word(head[:4096]) != "INSERT":
        return None
    words = _outline(head)
    next(words)
    for word, start, _end in words:
        if word in (b"SELECT", b"WITH", b"VALUES", b"WATCH", b"INFILE"):
            return None
        if word == b"FORMAT":
            name = next(words, None)
            if name is None:
                return None
            gap = _END_OF_INSERT.match(head, name[2])
            assert gap is not None, "the pattern matches the empty string"
            if name[0] == b"VALUES":
                return None
            return DataInsert(
                statement=head[:start].rstrip(),
                input_format=head[name[1] : name[2]].decode(),
                data_at=gap.end(),
            )
    return None
