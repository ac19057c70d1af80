"""Reading a daily (or weekly) series from what people paste or upload.

Cheap to import: openpyxl is loaded by the first workbook. Nothing is decided silently: every guess is a
finding or a question with a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tongpin.lib.series.draft import SeriesDraft, interpret
from tongpin.lib.series.grid import from_bytes, from_text
from tongpin.lib.series.types import (
    Choice,
    DraftRow,
    Finding,
    Question,
    Series,
    SeriesError,
    Severity,
    Unit,
)

__all__ = [
    "Choice",
    "DraftRow",
    "Finding",
    "Question",
    "Series",
    "SeriesDraft",
    "SeriesError",
    "Severity",
    "Unit",
    "read_file",
    "read_text",
]


def read_text(
    text: str, *, today: date | None = None, answers: Mapping[str, str] | None = None
) -> SeriesDraft:
    """Pasted rows. ``today`` (the asker's day) finds future days and missing years; without it a missing
    year must
    be answered. Raises ``SeriesError`` when there is no table in it.
    """
    return interpret((from_text(text),), answers or {}, today)


def read_file(
    name: str, data: bytes, *, today: date | None = None, answers: Mapping[str, str] | None = None
) -> SeriesDraft:
    """An uploaded CSV, TSV, TXT or XLSX of at most 5 MB; see ``read_text``. A workbook's sheets are a
    question.
    """
    return interpret(tuple(from_bytes(name, data)), answers or {}, today)
