"""Counting in working time, against a reckoning by single days and minutes, and as laws that must hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongpin.lib.workdays import OFFICE_HOURS, Kind, OwnDay, Span, WorkingCalendar

DAY = timedelta(days=1)
CHINA = WorkingCalendar(
    "Asia/Shanghai",
    "CN",
    own={date(2026, 12, 31): OwnDay(False, "盘点"), date(2026, 11, 28): OwnDay(True, "大促值班")},
)
BERLIN = WorkingCalendar("Europe/Berlin", "DE", hours=((Span(0, 1440),),) * 2 + ((), *OFFICE_HOURS[3:]))

days = st.dates(date(2025, 11, 1), date(2027, 2, 28))
moments = st.datetimes(datetime(2026, 2, 1), datetime(2026, 11, 30), timezones=st.just(UTC)).map(
    lambda at: at.replace(second=0, microsecond=0)
)
calendars = st.sampled_from([CHINA, BERLIN, WorkingCalendar(), WorkingCalendar("America/New_York", "US")])
counts = st.integers(-60, 60)


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2026, 11, 25), Kind.WORKDAY, ""),
        (date(2026, 11, 29), Kind.WEEKEND, ""),
        (date(2026, 11, 28), Kind.OWN_WORK, "大促值班"),
        (date(2026, 12, 31), Kind.OWN_OFF, "盘点"),
        (date(2026, 10, 1), Kind.HOLIDAY, "国庆节"),
        (date(2026, 10, 4), Kind.HOLIDAY, "国庆节"),
        (date(2026, 10, 10), Kind.MAKEUP, ""),
    ],
)
def test_what_a_day_is(day, kind, name):
    found = CHINA.day(day, "zh_CN")
    assert (found.kind, found.name) == (kind, name)
    assert found.is_working == CHINA.is_working_day(day)


def test_due_dates_of_a_chinese_autumn():
    assert CHINA.add_working_days(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert CHINA.add_working_days(date(2026, 10, 8), 2) == date(2026, 10, 10)  # a make-up Saturday
    assert CHINA.add_working_days(date(2026, 10, 8), -1) == date(2026, 9, 30)
    assert CHINA.working_days_between(date(2026, 9, 30), date(2026, 10, 10)) == 3
    assert sum(CHINA.is_working_day(date(2026, 1, 1) + n * DAY) for n in range(365)) == 248


def test_a_six_day_week_works_saturdays_but_not_a_holidays_saturday():
    six = WorkingCalendar("Asia/Shanghai", "CN", hours=(*OFFICE_HOURS[:5], (Span(540, 720),), ()))
    assert six.is_working_day(date(2026, 11, 28))
    assert not six.is_working_day(date(2026, 10, 3))
    assert six.day(date(2026, 10, 10)).kind == Kind.WORKDAY  # make-up or not, it is worked anyway


def test_a_make_up_saturday_has_the_hours_of_a_weekday():
    assert CHINA.hours_of(date(2026, 10, 10)) == OFFICE_HOURS[0]
    assert CHINA.hours_of(date(2026, 10, 7)) == ()


def test_a_week_without_a_working_day_is_refused():
    with pytest.raises(ValueError, match="worked"):
        WorkingCalendar(hours=((),) * 7)


def test_working_hours_over_a_night_a_weekend_and_a_changed_clock():
    shanghai = ZoneInfo("Asia/Shanghai")
    friday, monday = datetime(2026, 11, 20, 17, tzinfo=shanghai), datetime(2026, 11, 23, 10, tzinfo=shanghai)
    assert CHINA.working_time_between(friday, monday) == timedelta(hours=2)
    assert CHINA.next_working_moment(datetime(2026, 11, 20, 12, 30, tzinfo=shanghai)).hour == 13
    assert CHINA.next_working_moment(datetime(2026, 11, 20, 18, tzinfo=shanghai)) == monday.replace(hour=9)
    # Clocks go forward on Sunday 29 March 2026 in Berlin: that night has an hour less.
    nights = WorkingCalendar("Europe/Berlin", hours=((),) * 6 + ((Span(0, 360),),))
    sunday = datetime(2026, 3, 29, tzinfo=ZoneInfo("Europe/Berlin"))
    assert nights.working_time_between(sunday, sunday + DAY) == timedelta(hours=5)


# -- laws ----------------------------------------------------------------------------------------------------------


@given(calendars, days, counts)
def test_adding_lands_on_a_working_day_and_between_counts_it_back(calendar, day, count):
    landed = calendar.add_working_days(day, count)
    assert calendar.is_working_day(landed)
    if count > 0 or (count and calendar.is_working_day(day)):
        assert calendar.working_days_between(day, landed) == count


@given(calendars, days, st.integers(0, 30), st.integers(0, 30))
def test_adding_twice_is_adding_the_sum(calendar, day, first, second):
    start = calendar.add_working_days(day, 0)
    assert calendar.add_working_days(calendar.add_working_days(start, first), second) == (
        calendar.add_working_days(start, first + second)
    )
    assert calendar.add_working_days(calendar.add_working_days(start, first), -first) == start


@given(calendars, days, days, days)
def test_between_adds_up_and_changes_sign(calendar, one, two, three):
    between = calendar.working_days_between
    assert between(one, three) == between(one, two) + between(two, three)
    assert between(one, two) == -between(two, one)


@given(calendars, moments)
def test_the_next_working_moment_is_worked_and_nothing_is_worked_before_it(calendar, at):
    found = calendar.next_working_moment(at)
    assert found >= at
    assert calendar.next_working_moment(found) == found
    assert calendar.working_time_between(at, found) == timedelta()
    assert calendar.working_time_between(found, found + timedelta(minutes=1)) == timedelta(minutes=1)


@given(calendars, moments, moments, moments)
def test_working_time_adds_up_and_never_exceeds_the_clock(calendar, one, two, three):
    between = calendar.working_time_between
    assert between(one, three) == between(one, two) + between(two, three)
    assert abs(between(one, two)) <= abs(two - one)


@settings(max_examples=25)
@given(calendars, moments, st.integers(0, 2 * 24 * 60))
def test_working_time_is_what_counting_minutes_gives(calendar, start, minutes):
    zone = ZoneInfo(calendar.zone)

    def worked(at: datetime) -> bool:
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        return any(span.begin <= minute < span.end for span in calendar.hours_of(local.date()))

    counted = sum(worked(start + timedelta(minutes=n)) for n in range(minutes))
    assert calendar.working_time_between(start, start + timedelta(minutes=minutes)) == timedelta(
        minutes=counted
    )


@pytest.mark.parametrize(
    ("year", "language", "expected"),
    [
        (2026, "zh_CN", ("农历除夕", "春节", 9)),
        (2025, "zh_CN", ("国庆节", "中秋节", 8)),
        (2025, "en_US", ("National Day", "Mid-Autumn Festival", 8)),
    ],
)
def test_one_holiday_of_several_occasions_is_one_stretch(year, language, expected):
    """As the State Council announces it: 2026-02-15 to 23, 2025-10-01 to 08."""
    *names, days = expected
    found = WorkingCalendar("Asia/Shanghai", "CN").out_of_turn(date(year, 1, 1), date(year, 12, 31), language)
    comma = "、" if language.startswith("zh") else ", "
    assert [s.days for s in found if all(name in s.name.split(comma) for name in names)] == [days]
    assert len([s for s in found if any(name in s.name.split(comma) for name in names)]) == 1


def test_neighbouring_holidays_elsewhere_keep_their_names():
    found = WorkingCalendar("Europe/London", "GB").out_of_turn(date(2026, 12, 24), date(2026, 12, 31))
    assert [s.name.split(" (")[0] for s in found][:2] == ["Christmas Day", "Boxing Day"]
