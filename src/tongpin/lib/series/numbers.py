"""Numbers as people write them: 1,234.5 · 1.234,5 · 1 234 · ¥1.2万 · 12.3% · (45) · full-width digits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

EMPTY = frozenset(
    {
        *("", "-", "--", "---", "—", "–", "/", "\\", ".", "n/a", "na", "nan", "null", "none", "nil"),
        *("无", "空", "缺失", "暂无", "未知", "#n/a", "#div/0!", "#value!", "#ref!", "#name?"),
    }
)
CURRENCY = re.compile(r"(?i)(hk\$|us\$|rmb|cny|usd|eur|gbp|hkd|[¥￥$€£₩₹])")
MULTIPLES = {
    "百万": 1e6,
    "千万": 1e7,
    "万": 1e4,
    "萬": 1e4,
    "亿": 1e8,
    "億": 1e8,
    "千": 1e3,
    "w": 1e4,
    "k": 1e3,
    "m": 1e6,
    "b": 1e9,
    "mn": 1e6,
    "bn": 1e9,
}
LARGEST = 1e150
"""What is larger (or infinite) is no measurement; below it, squares and sums cannot overflow."""

_MULTIPLE = re.compile(r"(?i)(?<=[\d\s])(百万|千万|[万萬亿億千wkmb]|mn|bn)$")
_COUNTER = re.compile(r"(?<=\d)\s*(人次|人民币|[元块人次个单笔件条位台份户家天])$")
_SCIENTIFIC = re.compile(r"[-+]?\d+(\.\d+)?[eE][-+]?\d{1,3}")
_BODY = re.compile(r"\d[\d.,' ]*|[.,]\d+")


class Decimal(StrEnum):
    """The decimal mark of a column."""

    DOT = "dot"
    COMMA = "comma"


@dataclass(frozen=True)
class Number:
    """One parsed cell. ``value`` already multiplied; ``percent`` values are shares (12.3 % → 0.123)."""

    value: float
    percent: bool = False
    currency: bool = False
    multiple: str = ""
    counter: str = ""
    grouped: bool = False


@dataclass(frozen=True)
class _Parts:
    body: str
    sign: float
    percent: float
    currency: bool
    multiple: str
    counter: str


def is_empty(text: str) -> bool:
    """Whether a cell says that there is no value."""
    return text.strip().lower() in EMPTY


def _split(text: str) -> _Parts | None:
    text = text.strip().replace("\u2212", "-").replace("\u2019", "'")
    sign = 1.0
    if text.startswith("(") and text.endswith(")"):
        text, sign = text[1:-1], -1.0
    text, currencies = CURRENCY.subn("", text)
    text = text.strip()
    counter = ""
    if found := _COUNTER.search(text):
        counter, text = found.group(1), text[: found.start()].strip()
    percent = 1.0
    if text.endswith(("%", "‰")):
        percent, text = (100.0 if text.endswith("%") else 1000.0), text[:-1].strip()
    if found := re.search(r"(?<=[万萬亿億千])(元|人次|人|次|个|单|笔|件)$", text):
        counter, text = found.group(1), text[: found.start()]
    multiple = ""
    if found := _MULTIPLE.search(text):
        multiple, text = found.group(1).lower(), text[: found.start()].strip()
    if text.endswith("-"):
        text, sign = text[:-1].strip(), -sign
    while text[:1] in ("-", "+"):
        sign, text = (-sign if text[0] == "-" else sign), text[1:].strip()
    if not _BODY.fullmatch(text):
        return None
    return _Parts(text.strip(), sign, percent, currencies > 0, multiple, counter)


_DOT = re.compile(r"(\d{1,3}(,\d{3})+|\d+|\d{1,3}([ ']\d{3})+)?(\.\d*)?")
_COMMA = re.compile(r"(\d{1,3}(\.\d{3})+|\d+|\d{1,3}([ ']\d{3})+)?(,\d*)?")


@lru_cache(maxsize=32_768)
def parse(text: str, decimal: Decimal = Decimal.DOT) -> Number | None:
    """The number in a cell, or None. Grouping must be regular: ``1,23`` is no number where the mark is a
    dot.
    """
    if _SCIENTIFIC.fullmatch(text.strip()):
        return Number(float(text)) if abs(float(text)) < LARGEST else None
    parts = _split(text)
    if parts is None:
        return None
    body = parts.body
    if re.fullmatch(r"\d+(\.\d+)?", body) and decimal is Decimal.DOT:
        plain = body
    elif (_DOT if decimal is Decimal.DOT else _COMMA).fullmatch(body):
        plain = re.sub(r"[ ']", "", body)
        plain = plain.replace(",", "") if decimal is Decimal.DOT else plain.replace(".", "").replace(",", ".")
    else:
        return None
    if plain in ("", "."):
        return None
    value = parts.sign * float(plain) / parts.percent * MULTIPLES.get(parts.multiple, 1.0)
    if not abs(value) < LARGEST:
        return None
    return Number(
        value=float(f"{value:.15g}"),  # 10.21 % is 0.1021, not 0.10210000000000001
        percent=parts.percent != 1.0,
        currency=parts.currency,
        multiple=parts.multiple,
        counter=parts.counter,
        grouped=bool(re.search(r"\d[ ',.]\d{3}", body)) and plain != body,
    )


@dataclass(frozen=True)
class Marks:
    """What a column's cells say about its decimal mark: how many speak for each, how many could be either.

    ``plain`` counts cells of a hundred and more without any mark; ``european`` says that the rest of the
    table is written the way that goes with a comma.
    """

    dot: int
    comma: int
    unclear_dot: int
    unclear_comma: int
    plain: int
    european: bool

    @property
    def decimal(self) -> Decimal:
        """The likelier mark. Where nothing decides, a European table has commas; elsewhere a lone comma before
        three digits counts as grouping, a lone dot as decimal.
        """
        comma = self.comma > self.dot or (self.open and self.european)
        return Decimal.COMMA if comma else Decimal.DOT

    @property
    def open(self) -> bool:
        """Nothing decides, and the cells have exactly three digits behind a single mark (1.234 or 1,234)."""
        unclear = self.unclear_dot or (self.european and self.unclear_comma)
        return not (self.dot or self.comma) and bool(unclear)

    @property
    def torn(self) -> bool:
        """Open, and wrong by a thousand between neighbours if guessed wrongly: 987 stands beside 1.012."""
        return self.open and bool(self.plain)


def marks(cells: Iterable[str], european: bool = False) -> Marks:
    """Evidence for the decimal mark in a column."""
    dot = comma = unclear_dot = unclear_comma = plain = 0
    for cell in cells:
        parts = _split(cell)
        body = "" if parts is None else parts.body
        dots, commas = body.count("."), body.count(",")
        if dots and commas:
            dot, comma = (dot + 1, comma) if body.rfind(".") > body.rfind(",") else (dot, comma + 1)
        elif dots + commas > 1:
            dot, comma = (dot + 1, comma) if commas else (dot, comma + 1)
        elif dots + commas == 1:
            before, after = re.split(r"[.,]", body)
            could_group = len(after) == 3 and 1 <= len(before) <= 3 and not before.startswith("0")
            if could_group:
                unclear_dot, unclear_comma = unclear_dot + dots, unclear_comma + commas
            elif dots:
                dot += 1
            else:
                comma += 1
        elif body.isdecimal() and len(body.lstrip("0")) >= 3:
            plain += 1
    return Marks(dot, comma, unclear_dot, unclear_comma, plain, european)
