"""Shopping days that move numbers in Chinese and western retail, by rule, for any year. Pure.

Platforms announce each year's dates themselves and stretch them further every year; what stands here is the core that
has stayed the same, so that a marker names what happened and does not shade half a quarter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tongpin.lib.workdays.official import official_year

_DAY = timedelta(days=1)
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class ShoppingDays:
    """``key`` names it for the words; both days are in it."""

    key: str
    first: date
    last: date


def chinese(year: int) -> Iterator[ShoppingDays]:
    """Those of one year, in order of their first days."""
    if spring := _new_year(year):
        # 年货节: the platforms settle its days anew each year, always between about three weeks and one week before
        # Spring Festival. Near enough to name what happened, not a date to plan by.
        yield ShoppingDays("new_year_goods", spring - 21 * _DAY, spring - 8 * _DAY)
    # 三八节 (38 节, 女王节): Women's Day, 8 March, on all platforms.
    yield ShoppingDays("women", date(year, 3, 8), date(year, 3, 8))
    # 618: JD's anniversary, held from the 1st to the 20th of June, its height on the 18th; other platforms join in.
    yield ShoppingDays("mid_year", date(year, 6, 1), date(year, 6, 20))
    # 99 划算节: Juhuasuan's, since 2016 on 9 September.
    yield ShoppingDays("bargains", date(year, 9, 9), date(year, 9, 9))
    # 双11: Tmall since 2009 on 11 November, since 2020 in two waves from the 1st on.
    yield ShoppingDays("singles", date(year, 11, 1), date(year, 11, 11))
    # 双12: Taobao since 2012 on 12 December.
    yield ShoppingDays("double_12", date(year, 12, 12), date(year, 12, 12))


def western(year: int) -> Iterator[ShoppingDays]:
    """Black Friday, the day after the fourth Thursday of November, up to the Monday after it (Cyber Monday)."""
    first = date(year, 11, 1)
    thursday = first + ((_FRIDAY - 1 - first.weekday()) % 7 + 21) * _DAY
    yield ShoppingDays("black_friday", thursday + _DAY, thursday + 4 * _DAY)


def _new_year(year: int) -> date | None:
    """The first day of the lunar year in a year, None where it is not known."""
    public = official_year("CN", year).public
    days = sorted(
        day for day, name in public.items() if name.startswith("Chinese New Year (Spring Festival)")
    )
    return days[0] if days else None
