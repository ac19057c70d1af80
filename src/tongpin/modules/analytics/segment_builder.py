"""What the form of a segment's rule shows, which may be unfinished, and how its fields spell a rule.

Fields are named by their place, as in ``insight_form``; a number's question and point are one field of JSON each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.modules.analytics.enums import InsightKind
from tongpin.modules.analytics.insight_builder import Choices, Conditions, conditions
from tongpin.modules.analytics.insights.conditions import On
from tongpin.modules.analytics.insights.segment import DEEPEST

START: dict[str, Any] = {
    "unit": "user",
    "who": {
        "match": "all",
        "of": [{"on": "event", "event": None, "op": "gte", "times": "1", "from": "-13d"}],
    },
}
"""What the builder begins with: whoever did anything in the last 14 days."""
PRESETS = ("", "today", "-6d", "-13d", "-29d", "-89d", "-179d", "-364d")


@dataclass(frozen=True, slots=True)
class Row:
    """One condition: ``kind`` is property, did, segment or behind; ``said`` what it says so far."""

    kind: str
    place: str
    said: dict[str, Any]
    values: list[Any]
    where: Conditions | None = None
    own_dates: bool = False
    words: str = ""
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A group; ``deeper``: another fits inside."""

    place: str
    match: str
    rows: list[Any]
    deeper: bool
    is_group: bool = True


def group(said: Any, place: str = "who", depth: int = 1) -> Group:
    """A group of the rule as the form shows it."""
    node = said if isinstance(said, dict) else {}
    found = node.get("of")
    parts: list[Any] = found if isinstance(found, list) else []
    rows = [_row(each, f"{place}.of.{at}", depth) for at, each in enumerate(parts) if isinstance(each, dict)]
    return Group(place, str(node.get("match", "all")), rows, depth < DEEPEST)


def _row(said: dict[str, Any], place: str, depth: int) -> Any:
    if "of" in said or "match" in said:
        return group(said, place, depth + 1)
    value = said.get("value", "")
    values = value if isinstance(value, list) else [value]
    if "question" in said:
        return Row("behind", place, said, values, words=_number(said["question"]))
    if "segment" in said or said.get("on") == "segment":
        return Row("segment", place, said, values)
    if "event" in said or said.get("on") == "event":
        first = str(said.get("from") or "")
        own = first not in PRESETS or said.get("to", "today") != "today"
        return Row(
            "did",
            place,
            {"op": "gte", "times": 1, **said},
            values,
            conditions(said.get("where"), f"{place}.where"),
            own,
        )
    return Row("property", place, said, values)


def _number(said: Any) -> str:
    """What a number is of, in words."""
    try:
        kind = (json.loads(said) if isinstance(said, str) else said)["kind"]
        return str(InsightKind(kind).label)
    except (ValueError, KeyError, TypeError):
        return ""


def flat(node: Any) -> Any:
    """A kept rule with each number's question and point as the text of one field."""
    if isinstance(node, list):
        return [flat(each) for each in node]
    if not isinstance(node, Mapping):
        return node
    if "question" in node:
        texts = {name: json.dumps(node.get(name) or {}, ensure_ascii=False) for name in ("question", "point")}
        return {**node, **texts}
    return {name: flat(value) for name, value in node.items()}


def unlocked(raw: Any, unit: str, kind: str) -> Any:
    """The rule out of the form: a number's question and point read; properties those of the unit."""
    if isinstance(raw, list):
        return [unlocked(each, unit, kind) for each in raw]
    if not isinstance(raw, dict):
        return raw
    if "question" in raw:
        return {name: _read(value) if name in ("question", "point") else value for name, value in raw.items()}
    if "event" in raw:  # conditions of events say themselves whose property it is
        return raw
    if "property" in raw:
        whose = {"on": On.CUSTOMER, "customer_kind": kind} if unit == "customer" else {"on": On.PERSON}
        return {**raw, **whose}
    return {name: unlocked(value, unit, kind) for name, value in raw.items()}


def _read(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text


def ranges(today: date) -> Choices:
    """When something was done; the last choice shows two dates."""
    month = today - timedelta(days=29)
    return [
        ("", _("ever")),
        ("today", pgettext("behaviour", "today")),
        ("-6d", _("in the last 7 days")),
        ("-13d", _("in the last 14 days")),
        ("-29d", _("in the last 30 days")),
        ("-89d", _("in the last 90 days")),
        ("-179d", _("in the last 180 days")),
        ("-364d", _("in the last 365 days")),
        (month.isoformat(), _("between two dates …")),
    ]


def times() -> Choices:
    """How a count is compared."""
    return [("gte", _("at least")), ("lte", _("at most")), ("eq", _("exactly"))]
