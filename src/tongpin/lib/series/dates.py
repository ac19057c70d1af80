"""Days as people write them, in Chinese and English, with what they leave open (order, year)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

_MONTH_NAMES = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_WEEKDAY = re.compile(
    r"(?i)\s*[(（]?\s*\b(?:(?:周|星期|礼拜)[一二三四五六日天]"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?)\s*[)）]?,?\s*"
)
_TIME = re.compile(
    r"(?i)(?:[t\s]+|(?<=日))(\d{1,2})[:时点](\d{2})?分?(?::?(\d{2})(?:\.\d+)?秒?)?\s*([ap]\.?m\.?)?"
    r"\s*(z|utc|[+-]\d{2}:?\d{2})?$"
)
_YMD = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_TWO_YEAR_CN = re.compile(r"(\d{2})年(\d{1,2})月(\d{1,2})[日号]?")
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{1,2})")
_CN_NO_YEAR = re.compile(r"(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_NO_YEAR = re.compile(r"(\d{1,2})[-/](\d{1,2})")
_DAY_FIRST = re.compile(r"(?i)(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]{3,9})\.?(?:[\s,-]+(\d{4}|\d{2}))?")
_MONTH_FIRST = re.compile(r"(?i)([a-z]{3,9})\.?[\s-]+(\d{1,2})(?:st|nd|rd|th)?(?:[\s,-]+(\d{4}))?")
_WEEK = re.compile(r"(?i)(\d{4})\s*(?:-?w|年?\s*第)\s*(\d{1,2})\s*周?")
_MONTH = re.compile(r"(?i)((?:19|20)\d{2})\s*[-/.年]\s*(\d{1,2})\s*月?|([a-z]{3,9})\.?[\s-]+(\d{4})")
_SERIAL_START = date(1899, 12, 30)
SERIAL_RANGE = (25_569, 73_050)
"""Excel serial numbers taken for days: 1970 to 2099."""


class Shape(StrEnum):
    """How a day is written."""

    ISO = "iso"
    SLASHED = "slashed"
    CHINESE = "chinese"
    COMPACT = "compact"
    NUMERIC = "numeric"
    NUMERIC_NO_YEAR = "numeric_no_year"
    CHINESE_NO_YEAR = "chinese_no_year"
    ENGLISH = "english"
    ENGLISH_NO_YEAR = "english_no_year"
    SERIAL = "serial"
    CELL = "cell"
    WEEK = "week"
    MONTH = "month"


NO_YEAR = frozenset({Shape.NUMERIC_NO_YEAR, Shape.CHINESE_NO_YEAR, Shape.ENGLISH_NO_YEAR})
EITHER_ORDER = frozenset({Shape.NUMERIC, Shape.NUMERIC_NO_YEAR})


class Order(StrEnum):
    """What comes first where two numbers could be the month, or two the year."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"


@dataclass(frozen=True)
class Written:
    """A day as written: ``year`` 0 when missing; ``first``/``second`` are month and day unless either
    order fits. 25/11/03 may begin with its year: then that is ``first_year`` and ``third`` the day.
    """

    shape: Shape
    year: int
    first: int
    second: int
    time: bool = False
    first_year: int = 0
    third: int = 0

    def day(self, order: Order | None = None, year: int | None = None) -> date | None:
        """The calendar day, or None when there is no such day. ``order`` matters to the numeric shapes
        only.
        """
        month, day = self.first, self.second
        if self.shape is Shape.NUMERIC and order is Order.YEAR_FIRST:
            return _date(self.first_year, self.second, self.third)
        if self.shape in EITHER_ORDER and order is Order.DAY_FIRST:
            month, day = day, month
        return _date(self.year or year or 0, month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read(cell: object) -> Written | None:
    """What a cell says, or None when it is no day. Weekday names are ignored, a zone is not applied."""
    if isinstance(cell, datetime):
        midnight = cell.hour == cell.minute == cell.second == 0
        return Written(Shape.CELL, cell.year, cell.month, cell.day, not midnight)
    if isinstance(cell, date):
        return Written(Shape.CELL, cell.year, cell.month, cell.day)
    return _read_text(cell) if isinstance(cell, str) else None


# A column is read several times on the way to a series, and the whole table again on every change of the form.
@lru_cache(maxsize=32_768)
def _read_text(cell: str) -> Written | None:
    text = _WEEKDAY.sub(" ", cell.strip()).strip()
    time = False
    if found := _TIME.search(text):
        time = any(part not in (None, "0", "00") for part in found.groups()[:3])
        text = text[: found.start()].strip()
    written = _full(text) or _without_year(text) or _coarse(text)
    if written is None or not any(written.day(order, 2000) for order in Order):
        return None
    return replace(written, time=time)


def _full(text: str) -> Written | None:
    if m := _YMD.fullmatch(text):
        shape = Shape.CHINESE if "年" in text else Shape.SLASHED if "/" in text else Shape.ISO
        return Written(shape, int(m[1]), int(m[2]), int(m[3]))
    if m := _COMPACT.fullmatch(text):
        return Written(Shape.COMPACT, int(m[1]), int(m[2]), int(m[3]))
    if m := _TWO_YEAR_CN.fullmatch(text):
        return Written(Shape.CHINESE, _century(m[1]), int(m[2]), int(m[3]))
    if m := _NUMERIC.fullmatch(text):
        # One digit is no year, and four are not a day: what is left may be read either way.
        year = _century(m[4]) if len(m[4]) > 1 else -1
        first_year = _century(m[1]) if len(m[1]) == 2 and len(m[4]) < 3 else 0
        return Written(
            Shape.NUMERIC, year, int(m[1]), int(m[3]), first_year=first_year, third=int(m[4]) % 100
        )
    if (m := _DAY_FIRST.fullmatch(text)) and (month := _month(m[2])):
        shape = Shape.ENGLISH if m[3] else Shape.ENGLISH_NO_YEAR
        return Written(shape, _century(m[3] or "0"), month, int(m[1]))
    if (m := _MONTH_FIRST.fullmatch(text)) and (month := _month(m[1])):
        shape = Shape.ENGLISH if m[3] else Shape.ENGLISH_NO_YEAR
        return Written(shape, int(m[3] or 0), month, int(m[2]))
    return None


def _without_year(text: str) -> Written | None:
    if m := _CN_NO_YEAR.fullmatch(text):
        return Written(Shape.CHINESE_NO_YEAR, 0, int(m[1]), int(m[2]))
    if m := _NO_YEAR.fullmatch(text):
        return Written(Shape.NUMERIC_NO_YEAR, 0, int(m[1]), int(m[2]))
    return None


def _coarse(text: str) -> Written | None:
    if m := _WEEK.fullmatch(text):
        try:
            monday = date.fromisocalendar(int(m[1]), int(m[2]), 1)
        except ValueError:
            return None
        return Written(Shape.WEEK, monday.year, monday.month, monday.day)
    if m := _MONTH.fullmatch(text):
        month = int(m[2]) if m[2] else _month(m[3])
        return Written(Shape.MONTH, int(m[1] or m[4]), month, 1) if month else None
    return None


def _month(name: str) -> int:
    """1 to 12 for an English month, whole or cut after three letters (sept too); 0 for another word."""
    word = "sep" if name.lower() == "sept" else name.lower()
    if len(word) < 3:
        return 0
    return next((i for i, full in enumerate(_MONTH_NAMES, start=1) if full.startswith(word)), 0)


def _century(text: str) -> int:
    year = int(text)
    if len(text) != 2:
        return year
    return year + (1900 if year >= 70 else 2000)


def serial(value: float) -> Written | None:
    """An Excel serial number as a day, None outside of 1970 to 2099."""
    if not SERIAL_RANGE[0] <= value < SERIAL_RANGE[1]:
        return None
    day = _SERIAL_START + timedelta(days=int(value))
    return Written(Shape.SERIAL, day.year, day.month, day.day, value != int(value))
