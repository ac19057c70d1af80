"""From cells to numbers of one unit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tongpin.lib.series import numbers
from tongpin.lib.series.columns import as_number
from tongpin.lib.series.grid import Cell, text_of
from tongpin.lib.series.inquiry import Inquiry
from tongpin.lib.series.types import Choice, Param, Severity, Unit


@dataclass(frozen=True)
class Values:
    """One value for each cell (NaN = missing) with a problem code where a cell was no number."""

    values: list[float]
    problems: list[str]
    unit: Unit


def settle(
    cells: Sequence[tuple[int, Cell]], name: str, inquiry: Inquiry, *, european: bool = False
) -> Values:
    """Numbers of a column; asks for the decimal mark and the unit where the cells leave them open.

    ``european``: the table is written the way that goes with decimal commas (1.3.2026; 1.234,5).
    """
    texts = [cell for _, cell in cells if isinstance(cell, str) and not numbers.is_empty(cell)]
    evidence = numbers.marks(texts, european)
    mark = evidence.decimal
    # An answer is followed, and shown as a question, even where the cells would not have raised one.
    if evidence.open or inquiry.answers.get("decimal"):
        example = next((t for t in texts if "." in t or "," in t), texts[0] if texts else "")
        choices = [
            Choice(m.value, {"example": example, "value": _shown(example, m)}) for m in numbers.Decimal
        ]
        params: dict[str, Param] = {"example": example}
        mark = numbers.Decimal(
            inquiry.ask("decimal", choices, mark.value, required=evidence.torn, params=params)
        )
    values, problems, parsed = [], [], []
    for row, cell in cells:
        number = None if numbers.is_empty(text_of(cell)) else as_number(cell, mark)
        values.append(math.nan if number is None else number.value)
        problems.append("" if number else _problem(text_of(cell)))
        if number is not None:
            parsed.append((row, number))
    _note_marks(parsed, mark, inquiry)
    for code, severity in (
        ("empty_values", Severity.INFO),
        ("not_a_number", Severity.WARNING),
        ("uncalculated", Severity.WARNING),
    ):
        rows = [row for (row, _), problem in zip(cells, problems, strict=True) if problem == code]
        examples = [text_of(c)[:40] for (r, c), p in zip(cells, problems, strict=True) if p == code][:3]
        if rows:
            inquiry.note(code, rows, severity, examples=examples)
    return _in_unit(values, problems, parsed, name, inquiry)


def _problem(text: str) -> str:
    if numbers.is_empty(text):
        return "empty_values"
    return "uncalculated" if text.startswith("=") else "not_a_number"


def _shown(text: str, mark: numbers.Decimal) -> float | None:
    number = numbers.parse(text, mark)
    return None if number is None else number.value


def _note_marks(parsed: list[tuple[int, numbers.Number]], mark: numbers.Decimal, inquiry: Inquiry) -> None:
    traits = {
        "thousands": [row for row, n in parsed if n.grouped],
        "currency": [row for row, n in parsed if n.currency],
        "multiples": [row for row, n in parsed if n.multiple],
        "counters": [row for row, n in parsed if n.counter],
    }
    for code, rows in traits.items():
        if rows:
            inquiry.note(code, rows)
    if mark is numbers.Decimal.COMMA:
        inquiry.note("decimal_comma")
    negative = [row for row, n in parsed if n.value < 0]
    if negative:
        inquiry.note("negative_values", negative, Severity.WARNING)


def _in_unit(
    values: list[float],
    problems: list[str],
    parsed: list[tuple[int, numbers.Number]],
    name: str,
    inquiry: Inquiry,
) -> Values:
    percents = [row for row, n in parsed if n.percent]
    if percents:
        inquiry.note("percent", percents)
        if inquiry.answers.get("unit"):
            inquiry.ask("unit", [Choice("share"), Choice("percent")], "share", params={"name": name})
        plain = [row for row, n in parsed if not n.percent and n.value != 0]
        if not plain:
            return Values(values, problems, Unit.SHARE)
        # 12% beside 0.13 or 13: one of them is off by a hundred, and nobody but the person knows which.
        inquiry.note("percent_mixed", plain, Severity.WARNING)
        choices = [Choice("share"), Choice("percent")]
        answer = inquiry.ask("plain_beside_percent", choices, _likelier(parsed), required=True, rows=plain)
        if answer == "percent":
            off = set(plain)
            scaled = {row: n.value / 100 for row, n in parsed if row in off}
            rows = iter(parsed)
            values = [v if math.isnan(v) else scaled.get(next(rows)[0], v) for v in values]
        return Values(values, problems, Unit.SHARE)
    answer = _asked_unit([n.value for _, n in parsed], name, inquiry)
    if answer == "percent":
        values = [v / 100 for v in values]
    return Values(values, problems, Unit.NUMBER if answer == "number" else Unit.SHARE)


def _asked_unit(seen: list[float], name: str, inquiry: Inquiry) -> str:
    """``number``, ``share`` or ``percent``: asked where the values or their name suggest a share, or where
    somebody said so.
    """
    low, high = min(seen, default=-1.0), max(seen, default=-1.0)
    fits = [key for key, top in (("share", 1.0), ("percent", 100.0)) if low >= 0 and high <= top]
    guess = "number"
    if "share" in fits and any(0 < v < 1 for v in seen):
        guess = "share"
    elif "percent" in fits and ("%" in name or "百分" in name):
        guess = "percent"
    if guess == "number" and not inquiry.answers.get("unit"):
        return guess
    return inquiry.ask("unit", [Choice(key) for key in (*fits, "number")], guess, params={"name": name})


def _likelier(parsed: list[tuple[int, numbers.Number]]) -> str:
    plain = [n.value for _, n in parsed if not n.percent]
    return "share" if max(plain) <= 1 else "percent"
