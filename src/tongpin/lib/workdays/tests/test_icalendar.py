from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from tongpin.lib.workdays.icalendar import AllDay, write

STAMP = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


def test_a_holiday_is_whole_days_and_ends_the_day_after():
    text = write(
        "晴班, Qingban", [AllDay("a@b", date(2026, 10, 1), date(2026, 10, 7), "国庆节; 放假")], STAMP
    )
    lines = text.split("\r\n")
    assert "X-WR-CALNAME:晴班\\, Qingban" in lines
    assert "DTSTART;VALUE=DATE:20261001" in lines
    assert "DTEND;VALUE=DATE:20261008" in lines
    assert "SUMMARY:国庆节\\; 放假" in lines
    assert "DTSTAMP:20261125T093000Z" in lines


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_long_lines_are_folded_without_loss(title):
    text = write("x", [AllDay("a@b", date(2026, 1, 1), date(2026, 1, 1), title)], STAMP)
    assert text.endswith("\r\n")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    whole = text.replace("\r\n ", "").split("\r\n")
    said = next(line for line in whole if line.startswith("SUMMARY:")).removeprefix("SUMMARY:")
    assert said.replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\") == title
