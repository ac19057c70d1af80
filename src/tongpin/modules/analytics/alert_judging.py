"""What an alert says of each day of its series. Nothing is kept here: a preview and the job ask alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from tongpin.kernel.tenancy.models import Workspace
from tongpin.lib.effects import alarms
from tongpin.lib.effects.alarms import Judged, Least
from tongpin.lib.effects.calendars import kinds_of
from tongpin.lib.workdays import UnknownCountry
from tongpin.modules.analytics import alert_series
from tongpin.modules.analytics.enums import AlertRule
from tongpin.modules.analytics.insights.schema import AnyQuestion
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.shown.words import Value
from tongpin.modules.workspaces.public import calendar_of

DAY = timedelta(days=1)
WEEK = 7
GRACE = timedelta(hours=1)
"""How long after its end a day is left alone, for what is still on its way."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is judged: a series of a question by a rule; ``value`` and ``least`` as in ``models.Alert``."""

    question: AnyQuestion
    series: str
    rule: AlertRule
    value: float | None
    least: Least


def last_day(watch: Watch, scope: Scope) -> date:
    """The last day that can be judged now: over, and settled. The running day never is."""
    settled = replace(scope, as_of=scope.as_of - GRACE).today
    return settled - (1 + alert_series.delay(watch.question)) * DAY


def verdicts(workspace: Workspace, watch: Watch, scope: Scope, since: date, last: date) -> list[Judged]:
    """Each day from ``since`` to ``last``. Raises Invalid, StoreUnavailable, QueryTooHeavy."""
    reach = alarms.LONGEST if watch.rule == AlertRule.UNUSUAL else WEEK
    first, values = alert_series.daily(watch.question, watch.series, scope, since - reach * DAY, last)
    days = [first + n * DAY for n in range(len(values))]
    if watch.rule == AlertRule.UNUSUAL:
        kinds = special_days(workspace, days)
        found = alarms.judge(first, values, kinds, watch.least, since, alert_series.unit(watch.question))
    else:
        found = [_threshold(watch, day, values, n) for n, day in enumerate(days) if day >= since]
    # Days before anything happened at all are no days without a value.
    missing = (since + n * DAY for n in range((last - since).days + 1))
    known = {each.day: each for each in found}
    return [known.get(day) or Judged(day, None, why="short") for day in missing]


def _threshold(watch: Watch, day: date, values: list[Value], n: int) -> Judged:
    value, bound = values[n], watch.value or 0.0
    if value is None:
        return Judged(day, None, why="missing")
    if watch.rule == AlertRule.ABOVE:
        return Judged(day, value, high=bound, unusual=value > bound)
    if watch.rule == AlertRule.BELOW:
        return Judged(day, value, low=bound, unusual=value < bound)
    before = values[n - WEEK] if n >= WEEK else None
    if not before:
        return Judged(day, value, why="short" if n < WEEK else "missing")
    low, high = sorted((before * (1 - bound), before * (1 + bound)))
    return Judged(day, value, before, low, high, unusual=not low <= value <= high)


def special_days(workspace: Workspace, days: list[date]) -> list[str]:
    """What kind of special day each is, "" for an ordinary one: by its country, and by the workspace's own word."""
    calendar = calendar_of(workspace)
    try:
        kinds = kinds_of(days, calendar.country or None)
    except UnknownCountry:
        kinds = ["" for _day in days]
    own = calendar.own
    return [
        ("own_work" if own[day].working else "own_off") if day in own else kind
        for day, kind in zip(days, kinds, strict=True)
    ]
