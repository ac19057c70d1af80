"""On which days, and when, a member's digest goes out."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tongpin.lib.workdays import WorkingCalendar
from tongpin.modules.notifications.enums import Rhythm
from tongpin.modules.notifications.models import MailRhythm

A_DAY = timedelta(days=1)


def moment(row: MailRhythm, day: date, zone: ZoneInfo) -> datetime:
    """That day's hour in the member's zone: one instant a day, also where clocks change.

    An hour that the clocks skip is the one after it, an hour that comes twice is the first of the two.
    """
    return datetime.combine(day, time(row.hour), zone).astimezone(ZoneInfo("UTC"))


def next_look(row: MailRhythm, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When to look next: the next such hour after ``now``, whatever day that is; None where no digest is wanted.

    Whether the day is one to send on is decided when it comes: holidays are marked at short notice.
    """
    if not row.is_digest:
        return None
    today = now.astimezone(zone).date()
    return next(at for n in range(3) if (at := moment(row, today + n * A_DAY, zone)) > now)


def goes_on(row: MailRhythm, day: date, calendar: WorkingCalendar) -> bool:
    """Whether a digest goes out that day: daily on working days; weekly on its weekday, or the next working day."""
    if not calendar.is_working_day(day):
        return False
    if row.rhythm == Rhythm.DAILY:
        return True
    while day.weekday() != row.weekday:
        day -= A_DAY
        if calendar.is_working_day(day):
            return False
    return True
