from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongpin.lib.workdays import HoursError, Span
from tongpin.lib.workdays.hours import checked, parse_day, show_day

OFFICE = (Span(540, 720), Span(780, 1080))


@pytest.mark.parametrize(
    "text",
    [
        "9:00-12:00, 13:00-18:00",
        "09:00–12:00，13:00～18:00",
        "9-12 13-18",
        "9点至12点、13点到18点",
        "13:00 – 18:00; 9:00 to 12:00",
        "  9：00—12：00\n13：00—18：00 ",
    ],
)
def test_people_write_hours_in_many_ways(text):
    assert parse_day(text) == OFFICE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("mornings", "unreadable"),
        ("9:00", "unreadable"),
        ("9-12 x", "unreadable"),
        ("9:75-12", "unreadable"),
        ("12-9", "order"),
        ("9-9", "order"),
        ("9-25", "order"),
        ("9-12 11-13", "overlap"),
    ],
)
def test_what_cannot_be_read_is_said(text, code):
    with pytest.raises(HoursError) as refused:
        parse_day(text)
    assert refused.value.code == code


def test_nothing_written_is_a_day_of_rest():
    assert parse_day("  ") == ()


marks = st.lists(st.integers(0, 1440), max_size=8, unique=True).map(sorted)
days = marks.map(lambda at: tuple(Span(a, b) for a, b in zip(at[::2], at[1::2], strict=False)))


@given(days)
def test_what_is_shown_reads_back(spans):
    assert parse_day(show_day(spans)) == spans == checked(spans[::-1])
