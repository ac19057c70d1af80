"""What an insight asks, as pages, API, command line and saved insights write it. Unknown fields are refused.

Dates are local dates of the workspace: ``2026-03-01``, ``today``, ``-7d``, ``-4w``, ``-3m``, ``-1y``; a range holds
both ends. ``VERSION`` counts what would make an old reader misread a new question.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import BeforeValidator, Field, TypeAdapter, field_validator, model_validator

from tongpin.modules.analytics.insights.conditions import Condition, Group, On, Strict, given
from tongpin.modules.analytics.insights.scope import RELATIVE, Range, Scope

VERSION = 1
MOST_STEPS = 20
MOST_SERIES = 10
MOST_BUCKETS = 1500
MOST_VISIT_CONDITIONS = 20
EARLIEST, LATEST = 1971, 2148  # what the store's dates hold, a year to spare on either side

Name = Annotated[str, Field(min_length=1, max_length=200)]
Where = Annotated[Group, BeforeValidator(given)]
Interval = Literal["day", "week", "month"]


def _day(said: Any) -> Any:
    """A date as it is written. Raises ValueError."""
    if said != "today" and not (isinstance(said, str) and RELATIVE.fullmatch(said)):
        date.fromisoformat(said)
    return said


Day = Annotated[str, BeforeValidator(_day)]


class Pick(Strict):
    """Events of one name, or of any (None), that fulfil conditions. A bare name stands for the name alone."""

    event: Name | None = None
    where: Where = Group()


Picked = Annotated[
    Pick, BeforeValidator(lambda said: {"event": said} if said is None or isinstance(said, str) else said)
]


class Question(Strict):
    """What every kind has: range, who is counted, and conditions on every event looked at."""

    version: Literal[1] = 1
    first: Annotated[Day, Field(alias="from")] = "-29d"
    last: Annotated[Day, Field(alias="to")] = "today"
    unit: Literal["user", "customer"] = "user"
    customer_kind: Annotated[str, Field(min_length=1, max_length=200)] = "company"
    where: Where = Group()

    def range(self, scope: Scope) -> Range:
        """The dates asked for. Raises ValueError where the last comes before the first or there are too many."""
        far = _("days lie between %(first)d and %(last)d") % {"first": EARLIEST, "last": LATEST}
        try:
            first, last = scope.day_of(self.first), scope.day_of(self.last)
        except (ValueError, OverflowError):  # so many years back that there is no such date
            raise ValueError(far) from None
        if not (EARLIEST <= first.year <= LATEST and EARLIEST <= last.year <= LATEST):
            raise ValueError(far)
        if last < first:
            raise ValueError(_("the range ends before it begins"))
        found = Range.of(scope, first, last)
        if getattr(self, "interval", "day") == "day" and found.days > MOST_BUCKETS:
            raise ValueError(_("at most %(n)d days") % {"n": MOST_BUCKETS})
        return found


class Breakdown(Strict):
    """By the values of a property, the largest first; what is beyond ``limit`` is one group, OTHER. Or by segments:
    each counts in the first of ``segments`` that holds it, by its id, and in NONE if none does."""

    property: Annotated[str, Field(max_length=200)] = ""
    on: Literal["event", "person", "customer", "segment"] = "event"
    segments: Annotated[list[UUID], Field(max_length=10)] = Field(default_factory=list)
    limit: Annotated[int, Field(ge=1, le=50)] = 10

    @model_validator(mode="after")
    def _by_something(self) -> Breakdown:
        if self.on == "segment":
            if not self.segments or len(set(self.segments)) < len(self.segments):
                raise ValueError(_("it takes one or more segments, each once"))
            if self.property:
                raise ValueError(_("it goes by a property or by segments, not by both"))
        elif self.segments:
            raise ValueError(_("it goes by a property or by segments, not by both"))
        elif not self.property:
            raise ValueError(_("the property is missing"))
        return self


Math = Literal["total", "unique_users", "wau", "mau", "sum", "avg", "min", "max", "median", "p90"]
OF_A_PROPERTY = {"sum", "avg", "min", "max", "median", "p90"}


class Series(Pick):
    """One line of a trend: what is counted of which events. ``name`` is what a formula calls it by."""

    name: Annotated[str, Field(min_length=1, max_length=80)] = ""
    math: Math = "total"
    property: Name | None = None

    @model_validator(mode="after")
    def _fits(self) -> Series:
        if self.math in OF_A_PROPERTY and self.property is None:
            raise ValueError(_("it takes a property to count"))
        return self


class Trends(Question):
    """How something goes over time. ``smooth`` averages over so many buckets, ``compare`` adds the time before."""

    kind: Literal["trends"] = "trends"
    interval: Literal["hour", "day", "week", "month"] = "day"
    series: Annotated[list[Series], Field(min_length=1, max_length=MOST_SERIES)]
    formula: Annotated[str, Field(max_length=500)] | None = None
    breakdown: Breakdown | None = None
    compare: bool = False
    cumulative: bool = False
    smooth: Annotated[int, Field(ge=1, le=90)] = 1

    @field_validator("series")
    @classmethod
    def _named(cls, series: list[Series]) -> list[Series]:
        named = [
            each if each.name else each.model_copy(update={"name": chr(ord("A") + at)})
            for at, each in enumerate(series)
        ]
        if len({each.name for each in named}) < len(named):
            raise ValueError(_("two series have one name"))
        return named


class FunnelBreakdown(Breakdown):
    """``first_touch``: the value on the attempt's first event; ``last_touch``: on its deepest."""

    attribution: Literal["first_touch", "last_touch"] = "first_touch"


class Exclusion(Pick):
    """Whoever does this between two steps (counted from 0) has not converted any further."""

    after: Annotated[int, Field(ge=0)] = 0
    before: Annotated[int, Field(ge=1)] | None = None


Alternatives = Annotated[
    list[Picked],
    Field(min_length=1, max_length=10),
    BeforeValidator(lambda said: said if isinstance(said, list) else [said]),
]


class Funnel(Question):
    """Who gets how far on a way of steps; a step is any of one or more events."""

    kind: Literal["funnel"] = "funnel"
    order: Literal["ordered", "strict", "unordered"] = "ordered"
    entry: Literal["any", "first"] = "any"
    steps: Annotated[list[Alternatives], Field(min_length=1, max_length=MOST_STEPS)]
    window_seconds: Annotated[int, Field(ge=1, le=366 * 86_400)] = 14 * 86_400
    exclude: Annotated[list[Exclusion], Field(max_length=5)] = Field(default_factory=list)
    breakdown: FunnelBreakdown | None = None
    over_time: Interval | None = None
    compare: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Funnel:
        if self.exclude and self.order != "ordered":
            raise ValueError(_("exclusions need the steps in order"))
        last = len(self.steps) - 1
        for each in self.exclude:
            if not each.after < (last if each.before is None else each.before) <= last:
                raise ValueError(_("an exclusion lies between two of the steps"))
        return self


class Retention(Question):
    """Who comes back after so many periods. ``brackets``: widths of custom periods in days instead of ``interval``."""

    kind: Literal["retention"] = "retention"
    cohort: Literal["first_time", "recurring"] = "first_time"
    interval: Interval = "day"
    basis: Literal["calendar", "rolling_24h"] = "calendar"
    periods: Annotated[int, Field(ge=1, le=90)] = 7
    mode: Literal["on", "on_or_after"] = "on"
    start: Picked
    back: Annotated[Picked, Field(alias="return")]
    brackets: Annotated[list[Annotated[int, Field(ge=1, le=366)]], Field(max_length=30)] = Field(
        default_factory=list
    )

    @model_validator(mode="after")
    def _fits(self) -> Retention:
        if self.basis == "rolling_24h" and self.interval != "day":
            raise ValueError(_("rolling 24 hours go by day"))
        return self


class Lifecycle(Question):
    """Who is new, stays, comes back and leaves."""

    kind: Literal["lifecycle"] = "lifecycle"
    event: Name | None = None
    interval: Interval = "day"


class Stickiness(Question):
    """In how many periods people are active."""

    kind: Literal["stickiness"] = "stickiness"
    event: Name | None = None
    interval: Interval = "day"


class Paths(Question):
    """The ways people take within a session: from event to event, or from page to page (``property`` of $pageview).

    From the first ``start`` on, up to the first ``end``: the last ``max_steps`` before it; with both, those who get
    from the one to the other in so many.
    """

    kind: Literal["paths"] = "paths"
    by: Literal["event", "path"] = "event"
    property: Name = "$pathname"
    start: Name | None = None
    end: Name | None = None
    max_steps: Annotated[int, Field(ge=2, le=20)] = 5
    limit: Annotated[int, Field(ge=1, le=1000)] | None = None


class VisitBreakdown(Breakdown):
    """``at``: by the value on the visit's ``first`` event, its first (``entry``) or last (``exit``) page view, or on
    ``each`` event: then a visit counts once for every value it has."""

    at: Literal["first", "entry", "exit", "each"] = "first"

    @model_validator(mode="after")
    def _fits(self) -> VisitBreakdown:
        if self.on not in ("event", "segment"):
            raise ValueError(_("visits are broken down by a property of their events, or by segments"))
        return self


class VisitCondition(Condition):
    """What must hold of a whole visit: on ``any`` of its events (with a negative comparison, on none), or on its
    ``first`` event, its first (``entry``) or last (``exit``) page view."""

    at: Literal["any", "first", "entry", "exit"] = "any"

    @model_validator(mode="after")
    def _of_events(self) -> VisitCondition:
        if self.on is not On.EVENT:
            raise ValueError(_("a condition on visits is about a property of their events"))
        return self


class Sessions(Question):
    """Visits: how many, how long, how engaged. ``key_events``: None takes those marked in the catalogue.

    ``visit``: conditions a whole visit must fulfil, while ``where`` says which of its events are counted.
    """

    kind: Literal["sessions"] = "sessions"
    interval: Literal["hour", "day", "week", "month"] = "day"
    key_events: Annotated[list[Name], Field(max_length=100)] | None = None
    visit: Annotated[list[VisitCondition], Field(max_length=MOST_VISIT_CONDITIONS)] = Field(
        default_factory=list
    )
    breakdown: VisitBreakdown | None = None
    compare: bool = False


Model = Literal["first", "last", "linear", "position"]
MODELS: tuple[Model, ...] = ("first", "last", "linear", "position")


class Attribution(Question):
    """Which sources conversions and their value are owed to, by several models side by side."""

    kind: Literal["attribution"] = "attribution"
    conversion: Picked
    value_property: Name | None = None
    lookback_days: Annotated[int, Field(ge=0, le=366)] = 30
    models: Annotated[list[Model], Field(min_length=1, max_length=4)] = Field(
        default_factory=lambda: list(MODELS)
    )
    by: Literal["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"] = "utm_source"


AnyQuestion = Annotated[
    Trends | Funnel | Retention | Lifecycle | Stickiness | Paths | Sessions | Attribution,
    Field(discriminator="kind"),
]
QUESTION: TypeAdapter[AnyQuestion] = TypeAdapter(AnyQuestion)
