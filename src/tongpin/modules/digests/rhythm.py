"""When a report is due: every day, every working day, a weekday, or a day of the month, at a local time."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tongpin.modules.digests.enums import Every

FARTHEST = 400
"""Days looked ahead: no rhythm skips a year, whatever the calendar says of working days."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """``weekday`` (Monday is 0) counts for weekly ones, ``day`` (1 to 31; the month's last where it has fewer) for
    monthly ones."""

    every: Every
    at: time
    weekday: int = 0
    day: int = 1

    def holds(self, day: date, is_working: Callable[[date], bool]) -> bool:
        """Whether it is due on a local date."""
        if self.every == Every.DAY:
            return True
        if self.every == Every.WORKDAY:
            return is_working(day)
        if self.every == Every.WEEK:
            return day.weekday() == self.weekday
        return day.day == min(self.day, monthrange(day.year, day.month)[1])

    def after(self, now: datetime, zone: ZoneInfo, is_working: Callable[[date], bool]) -> datetime:
        """The first instant (UTC) after ``now`` at which it is due. Raises ValueError if no day within FARTHEST is."""
        today = now.astimezone(zone).date()
        for ahead in range(FARTHEST):
            day = today + timedelta(days=ahead)
            at = datetime.combine(day, self.at, tzinfo=zone).astimezone(UTC)
            if at > now and self.holds(day, is_working):
                return at
        raise ValueError("no such day in a year")
