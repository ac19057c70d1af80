"""What the builder's form shows of a question that may be unfinished: picks, conditions and options by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.modules.analytics.insights.conditions import NO_VALUE, Op
from tongpin.modules.analytics.insights.schema import OF_A_PROPERTY

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Conditions:
    """A group as the form shows it; a row is a dict with its ``place``, or a group inside."""

    place: str
    match: str
    rows: list[Any]
    is_group: bool = True


@dataclass(frozen=True, slots=True)
class Picking:
    """One choice of an event: its field's ``place``, what it is called, whether it can be taken away."""

    place: str
    label: str
    event: str
    conditions: Conditions
    drop: str = ""
    series: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A field of the question itself. ``kind``: select, number, check, text, event or property. What few people ask
    for, by ``usual`` not, stands folded away with ``more``."""

    name: str
    label: str
    value: Any
    kind: str = "select"
    choices: Choices = ()
    more: bool = False
    usual: str = ""

    @property
    def chosen(self) -> bool:
        """Whether it is something else than what everybody begins with."""
        said = "" if self.value in (None, False, "false") else str(self.value)
        return said != self.usual


@dataclass(frozen=True, slots=True)
class Built:
    """The whole form: picks with the button that adds one (its place and words), conditions, options."""

    picks: list[Picking]
    conditions: Conditions
    options: list[Option]
    adds: list[tuple[str, str]] = field(default_factory=list)
    visits: list[dict[str, Any]] | None = None
    """Conditions on whole visits, each with its ``place``; None where the kind knows none."""

    @property
    def first(self) -> list[Option]:
        """What everybody sees."""
        return [each for each in self.options if not each.more]

    @property
    def more(self) -> list[Option]:
        """What is folded away."""
        return [each for each in self.options if each.more]

    @property
    def unfolded(self) -> bool:
        """Whether something folded away is in use, and so has to be seen."""
        return any(each.chosen for each in self.more)


def conditions(group: Any, place: str) -> Conditions:
    """A ``where`` of the question; "" and dicts a program wrote otherwise count as none."""
    said = group if isinstance(group, dict) else {}
    rows: list[Any] = []
    for at, each in enumerate(said.get("of") or []):
        inner = f"{place}.of.{at}"
        if isinstance(each, dict) and "of" in each:
            rows.append(conditions(each, inner))
        elif isinstance(each, dict):
            value = each.get("value", "")
            if "segment" in each or each.get("on") == "segment":
                rows.append({**each, "place": inner, "is_segment": True})
                continue
            rows.append({**each, "place": inner, "values": value if isinstance(value, list) else [value]})
    return Conditions(place, str(said.get("match", "all")), rows)


def built(kind: str, raw: dict[str, Any], segments: Choices = ()) -> Built:
    """The form of a question of this kind; ``segments`` are those there are, by id."""
    options = _options(kind, raw, segments)
    visits = _visits(raw.get("visit")) if kind == "sessions" else None
    return Built(_picks(kind, raw), conditions(raw.get("where"), "where"), options, _adds(kind), visits)


def ops() -> Choices:
    """How a property is compared, in words."""
    return [
        (Op.IS, _("is")),
        (Op.IS_NOT, _("is not")),
        (Op.CONTAINS, _("contains")),
        (Op.CONTAINS_NOT, _("does not contain")),
        (Op.OVER, ">"),
        (Op.AT_LEAST, "≥"),
        (Op.UNDER, "<"),
        (Op.AT_MOST, "≤"),
        (Op.MATCHES, _("matches the pattern")),
        (Op.MATCHES_NOT, _("does not match the pattern")),
        (Op.SET, _("is set")),
        (Op.NOT_SET, _("is not set")),
        (Op.EMPTY, _("is empty text")),
        (Op.NOT_EMPTY, _("is not empty text")),
    ]


def _visits(said: Any) -> list[dict[str, Any]]:
    found = []
    for at, each in enumerate(said if isinstance(said, list) else []):
        if isinstance(each, dict):
            value = each.get("value", "")
            values = value if isinstance(value, list) else [value]
            found.append({"op": "is", "at": "any", **each, "place": f"visit.{at}", "values": values})
            found[-1]["valued"] = found[-1]["op"] not in NO_VALUE
    return found


def _places() -> list[tuple[str, str]]:
    return [
        ("first", _("on the first event")),
        ("entry", _("on the first page view")),
        ("exit", _("on the last page view")),
    ]


def visit_places() -> Choices:
    """Where on a visit a condition may look."""
    return [("any", _("on any event")), *_places()]


def _pick(said: Any, place: str, label: str, drop: str = "", series: dict[str, Any] | None = None) -> Picking:
    part = said if isinstance(said, dict) else {"event": said}
    return Picking(
        place, label, part.get("event") or "", conditions(part.get("where"), f"{place}.where"), drop, series
    )


def _picks(kind: str, raw: dict[str, Any]) -> list[Picking]:
    if kind == "trends":
        return [
            _pick(each, f"series.{at}", chr(ord("A") + at), f"series.{at}" if at else "", _math(each))
            for at, each in enumerate(raw.get("series") or [])
        ]
    if kind == "funnel":
        found = []
        for at, step in enumerate(raw.get("steps") or []):
            for other, each in enumerate(step if isinstance(step, list) else [step]):
                place = f"steps.{at}.{other}" if isinstance(step, list) else f"steps.{at}"
                label = pgettext("funnel", "or") if other else str(at + 1)
                found.append(_pick(each, place, label, place if other else f"steps.{at}" if at else ""))
        for at, each in enumerate(raw.get("exclude") or []):
            found.append(_pick(each, f"exclude.{at}", _("but not"), f"exclude.{at}"))
        return found
    if kind == "retention":
        return [
            _pick(raw.get("start"), "start", _("First did")),
            _pick(raw.get("return"), "return", _("Came back and did")),
        ]
    if kind == "attribution":
        return [_pick(raw.get("conversion"), "conversion", _("Conversion"))]
    return []


def _math(series: Any) -> dict[str, Any]:
    said = series if isinstance(series, dict) else {}
    math = said.get("math", "total")
    return {"math": math, "property": said.get("property", ""), "of_property": math in OF_A_PROPERTY}


def maths() -> Choices:
    """What a series may count, in words."""
    return [
        ("unique_users", _("Users")),
        ("total", _("Events")),
        ("wau", _("Active in 7 days")),
        ("mau", _("Active in 30 days")),
        ("sum", pgettext("insight", "Sum of")),
        ("avg", pgettext("insight", "Average of")),
        ("median", pgettext("insight", "Median of")),
        ("p90", pgettext("insight", "90th percentile of")),
        ("min", pgettext("insight", "Least of")),
        ("max", pgettext("insight", "Most of")),
    ]


def _adds(kind: str) -> list[tuple[str, str]]:
    return {
        "trends": [("series", _("Add a line"))],
        "funnel": [("steps", _("Add a step")), ("exclude", _("Leave out who did …"))],
    }.get(kind, [])


def _interval(raw: dict[str, Any], *, hours: bool = False) -> Option:
    choices = [
        ("day", pgettext("interval", "Day")),
        ("week", pgettext("interval", "Week")),
        ("month", pgettext("interval", "Month")),
    ]
    if hours:
        choices.insert(0, ("hour", pgettext("interval", "Hour")))
    return Option("interval", pgettext("interval", "By"), raw.get("interval", "day"), choices=choices)


def _breakdown(raw: dict[str, Any], segments: Choices, *, owned: bool = True) -> list[Option]:
    """By a property or by segments: choosing the one takes the other away. ``owned``: whose property can be said."""
    by = raw.get("breakdown") if isinstance(raw.get("breakdown"), dict) else {}
    assert isinstance(by, dict)
    chosen = [each for each in by.get("segments") or [] if each] if segments else []
    if chosen:
        found = []
        for at, each in enumerate([*chosen, ""][:10]):
            gone = [(each, _("A segment that is gone"))] if each and each not in dict(segments) else []
            label = _("then by the segment") if at else _("Break down by the segment")
            choices = [("", pgettext("segment", "none")), *gone, *segments]
            found.append(Option(f"breakdown.segments.{at}", label, each, choices=choices))
        return found
    whose = [
        ("event", pgettext("property of", "the event")),
        ("person", pgettext("property of", "the user")),
        ("customer", pgettext("property of", "the customer")),
    ]
    found = [Option("breakdown.property", _("Break down by"), by.get("property", ""), "property")]
    if by.get("property"):
        owner = by.get("on", "event")
        return [
            *found,
            *([Option("breakdown.on", _("A property of"), owner, choices=whose)] if owned else []),
        ]
    if segments:
        choices = [("", pgettext("segment", "none")), *segments]
        found.append(Option("breakdown.segments.0", _("or by the segment"), "", choices=choices))
    return found


def _options(kind: str, raw: dict[str, Any], segments: Choices) -> list[Option]:
    if kind == "trends":
        return [
            _interval(raw, hours=True),
            *_breakdown(raw, segments),
            Option("compare", _("Compare with the time before"), raw.get("compare"), "check"),
            Option("cumulative", _("Sum up over time"), raw.get("cumulative"), "check", more=True),
            Option("formula", _("Formula"), raw.get("formula", ""), "text", more=True),
            Option("smooth", _("Average over"), raw.get("smooth", ""), "number", more=True),
        ]
    if kind == "funnel":
        order = [
            ("ordered", _("In this order")),
            ("strict", _("In this order, nothing between")),
            ("unordered", _("In any order")),
        ]
        window = [
            (str(seconds), words)
            for seconds, words in [
                (3_600, _("1 hour")), (86_400, _("1 day")), (7 * 86_400, _("7 days")),
                (14 * 86_400, _("14 days")), (30 * 86_400, _("30 days")), (90 * 86_400, _("90 days")),
            ]
        ]  # fmt: skip
        touch = [("first_touch", _("at the first step")), ("last_touch", _("at the last step reached"))]
        said = raw.get("breakdown") if isinstance(raw.get("breakdown"), dict) else {}
        assert isinstance(said, dict)
        return [
            Option("order", _("Order"), raw.get("order", "ordered"), choices=order),
            Option(
                "window_seconds", _("Within"), str(raw.get("window_seconds", 14 * 86_400)), choices=window
            ),
            *_breakdown(raw, segments),
            Option(
                "breakdown.attribution", _("Its value"), said.get("attribution", "first_touch"), choices=touch
            ),
            Option(
                "over_time", _("Over time"), raw.get("over_time") or "",
                choices=[("", pgettext("funnel", "not")), *_interval(raw).choices],
            ),
            Option("compare", _("Compare with the time before"), raw.get("compare"), "check"),
        ]  # fmt: skip
    if kind == "retention":
        return [
            _interval(raw),
            Option("periods", _("Periods"), raw.get("periods", 7), "number"),
            Option(
                "cohort", _("Who begins"), raw.get("cohort", "first_time"),
                choices=[("first_time", _("whoever did it for the first time")), ("recurring", _("whoever did it"))],
            ),
            Option(
                "mode", _("Counts as back"), raw.get("mode", "on"),
                choices=[("on", _("in exactly that period")), ("on_or_after", _("in that period or later"))],
            ),
            Option(
                "basis", _("A period is"), raw.get("basis", "calendar"),
                choices=[("calendar", _("of the calendar")), ("rolling_24h", _("24 hours from the start"))],
            ),
        ]  # fmt: skip
    if kind in ("lifecycle", "stickiness"):
        return [Option("event", _("Active by"), raw.get("event") or "", "event"), _interval(raw)]
    if kind == "paths":
        return [
            Option(
                "by",
                _("Steps are"),
                raw.get("by", "event"),
                choices=[("event", _("Events")), ("path", pgettext("web", "Pages"))],
            ),
            Option("start", _("Beginning at"), raw.get("start", ""), "event"),
            Option("end", _("Ending at"), raw.get("end", ""), "event"),
            Option("max_steps", _("Steps at most"), raw.get("max_steps", 5), "number"),
        ]
    if kind == "sessions":
        by = raw.get("breakdown")
        return [
            _interval(raw, hours=True),
            # Of a visit's events: whose it is cannot be chosen.
            *_breakdown(raw, segments, owned=False),
            *(
                [
                    Option(
                        "breakdown.at",
                        _("Its value"),
                        by.get("at", "first"),
                        choices=[*_places(), ("each", _("on each event"))],
                    )
                ]
                if isinstance(by, dict) and by.get("property")
                else []
            ),
            Option("compare", _("Compare with the time before"), raw.get("compare"), "check"),
        ]
    by = [(name, name) for name in ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")]
    return [
        Option("value_property", _("Value"), raw.get("value_property", ""), "property"),
        Option("lookback_days", _("Days looked back"), raw.get("lookback_days", 30), "number"),
        Option("by", _("Source by"), raw.get("by", "utm_source"), choices=by),
    ]
