"""Where and when a question is asked: the workspace's zone and week, the present, and the dates of its range."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from tongpin.kernel import clock
from tongpin.kernel.tenancy.models import User, Workspace

DAY = timedelta(days=1)
RELATIVE = re.compile(r"-(\d{1,4})([dwmy])")


class Crowd(Protocol):
    """A segment that can be asked about: of users, or of customers of a kind."""

    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def customer_kind(self) -> str: ...

    def members(self, st: Any) -> str:
        """A SELECT of ``who`` (UInt64) within a ``Statement``."""
        ...


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose events, in which zone (IANA), with which first day of a week (0 is Monday), seen at which instant (UTC).

    ``segments`` are those asked about, by id; ``until`` (UTC) leaves out whatever happened from then on; ``asker``
    names who asks ("" is nobody in particular).
    """

    workspace: UUID
    zone: str
    week_start: int
    as_of: datetime
    segments: Mapping[UUID, Crowd] = field(default_factory=dict, compare=False)
    until: datetime | None = None
    asker: str = ""

    @classmethod
    def of(cls, workspace: Workspace, user: User | None = None) -> Scope:
        """A workspace's own, now, asked by an account."""
        asker = f"user-{user.pk}" if user is not None else ""
        return cls(workspace.public_id, workspace.time_zone, workspace.week_start, clock.now(), asker=asker)

    @property
    def tz(self) -> ZoneInfo:
        """The zone."""
        return ZoneInfo(self.zone)

    @property
    def today(self) -> date:
        """The local date of ``as_of``."""
        return self.as_of.astimezone(self.tz).date()

    def midnight(self, day: date) -> datetime:
        """When a local date begins, in UTC."""
        return datetime.combine(day, time(), self.tz).astimezone(UTC)

    def bucket(self, day: date, interval: str) -> date:
        """The first date of the bucket that holds ``day``; ``interval``: day, week, month, quarter or year."""
        if interval == "week":
            return day - timedelta(days=(day.weekday() - self.week_start) % 7)
        if interval == "month":
            return day.replace(day=1)
        if interval == "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        if interval == "year":
            return day.replace(month=1, day=1)
        return day

    def after(self, bucket: date, interval: str, count: int = 1) -> date:
        """The first date of the bucket that comes ``count`` after the one of ``bucket`` (before: negative)."""
        months = {"month": 1, "quarter": 3, "year": 12}.get(interval)
        if months is None:
            return bucket + timedelta(days=count * (7 if interval == "week" else 1))
        return _later(bucket, count * months)

    def buckets(self, first: date, last: date, interval: str) -> list[date]:
        """The first dates of the buckets that hold the inclusive range, the earliest first."""
        return list(self._each(self.bucket(first, interval), last, interval))

    def _each(self, at: date, last: date, interval: str) -> Iterator[date]:
        while at <= last:
            yield at
            at = self.after(at, interval)

    def day_of(self, said: str) -> date:
        """The date of ``2026-03-01``, ``today``, ``-7d``, ``-4w``, ``-3m`` or ``-1y``. Raises ValueError."""
        if said == "today":
            return self.today
        if found := RELATIVE.fullmatch(said):
            count, unit = int(found[1]), found[2]
            if unit in "dw":
                return self.today - timedelta(days=count * (7 if unit == "w" else 1))
            return _later(self.today, -count * (12 if unit == "y" else 1))
        return date.fromisoformat(said)


def _later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    end = date(year + (month == 11), (month + 1) % 12 + 1, 1) - DAY
    return date(year, month + 1, min(day.day, end.day))


@dataclass(frozen=True, slots=True)
class Range:
    """Inclusive local dates, and the instants they begin and end (UTC, the end not in it)."""

    first: date
    last: date
    since: datetime
    until: datetime

    @classmethod
    def of(cls, scope: Scope, first: date, last: date) -> Range:
        return cls(first, last, scope.midnight(first), scope.midnight(last + DAY))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self, scope: Scope) -> Range:
        """As many days, right before it."""
        return Range.of(scope, self.first - self.days * DAY, self.first - DAY)
