"""What the country says: the State Council's notices as published, and honesty about what is not known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tongpin.lib.workdays import Certainty, UnknownCountry
from tongpin.lib.workdays.official import holiday_names, official_year

# 国务院办公厅关于2026年部分节假日安排的通知: first and last day off of each holiday, and the days worked for them.
NOTICE_2026 = {
    "元旦": (date(2026, 1, 1), date(2026, 1, 3)),
    "春节": (date(2026, 2, 15), date(2026, 2, 23)),
    "清明节": (date(2026, 4, 4), date(2026, 4, 6)),
    "劳动节": (date(2026, 5, 1), date(2026, 5, 5)),
    "端午节": (date(2026, 6, 19), date(2026, 6, 21)),
    "中秋节": (date(2026, 9, 25), date(2026, 9, 27)),
    "国庆节": (date(2026, 10, 1), date(2026, 10, 7)),
}
WORKED_2026 = {(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)}


def test_the_chinese_year_is_the_notice_day_for_day():
    names = holiday_names("CN", 2026, "zh_CN")
    off = {
        first + timedelta(n) for first, last in NOTICE_2026.values() for n in range((last - first).days + 1)
    }
    assert set(names) == off
    assert official_year("CN", 2026).makeup == {date(2026, m, d) for m, d in WORKED_2026}


def test_a_day_given_in_exchange_bears_its_holidays_name():
    names = holiday_names("CN", 2025, "zh_CN")
    assert [names[date(2025, 10, d)] for d in (1, 4, 6, 7, 8)] == [
        "国庆节", "国庆节", "中秋节", "中秋节", "中秋节",
    ]  # fmt: skip
    assert holiday_names("CN", 2026)[date(2026, 10, 5)] == "National Day"


def test_other_countries_keep_their_weekends_and_speak_english_where_they_must():
    names = holiday_names("SG", 2026, "zh_CN")
    assert names[date(2026, 8, 10)] == "National Day"
    assert date(2026, 8, 8) not in names
    assert holiday_names("HK", 2026, "zh_CN")[date(2026, 10, 1)] == "国庆日"


@pytest.mark.parametrize(
    ("country", "year", "known"),
    [
        ("CN", 2026, Certainty.PUBLISHED),
        ("CN", 2027, Certainty.STATUTORY),
        ("CN", 2000, Certainty.STATUTORY),
        ("CN", 1920, Certainty.UNKNOWN),
        ("SG", 2026, Certainty.PUBLISHED),
        ("SG", 2028, Certainty.ESTIMATED),
        ("IN", 2040, Certainty.ESTIMATED),
        ("US", 2030, Certainty.PUBLISHED),
        ("US", 1500, Certainty.UNKNOWN),
    ],
)
@pytest.mark.parametrize("language", ["en_US", "zh_CN"])
def test_it_says_how_far_a_year_is_known(country, year, known, language):
    assert official_year(country, year, language).certainty == known


def test_an_unknown_country_is_said():
    with pytest.raises(UnknownCountry):
        official_year("XX", 2026)
