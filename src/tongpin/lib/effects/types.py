"""What is asked of a look back and what comes out. No heavy import here: screens import these types.

Every text for people is a ``Note`` (code and parameters); the screen owns the words in each language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

Scalar = str | int | float | bool | None


class Method(StrEnum):
    """How the effect was found."""

    STATE_SPACE = "state_space"
    BEFORE_AFTER = "before_after"


class Evidence(StrEnum):
    """A randomised, B comparison group, C own history only, D plain before/after (descriptive)."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Result(StrEnum):
    """The word of the result. ``MISSED_TOO_SMALL`` is shown as missed, "too small to matter"."""

    MET = "met"
    PARTLY = "partly"
    MISSED = "missed"
    MISSED_TOO_SMALL = "missed_too_small"
    NEGATIVE = "negative"
    CANT_TELL = "cant_tell"


class Direction(StrEnum):
    """Which way is good."""

    UP = "up"
    DOWN = "down"


class Scale(StrEnum):
    """The scale the model works on; ``AUTO`` picks log for positive, logit for shares, else linear."""

    AUTO = "auto"
    LOG = "log"
    LOGIT = "logit"
    LINEAR = "linear"


class SizeUnit(StrEnum):
    """Unit of an expected size. ``POINTS`` are percentage points, for series of shares only."""

    RELATIVE = "relative"
    ABSOLUTE = "absolute"
    POINTS = "points"


class SpecError(ValueError):
    """A look back that cannot be asked so. ``code`` and ``params`` are translated by the screen."""

    def __init__(self, code: str, params: dict[str, Scalar] | None = None, field_name: str = "") -> None:
        self.code = code
        self.params: dict[str, Scalar] = dict(params or {})
        self.field_name = field_name
        super().__init__(f"{code} {self.params}" if self.params else code)


@dataclass(frozen=True)
class Note:
    """A statement for people: ``code`` is translated with ``params`` (dates as ISO text, shares as 0..1)."""

    code: str
    params: dict[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True)
class Size:
    """The size of an effect in the good direction, always above zero.

    ``value``: 0.05 with ``RELATIVE`` is 5 %; 6 with ``POINTS`` is six percentage points; else the
    metric's unit, per day.
    """

    value: float
    unit: SizeUnit = SizeUnit.RELATIVE


@dataclass(frozen=True)
class OtherLaunch:
    """Something else that launched; inside the window it makes an effect from own history untellable."""

    day: date
    label: str = ""


@dataclass(frozen=True)
class LookBackSpec:
    """The question: what launched when, what was expected of it, over which window.

    ``launch`` is the first day it was visible; ``partial_days`` days from it (a staged roll-out, a launch in
    the evening) belong to neither side, so the window starts ``partial_days`` later. ``as_of`` is today
    for the asker (None: the day after the last value). ``country`` is an ISO code for holidays, None for
    none.
    """

    launch: date
    window_days: int = 14
    expected: Size | None = None
    worth: Size | None = None
    direction: Direction = Direction.UP
    scale: Scale = Scale.AUTO
    country: str | None = "CN"
    partial_days: int = 0
    as_of: date | None = None
    other_launches: tuple[OtherLaunch, ...] = ()
    guardrail_breached: bool = False
    level: float = 0.95

    def __post_init__(self) -> None:
        if not 1 <= self.window_days <= 366:
            raise SpecError("window_out_of_range", {"low": 1, "high": 366}, "window_days")
        if not 0 <= self.partial_days <= 90:
            raise SpecError("partial_days_out_of_range", {"low": 0, "high": 90}, "partial_days")
        if not 0.5 <= self.level < 1:
            raise SpecError("level_out_of_range", {}, "level")
        for name in ("expected", "worth"):
            size = getattr(self, name)
            if size is not None and not 0 < size.value < 1e15:
                raise SpecError("size_not_positive", {}, name)
            all_of_it = size is not None and size.unit is SizeUnit.RELATIVE and size.value >= 1
            if all_of_it and self.direction is Direction.DOWN:
                raise SpecError("decrease_over_100", {}, name)
        if (
            self.expected is not None
            and self.worth is not None
            and self.expected.unit is self.worth.unit
            and self.worth.value > self.expected.value
        ):
            raise SpecError("worth_above_expected", {}, "worth")

    @property
    def window_start(self) -> date:
        """First day of the window."""
        return self.launch + timedelta(days=self.partial_days)

    @property
    def window_end(self) -> date:
        """Last day of the window, inclusive."""
        return self.window_start + timedelta(days=self.window_days - 1)


@dataclass(frozen=True)
class Estimate:
    """A point with its interval; ``low``/``high`` are None where no honest interval exists (evidence D)."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class DayPoint:
    """One day of the picture, in the metric's unit.

    ``expected`` with ``low``/``high`` is what the model saw coming: one day ahead before the launch, from
    the day before the launch within the window. ``used`` is False for a day left out of the effect,
    ``why`` says why (partial, holiday code, missing).
    """

    day: date
    actual: float | None
    expected: float | None
    low: float | None
    high: float | None
    in_window: bool
    used: bool = True
    why: str = ""


@dataclass(frozen=True)
class WeekPoint:
    """Seven days counted from the window's first day: ``week`` 0 is its first, -1 the week before."""

    week: int
    start: date
    n: int
    actual: float | None
    expected: float | None
    low: float | None
    high: float | None
    in_window: bool


@dataclass(frozen=True)
class HolidayNote:
    """A holiday that touches the window. ``kind`` as in ``calendars``; ``treatment``: modelled, dropped,
    blocks.
    """

    kind: str
    start: date
    end: date
    treatment: str


@dataclass(frozen=True)
class Diagnostics:
    """What the result leans on. ``residual_autocorrelation`` is lag one of the standardised one-step
    errors.
    """

    n_pre: int = 0
    n_post: int = 0
    missing_pre: int = 0
    missing_post: int = 0
    step_days: int = 1
    placebo_count: int = 0
    placebo_rms_z: float | None = None
    placebo_outside: int = 0
    inflation: float = 1.0
    df: float | None = None
    short_history: bool = False
    sparse: bool = False
    residual_autocorrelation: float | None = None
    outliers: int = 0
    level_shift_day: date | None = None
    level_shift_z: float | None = None
    fit: str = ""
    sigma_level: float | None = None
    sigma_noise: float | None = None
    holidays: tuple[HolidayNote, ...] = ()
    pre_start: date | None = None


@dataclass(frozen=True)
class SecondOpinion:
    """The Gibbs sampler's reading of the same days (the widely used default model).

    ``agrees``: the same side of zero, and each estimate within the other's interval. ``same_direction``: at least
    the same side.
    """

    relative: Estimate | None
    absolute: Estimate
    p_positive: float
    agrees: bool
    draws: int
    seed: int
    same_direction: bool = False


@dataclass(frozen=True)
class Detectable:
    """The smallest effect (good direction) that a window would show with 80 % power.

    ``confirms_expected`` is None without an expectation. ``weeks_needed`` is the shortest whole number of
    weeks for which the expected size would show; None when no window up to ``weeks_tried`` does.
    """

    relative: float | None
    absolute: float
    power: float
    confirms_expected: bool | None = None
    weeks_needed: int | None = None
    weeks_tried: int = 0


@dataclass(frozen=True)
class Effect:
    """The result. Numbers are changes of the metric (a decrease is negative), whatever direction is good.

    ``relative`` is a share (0.05 = 5 %), None where the base is too near zero; ``absolute`` is per day in the
    metric's unit (percentage points are 0.01 of a share); ``cumulative`` is its sum over the used days.
    ``p_positive`` is P(effect in the good direction), ``p_expected`` P(at least the expected size).
    ``first_half`` and ``last_half`` of the window are relative where that exists, else absolute; beside them the
    same as absolute changes (None in results saved before there were any).
    ``attainment`` 达成率 = estimate / expected in the expected size's unit; above 1 is better than expected.
    """

    method: Method
    evidence: Evidence
    result: Result
    spec: LookBackSpec
    scale: Scale
    unit: str
    reasons: tuple[Note, ...]
    next_steps: tuple[Note, ...]
    warnings: tuple[Note, ...]
    relative: Estimate | None
    absolute: Estimate | None
    cumulative: Estimate | None
    actual_mean: float | None
    expected_mean: float | None
    p_positive: float | None
    p_expected: float | None
    attainment: float | None
    first_half: Estimate | None
    last_half: Estimate | None
    halves_differ: bool | None
    detectable: Detectable | None
    second_opinion: SecondOpinion | None
    diagnostics: Diagnostics
    days: tuple[DayPoint, ...]
    weeks: tuple[WeekPoint, ...]
    window_over: bool
    name: str = ""
    first_half_absolute: Estimate | None = None
    last_half_absolute: Estimate | None = None
