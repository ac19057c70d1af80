"""Pieces of SQL that all kinds share: parameters, properties, who did it, local time. Nothing said by anybody stands in
the text of a statement: values go as parameters, names of properties as identifiers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from tongpin.kernel.store import client
from tongpin.modules.analytics import columns
from tongpin.modules.analytics.insights.derived import DERIVED
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.queries.person import person_sql
from tongpin.modules.analytics.wire.record import BOOKKEEPING, SAYINGS

UNDONE = BOOKKEEPING | SAYINGS
"""What nobody did: left out where any event is asked for. BOOKKEEPING counts nowhere (SPEC I7)."""
NONE = "$$none"
OTHER = "$$other"
NUMBER = r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$"


@dataclass
class Statement:
    """One SELECT under way: what it is asked for and its parameters so far."""

    scope: Scope
    parameters: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parameters.setdefault("workspace", self.scope.workspace)

    def value(self, value: Any, kind: str = "String") -> str:
        """The place of a value in the text; the same value has one place. ``kind`` is a ClickHouse type."""
        for name, known in self.parameters.items():
            if name.endswith(f"_{kind}".replace("(", "_").replace(")", "")) and known == value:
                return f"{{{name}:{kind}}}"
        name = f"v{len(self.parameters)}_{kind}".replace("(", "_").replace(")", "")
        self.parameters[name] = value
        return f"{{{name}:{kind}}}"

    def instant(self, at: datetime) -> str:
        """An instant (aware) as DateTime64(3, 'UTC')."""
        return f"fromUnixTimestamp64Milli({self.value(round(at.timestamp() * 1000), 'Int64')}, 'UTC')"

    def date(self, day: date) -> str:
        """A date."""
        return self.value(day.isoformat(), "Date")

    # Who
    @property
    def person(self) -> str:
        """The user of a row of ``events``, UInt64."""
        return person_sql()

    def who(self, unit: str, kind: str = "company") -> str:
        """Whom a row counts for, UInt64: its user, or the hash of its customer of a kind."""
        return self.person if unit == "user" else f"sipHash64(customers[{self.value(kind)}])"

    def counts(self, unit: str, kind: str = "company") -> str:
        """Whether a row counts for anybody: an event in no customer's name does not, where customers are counted."""
        return "1" if unit == "user" else f"customers[{self.value(kind)}] != ''"

    def in_segment(self, segment: UUID) -> str:
        """Whether the user or customer of a row is in a segment, as it is at the scope's day."""
        crowd = self.scope.segments[segment]
        found = f"{self.who(crowd.unit, crowd.customer_kind)} IN ({crowd.members(self)})"
        return f"({self.counts(crowd.unit, crowd.customer_kind)} AND {found})"

    # When
    def local(self, at: str = "timestamp") -> str:
        """The local time of an instant."""
        return f"toTimeZone({at}, {self.value(self.scope.zone)})"

    def day(self, at: str = "timestamp") -> str:
        """The local date of an instant."""
        return f"toDate({self.local(at)})"

    def bucket(self, interval: str, day: str) -> str:
        """The first date of the bucket that holds a date."""
        if interval == "week":
            return f"({day} - (toDayOfWeek({day}) + 6 - {int(self.scope.week_start)}) % 7)"
        if interval == "day":
            return day
        return f"toStartOf{interval.capitalize()}({day})"

    # What
    def text(self, name: str) -> str:
        """A property as it is shown (SPEC I4), Nullable(String): ``""`` is a value, null and missing are NULL."""
        if name in DERIVED:
            return DERIVED[name]
        kept = f"properties.{{{self._key(name)}:Identifier}}"
        shown = (
            f"multiIf(dynamicType({kept}) = 'Bool', if(dynamicElement({kept}, 'Bool'), 'True', 'False'),"
            f" dynamicType({kept}) = 'Float64' AND match(toString({kept}), '^-?[0-9]+$'),"
            f" concat(toString({kept}), '.0'), CAST({kept}, 'Nullable(String)'))"
        )
        lists = f"nullIf(nullIf(JSONExtractRaw(nested, {self.value(name)}), ''), 'null')"
        column = columns.PROMOTED.get(name)
        return f"coalesce({column}, {shown})" if column else f"coalesce({shown}, {lists})"

    def number(self, name: str) -> str:
        """A property as a number (SPEC I5), Nullable(Float64)."""
        if name in DERIVED:
            return "CAST(NULL, 'Nullable(Float64)')"
        kept = f"properties.{{{self._key(name)}:Identifier}}"
        text = f"dynamicElement({kept}, 'String')"
        if column := columns.PROMOTED.get(name):
            text = f"coalesce({column}, {text})"
        return (
            f"multiIf(dynamicType({kept}) IN ('Int64', 'UInt64', 'Float64'), toFloat64OrNull(toString({kept})),"
            f" match({text}, {self.value(NUMBER)}), toFloat64OrNull({text}), NULL)"
        )

    def told(self, name: str) -> tuple[str, str]:
        """A property of a row of ``persons`` or ``customers``: as it is shown, and as JSON writes it; both NULL where
        it is null or missing."""
        place = self.value(name)
        raw = f"nullIf(nullIf(JSONExtractRaw(properties, {place}), ''), 'null')"
        return f"coalesce(JSONExtract(properties, {place}, 'Nullable(String)'), {raw})", raw

    def as_number(self, text: str, raw: str) -> str:
        """The same of a value out of a JSON text: ``raw`` as it is written there, ``text`` without quotes."""
        numeric = f"{raw} NOT IN ('true', 'false') AND match({text}, {self.value(NUMBER)})"
        return f"if({numeric}, toFloat64OrNull({text}), NULL)"

    def _key(self, name: str) -> str:
        found = columns.key(name)
        for place, known in self.parameters.items():
            if place.endswith("_key") and known == found:
                return place
        place = f"v{len(self.parameters)}_key"
        self.parameters[place] = found
        return place

    def done(self, names: Sequence[str | None]) -> str:
        """Whether a row is one of these events; None is any that somebody did (SPEC I7)."""
        if None in names:
            return f"event NOT IN {self.value(sorted(UNDONE), 'Array(String)')}"
        kept = sorted({name for name in names if name is not None and name not in BOOKKEEPING})
        return f"event IN {self.value(kept, 'Array(String)')}" if kept else "0"

    def within(self, since: datetime | None, until: datetime | None) -> str:
        """Rows of the workspace in [since, until); None is open. Nothing after the scope's own end."""
        if self.scope.until is not None:
            until = min(until or self.scope.until, self.scope.until)
        parts = ["workspace = {workspace:UUID}"]
        if since is not None:
            parts.append(f"timestamp >= {self.instant(since)}")
        if until is not None:
            parts.append(f"timestamp < {self.instant(until)}")
        return " AND ".join(parts)

    def ask(self, sql: str, seconds: int | None = None) -> client.Rows:
        """Ask the store, which may take so many ``seconds`` (as long as any question may). Raises StoreUnavailable,
        QueryTooHeavy."""
        options = {"max_execution_time": seconds or settings.QUESTION_SECONDS}
        return client.query(sql, self.parameters, options=options, whose=self.scope.asker)
