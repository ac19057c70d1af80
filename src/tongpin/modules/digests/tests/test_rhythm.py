"""When a report is due: against going through every minute of the days to come."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongpin.lib.workdays import WorkingCalendar
from tongpin.modules.digests.enums import Every
from tongpin.modules.digests.rhythm import Rhythm

SHANGHAI = ZoneInfo("Asia/Shanghai")


def weekdays(day: date) -> bool:
    return day.weekday() < 5


@settings(derandomize=True, deadline=None, database=None)
@given(
    every=st.sampled_from(Every),
    at=st.times().map(lambda moment: moment.replace(second=0, microsecond=0)),
    weekday=st.integers(0, 6),
    day=st.integers(1, 31),
    now=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    zone=st.sampled_from(["Asia/Shanghai", "America/New_York", "Pacific/Apia", "UTC"]).map(ZoneInfo),
)
def test_it_is_the_first_of_its_days_after_now(every, at, weekday, day, now, zone) -> None:  # type: ignore[no-untyped-def]
    rhythm = Rhythm(every, at, weekday, day)
    found = rhythm.after(now, zone, weekdays)
    assert found > now
    local = found.astimezone(zone).date()
    fits = {
        Every.DAY: lambda d: True,
        Every.WORKDAY: weekdays,
        Every.WEEK: lambda d: d.weekday() == weekday,
        Every.MONTH: lambda d: d.day == day or (d.day < day and (d + timedelta(1)).day == 1),
    }[every]
    between = now.astimezone(zone).date()
    while between < local - timedelta(1):  # a clock put forward may move an instant to the day after
        assert not fits(between) or datetime.combine(between, at, tzinfo=zone).astimezone(UTC) <= now
        between += timedelta(1)


@pytest.mark.parametrize(
    ("rhythm", "now", "due"),
    [
        (Rhythm(Every.DAY, time(9)), "2026-03-02T00:59", "2026-03-02T01:00"),
        (Rhythm(Every.DAY, time(9)), "2026-03-02T01:00", "2026-03-03T01:00"),  # never twice at one instant
        (Rhythm(Every.WEEK, time(9), weekday=4), "2026-03-02T02:00", "2026-03-06T01:00"),
        (Rhythm(Every.MONTH, time(0), day=31), "2026-02-01T00:00", "2026-02-27T16:00"),
    ],
)  # fmt: skip
def test_examples_in_shanghai(rhythm: Rhythm, now: str, due: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert rhythm.after(moment, SHANGHAI, weekdays).strftime("%Y-%m-%dT%H:%M") == due


def test_a_working_day_made_up_for_a_holiday_counts() -> None:
    calendar = WorkingCalendar(country="CN", zone=SHANGHAI)
    rhythm = Rhythm(Every.WORKDAY, time(9))
    before_spring_festival = datetime(2026, 2, 14, 2, tzinfo=UTC)  # a Saturday that was worked, after nine
    assert calendar.is_working_day(date(2026, 2, 14))
    assert rhythm.after(before_spring_festival, SHANGHAI, calendar.is_working_day) == datetime(
        2026, 2, 24, 1, tzinfo=UTC
    )


def test_without_any_working_day_it_says_so() -> None:
    with pytest.raises(ValueError, match="no such day"):
        Rhythm(Every.WORKDAY, time(9)).after(datetime(2026, 1, 1, tzinfo=UTC), SHANGHAI, lambda day: False)
