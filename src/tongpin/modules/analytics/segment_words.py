"""A rule in plain words, in the reader's language: a line a condition, groups inside each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tongpin.modules.analytics.enums import InsightKind
from tongpin.modules.analytics.event_names import called
from tongpin.modules.analytics.insight_builder import ops
from tongpin.modules.analytics.insights.conditions import NO_VALUE, Condition, Group, InSegment
from tongpin.modules.analytics.insights.scope import RELATIVE
from tongpin.modules.analytics.insights.segment import Behind, Did, Parts, Rule


@dataclass(frozen=True, slots=True)
class Said:
    """One line; ``inner`` are the lines of a group."""

    text: str
    inner: list[Said] = field(default_factory=list)


def says(rule: Rule, names: Mapping[str, str]) -> Said:
    """The rule in words; ``names`` are those of segments, by id."""
    return _said(rule.who, names)


def _said(part: Any, names: Mapping[str, str]) -> Said:
    if isinstance(part, Parts | Group):
        text = _("all of these hold") if part.match == "all" else _("any of these holds")
        return Said(text, [_said(each, names) for each in part.of])
    if isinstance(part, Condition):
        return Said(_condition(part))
    if isinstance(part, InSegment):
        name = names.get(str(part.segment), _("A segment that is gone"))
        text = _("in the segment “%(name)s”") if part.op == "in" else _("not in the segment “%(name)s”")
        return Said(text % {"name": name})
    if isinstance(part, Behind):
        kind = {"kind": str(InsightKind(part.question.kind).label)}
        if part.op == "in":
            return Said(_("behind a number of this question: %(kind)s") % kind)
        return Said(_("not behind a number of this question: %(kind)s") % kind)
    return _did(part, names)


def _condition(part: Condition) -> str:
    values = part.value if isinstance(part.value, list) else [part.value]
    shown = "" if part.op in NO_VALUE else pgettext("condition", " or ").join(map(str, values))
    return f"{part.property} {dict(ops())[part.op]} {shown}".rstrip()


def _did(part: Did, names: Mapping[str, str]) -> Said:
    event = called(part.event) if part.event else _("any event")
    said = {"event": event, "times": _times(part), "when": _when(part)}
    if part.op == "gte" and part.times == 1:
        text = _("did %(event)s, %(when)s") if part.done else _("did not do %(event)s, %(when)s")
    elif part.done:
        text = _("did %(event)s %(times)s, %(when)s")
    else:
        text = _("did not do %(event)s %(times)s, %(when)s")
    inner = [_said(each, names) for each in part.where.of]
    if part.where.match == "any" and len(inner) > 1:
        inner = [Said(_("any of these holds"), inner)]
    return Said(text % said, inner)


def _times(part: Did) -> str:
    words = {
        "gte": ngettext("at least %(n)d time", "at least %(n)d times", part.times),
        "lte": ngettext("at most %(n)d time", "at most %(n)d times", part.times),
        "eq": ngettext("exactly %(n)d time", "exactly %(n)d times", part.times),
    }
    return words[part.op] % {"n": part.times}


def _when(part: Did) -> str:
    if part.first is None:
        return (
            _("ever")
            if part.last == "today"
            else pgettext("behaviour", "until %(day)s") % {"day": _day(part.last)}
        )
    if part.last == "today":
        if part.first == "today":
            return pgettext("behaviour", "today")
        if (found := RELATIVE.fullmatch(part.first)) and found[2] == "d":
            n = int(found[1]) + 1
            return ngettext("in the last %(n)d day", "in the last %(n)d days", n) % {"n": n}
    return _("from %(first)s to %(last)s") % {"first": _day(part.first), "last": _day(part.last)}


def _day(said: str) -> str:
    """A date as a rule writes it, in words."""
    if said == "today":
        return pgettext("behaviour", "today")
    if found := RELATIVE.fullmatch(said):
        n = int(found[1])
        words = {
            "d": ngettext("%(n)d day ago", "%(n)d days ago", n),
            "w": ngettext("%(n)d week ago", "%(n)d weeks ago", n),
            "m": ngettext("%(n)d month ago", "%(n)d months ago", n),
            "y": ngettext("%(n)d year ago", "%(n)d years ago", n),
        }
        return words[found[2]] % {"n": n}
    return date_format(date.fromisoformat(said), "SHORT_DATE_FORMAT")
