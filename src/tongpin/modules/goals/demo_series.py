"""The example company's numbers: made from a fixed seed, with effects that only this file knows.

Every series is a level with a weekly rhythm, slow growth and day-to-day noise; published schedules also feel long
holidays: the week before everyone plans ahead, during it restaurants are busiest.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from tongpin.lib.effects import Direction, LookBackSpec, Size, SizeUnit
from tongpin.lib.effects.calendars import LONG_KINDS, kinds_of
from tongpin.lib.series import Series, Unit

DAY = timedelta(days=1)
COUNTRY = "CN"
GROWTH = 0.0005
"""Share by which every count grows a day."""

AFTER = 3 * DAY
"""How long after its window somebody looked back."""

CALM = 3
"""Days that a window keeps from a long holiday."""

THURSDAY_PEAK = (1.0, 0.98, 1.02, 1.55, 1.6, 0.92, 0.85)
EVEN = (1.0, 1.0, 1.0, 1.03, 1.08, 1.12, 1.05)
FLAT = (1.0,) * 7


@dataclass(frozen=True)
class Story:
    """A look back of the example company. ``expects`` is the result it must come to, ``truth`` what was planted."""

    key: str
    author: str
    title: str
    metric: str
    unit: str
    source: str
    series: Series
    spec: LookBackSpec
    truth: float
    expects: str
    reading: str = ""

    @property
    def on(self) -> date:
        """The day somebody looked back: the one after the last of the data."""
        return self.series.end + DAY


@dataclass(frozen=True)
class Shape:
    """How a metric moves by itself. ``noise`` is the s.d. of a day's logarithm; a share has no growth."""

    level: float
    noise: float
    week: tuple[float, ...] = EVEN
    growth: float = GROWTH
    unit: Unit = Unit.NUMBER
    holidays: bool = True
    decimals: int = 0
    seed: str = field(default="", kw_only=True)


def stories(today: date) -> list[Story]:
    """The example's look backs as they stand on ``today``, in the order somebody asked: each a few days after its
    window.
    """
    last = today - DAY
    told = [
        _activation(today),
        _templates(today),
        _location(today),
        _holiday_helper(today),
        _drafts(today),
        _reminder(last),
    ]
    return sorted(told, key=lambda story: story.on)


def _until(spec: LookBackSpec) -> date:
    return spec.window_end + AFTER


def _activation(today: date) -> Story:
    spec = LookBackSpec(
        launch=_calm(today - 98 * DAY, 28),
        window_days=28,
        expected=Size(6, SizeUnit.POINTS),
        worth=Size(2, SizeUnit.POINTS),
        country=COUNTRY,
    )
    shape = Shape(0.34, 0.055, FLAT, 0.0, Unit.SHARE, holidays=False, decimals=4, seed="activation")
    series = make(
        shape, spec.launch - 120 * DAY, _until(spec), lambda day: 0.09 / 0.34 if day >= spec.launch else 0.0
    )
    return Story(
        "activation",
        "yuan",
        "开店三步引导",
        "7日激活率",
        "",
        "7日激活率.xlsx",
        series,
        spec,
        0.09,
        "met",
        "三步引导把开店后第一周的流失补上了。全量保留，第 3 步再做一次简化。",
    )


def _templates(today: date) -> Story:
    spec = LookBackSpec(
        launch=_calm(today - 75 * DAY, 21),
        window_days=21,
        expected=Size(0.08),
        worth=Size(0.03),
        country=COUNTRY,
    )
    shape = Shape(1180, 0.025, EVEN, holidays=False, seed="gallery")
    series = make(shape, spec.launch - 150 * DAY, _until(spec), lambda day: 0.0)
    return Story(
        "templates",
        "yinuo",
        "模板广场上线",
        "店长端日活",
        "人",
        "店长端日活.csv",
        series,
        spec,
        0.0,
        "missed",
        "31% 的店长用过模板，喜欢是喜欢，但来得并不更勤。下个季度不再加码。",
    )


def _location(today: date) -> Story:
    spec = LookBackSpec(
        launch=_calm(today - 57 * DAY, 14),
        window_days=14,
        expected=Size(0.03),
        worth=Size(0.01),
        country=COUNTRY,
    )
    shape = Shape(2600, 0.02, EVEN, holidays=False, seed="location")
    series = make(
        shape, spec.launch - 140 * DAY, _until(spec), lambda day: -0.07 if day >= spec.launch else 0.0
    )
    return Story(
        "location",
        "wan",
        "定位打卡 v3.4",
        "员工日活",
        "人",
        "员工端日活.csv",
        series,
        spec,
        -0.07,
        "negative",
        "安卓弱网下定位失败，打不了卡的人当天就不再打开。已改为可选。下次高频动作先灰度 10%。",
    )


def _holiday_helper(today: date) -> Story:
    """Launched before a long holiday unlike any in its history: a plain comparison would say a lot, and mean little."""
    first_off = last_long_holiday(today)
    launch = first_off - 6 * DAY
    spec = LookBackSpec(launch=launch, window_days=14, expected=Size(0.1), worth=Size(0.04), country=COUNTRY)
    start = launch - 100 * DAY
    seen = [day for day in _days(start, launch - DAY) if _kind(day) in LONG_KINDS]
    if seen:
        start = seen[-1] + DAY
    series = make(
        Shape(1550, 0.03, THURSDAY_PEAK, seed="holiday"),
        start,
        min(today - DAY, _until(spec)),
        lambda day: 0.03 if day >= launch else 0.0,
    )
    return Story(
        "holiday",
        "yuan",
        "节假日排班助手",
        "每日发布排班数",
        "次",
        "排班日报.csv",
        series,
        spec,
        0.03,
        "cant_tell",
    )


def _drafts(today: date) -> Story:
    spec = LookBackSpec(
        launch=_calm(today - 24 * DAY, 14),
        window_days=14,
        expected=Size(0.08),
        worth=Size(0.02),
        country=COUNTRY,
    )
    shape = Shape(460, 0.025, THURSDAY_PEAK, holidays=False, seed="drafts")
    series = make(
        shape, spec.launch - 130 * DAY, _until(spec), lambda day: 0.05 if day >= spec.launch else 0.0
    )
    return Story(
        "drafts",
        "xiaoman",
        "排班草稿自动保存",
        "每日完成排班的门店数",
        "家",
        "排班完成日报.csv",
        series,
        spec,
        0.05,
        "partly",
        "确实少丢了排班，但没到预期。先修手机端的自动保存，再看一次。",
    )


def _reminder(last: date) -> Story:
    """Twelve days of history: too little for anything but a description."""
    launch = last - 13 * DAY
    spec = LookBackSpec(
        launch=launch, window_days=14, expected=Size(0.2), direction=Direction.DOWN, country=COUNTRY
    )
    series = make(
        Shape(84, 0.08, FLAT, 0.0, holidays=False, seed="reminder"),
        launch - 12 * DAY,
        last,
        lambda day: -0.25 if day >= launch else 0.0,
    )
    return Story(
        "reminder",
        "xiaoman",
        "漏打卡短信提醒",
        "每日漏打卡人数",
        "人",
        "漏打卡日报.xlsx",
        series,
        spec,
        -0.25,
        "cant_tell",
    )


def sample_series(today: date) -> tuple[Series, date]:
    """A hundred days of a made-up count with a launch that worked, and that launch's day; the data end yesterday."""
    launch = today - 24 * DAY
    shape = Shape(1240, 0.03, EVEN, holidays=False, seed="sample")
    return make(shape, launch - 80 * DAY, today - DAY, lambda day: 0.09 if day >= launch else 0.0), launch


def make(shape: Shape, first: date, last: date, effect: Callable[[date], float]) -> Series:
    """The series from ``first`` to ``last``; ``effect`` is the share by which a day differs because of the launch."""
    dice = random.Random(f"qingban {shape.seed}")  # noqa: S311  numbers for an example, not secrets
    values = []
    for n, day in enumerate(_days(first, last)):
        value = (
            shape.level * shape.week[day.weekday()] * math.exp(shape.growth * n + dice.gauss(0, shape.noise))
        )
        if shape.holidays:
            value *= _holiday_factor(day)
        value *= 1 + effect(day)
        values.append(round(min(value, 0.999) if shape.unit is Unit.SHARE else value, shape.decimals))
    return Series(first, tuple(values), 1, shape.unit, "")


def last_long_holiday(today: date) -> date:
    """First day off of the last long holiday that ended at least 25 days ago."""
    day = today - 25 * DAY
    while _kind(day) not in LONG_KINDS:
        day -= DAY
    while _kind(day - DAY) in LONG_KINDS:
        day -= DAY
    return day


def _calm(launch: date, window: int) -> date:
    """The nearest day before, from which a window keeps ``CALM`` days from every long holiday."""
    while any(
        _kind(day) in LONG_KINDS for day in _days(launch - CALM * DAY, launch + (window - 1 + CALM) * DAY)
    ):
        launch -= DAY
    return launch


def _holiday_factor(day: date) -> float:
    kind = _kind(day)
    if kind in LONG_KINDS:
        return 1.25
    if any(_kind(day + n * DAY) in LONG_KINDS for n in range(1, 8)):
        return 1.6
    return 1.0


def _kind(day: date) -> str:
    return kinds_of([day], COUNTRY)[0]


def _days(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]
