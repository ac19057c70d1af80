"""What the options take, each refusing in the reader's language what it cannot take."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import click
from django.utils.translation import gettext as _

from tongpin.lib.effects import Size, SizeUnit
from tongpin.lib.series.dates import NO_YEAR, Order, Shape, read

_SIZE = re.compile(r"([+\-]?)\s*(\d+(?:\.\d+)?|\.\d+)\s*(%|pts?|points?|个点|点)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Measure:
    """A size as typed: ``sign`` is "+", "-" or "" where none was."""

    sign: str
    size: Size


class _Type(click.ParamType):  # type: ignore[type-arg]
    def refuse(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> NoReturn:
        self.fail(text, param, ctx)


class MeasureType(_Type):
    """``+5%``, ``-3``, ``4pts``: sign, number and unit."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Measure:
        if isinstance(value, Measure):
            return value
        match = _SIZE.fullmatch(unicodedata.normalize("NFKC", value).replace("−", "-").strip())
        if match is None or float(match[2]) == 0:
            said = _("“%(value)s” is no size; write for example +5%%, -3 or 4pts.") % {"value": value}
            self.refuse(said, param, ctx)
        unit = (match[3] or "").lower()
        if not unit:
            return Measure(match[1], Size(float(match[2]), SizeUnit.ABSOLUTE))
        if unit == "%":
            return Measure(match[1], Size(float(match[2]) / 100, SizeUnit.RELATIVE))
        return Measure(match[1], Size(float(match[2]), SizeUnit.POINTS))


class DayType(_Type):
    """A day in any form the reader of files understands, with its year, that can only be one day."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        written = read(unicodedata.normalize("NFKC", value).strip())
        if written is None or written.shape in NO_YEAR | {Shape.WEEK, Shape.MONTH}:
            said = _("“%(value)s” is no day; write for example 2026-03-01.") % {"value": value}
            self.refuse(said, param, ctx)
        days = sorted({day for order in Order if (day := written.day(order))})
        if len(days) != 1:
            said = _("“%(value)s” can be read as %(days)s; write the one you mean.") % {
                "value": value,
                "days": _(", ").join(day.isoformat() for day in days),
            }
            self.refuse(said, param, ctx)
        return days[0]


class Whole(_Type):
    """A whole number within limits."""

    name = "n"

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            found = int(value)
        except ValueError:
            found = self.low - 1
        if not self.low <= found <= self.high:
            said = _("“%(value)s” is no whole number from %(low)s to %(high)s.")
            self.refuse(said % {"value": value, "low": self.low, "high": self.high}, param, ctx)
        return found


class OneOf(click.Choice[str]):
    """One of some words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.choices:
            said = _("“%(value)s” is none of %(choices)s.")
            self.fail(said % {"value": value, "choices": _(", ").join(self.choices)}, param, ctx)
        return str(value)


class FileType(_Type):
    """The path of a file that is there, or - for standard input."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value != "-" and not Path(value).is_file():
            self.refuse(_("There is no file “%(name)s”.") % {"name": value}, param, ctx)
        return str(value)
