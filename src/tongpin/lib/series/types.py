"""What a pasted or uploaded series becomes. No heavy import here: screens import these types."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

Param = str | int | float | bool | None | list[str] | list[int]


class Unit(StrEnum):
    """What the numbers are. ``SHARE`` values lie in 0..1 (12.3 % is stored as 0.123)."""

    NUMBER = "number"
    SHARE = "share"


class Severity(StrEnum):
    """How much a finding matters: ``INFO`` was handled, ``WARNING`` may change the result, ``ERROR``
    blocks.
    """

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """One thing noticed while reading. ``code`` is translated by the screen with ``params``.

    ``rows`` are 1-based row numbers of the input as the person sees it, at most ``MAX_ROWS_NAMED``;
    ``count`` is how many there are in all.
    """

    code: str
    severity: Severity = Severity.INFO
    params: dict[str, Param] = field(default_factory=dict)
    rows: tuple[int, ...] = ()
    count: int = 0

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "params": dict(self.params),
            "rows": list(self.rows),
            "count": self.count,
        }


@dataclass(frozen=True)
class Choice:
    """One answer to a question. ``key`` goes back in ``resolve``; ``params`` describe it (e.g. header,
    example).
    """

    key: str
    params: dict[str, Param] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """Something the data leave open. ``default`` is the best guess.

    ``required`` means the guess is no better than a coin: ``resolve`` refuses until it is answered.
    """

    code: str
    choices: tuple[Choice, ...]
    default: str
    required: bool = False
    params: dict[str, Param] = field(default_factory=dict)
    rows: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "code": self.code,
            "choices": [{"key": c.key, "params": dict(c.params)} for c in self.choices],
            "default": self.default,
            "required": self.required,
            "params": dict(self.params),
            "rows": list(self.rows),
        }


class SeriesError(ValueError):
    """The input cannot become a series. ``code`` and ``params`` are translated; ``hint`` is a code too.

    ``findings`` carries every row-wise problem when there are several.
    """

    def __init__(
        self,
        code: str,
        params: dict[str, Param] | None = None,
        hint: str = "",
        findings: tuple[Finding, ...] = (),
    ) -> None:
        self.code = code
        self.params: dict[str, Param] = dict(params or {})
        self.hint = hint
        self.findings = findings
        super().__init__(f"{code} {self.params}" if self.params else code)


SERIES_VERSION = 1


@dataclass(frozen=True)
class Series:
    """Evenly spaced values from ``start``, one every ``step_days`` (1 daily, 7 weekly).

    A missing day is NaN in ``values``, never 0. Days are calendar days in the zone the person counts in.
    """

    start: date
    values: tuple[float, ...]
    step_days: int = 1
    unit: Unit = Unit.NUMBER
    name: str = ""

    def __len__(self) -> int:
        return len(self.values)

    @property
    def end(self) -> date:
        """The last day (start of the last week when weekly)."""
        return self.day(len(self.values) - 1)

    def day(self, index: int) -> date:
        """The day of the value at ``index``."""
        return self.start + timedelta(days=index * self.step_days)

    @property
    def days(self) -> list[date]:
        """All days in order."""
        return [self.day(i) for i in range(len(self.values))]

    def index(self, day: date) -> int:
        """Position of the first value on or after ``day``; may lie outside the series."""
        return -((self.start - day).days // self.step_days)

    @property
    def observed(self) -> int:
        """How many values are not missing."""
        return sum(not math.isnan(v) for v in self.values)

    def missing_days(self) -> list[date]:
        """Days without a value between start and end."""
        return [self.day(i) for i, v in enumerate(self.values) if math.isnan(v)]

    @classmethod
    def from_days(
        cls,
        values: dict[date, float],
        *,
        step_days: int = 1,
        unit: Unit = Unit.NUMBER,
        name: str = "",
    ) -> Series:
        """From a mapping of days, gaps filled with NaN. Raises ``SeriesError`` when empty or off the grid."""
        if not values:
            raise SeriesError("no_rows")
        first, last = min(values), max(values)
        out = [math.nan] * ((last - first).days // step_days + 1)
        for day, value in values.items():
            position, rest = divmod((day - first).days, step_days)
            if rest:
                raise SeriesError("uneven_spacing", {"day": day.isoformat()})
            out[position] = float(value)
        return cls(first, tuple(out), step_days, unit, name)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values (missing = null), versioned."""
        return {
            "version": SERIES_VERSION,
            "start": self.start.isoformat(),
            "step_days": self.step_days,
            "unit": self.unit.value,
            "name": self.name,
            "values": [None if math.isnan(v) else v for v in self.values],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Series:
        """The inverse of ``to_json``. Raises ``SeriesError`` for an unknown version."""
        if data.get("version") != SERIES_VERSION:
            raise SeriesError("unknown_version", {"version": str(data.get("version"))})
        return cls(
            start=date.fromisoformat(data["start"]),
            values=tuple(math.nan if v is None else float(v) for v in data["values"]),
            step_days=int(data["step_days"]),
            unit=Unit(data["unit"]),
            name=str(data["name"]),
        )

    def to_csv(self) -> str:
        """``date,value`` lines with a header; a missing day has an empty value."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["date", "value"])
        for day, value in zip(self.days, self.values, strict=True):
            writer.writerow([day.isoformat(), "" if math.isnan(value) else repr(value)])
        return out.getvalue()


@dataclass(frozen=True)
class DraftRow:
    """One input row as understood. ``day``/``value`` are None when missing; ``problem`` is a finding's
    code.
    """

    number: int
    raw_day: str
    raw_value: str
    day: date | None
    value: float | None
    problem: str = ""
