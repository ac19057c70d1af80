"""The web overview 网站概览 as questions: what its address says, what each box asks. Every number on it is an answer of
the kind ``sessions``, so that a box opened as an insight is exactly what was shown.

Only visits with a page view count here. A filter narrows whole visits: who came in by a page is asked of visits, not of
the events that happened on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tongpin.kernel.errors import Text
from tongpin.modules.analytics.insights import derived
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.insights.session_rows import PAGEVIEW
from tongpin.modules.analytics.insights.statement import NONE

FEW, MANY = 8, 50
FIRST, LAST = "-29d", "today"
LONGEST_VALUE = 500
RANGES: list[tuple[str, Text]] = [
    ("today", _("Today")),
    ("-6d", _("7 days")),
    ("-29d", _("30 days")),
    ("-89d", _("90 days")),
    ("-1y", _("1 year")),
]


@dataclass(frozen=True, slots=True)
class Dimension:
    """By what visits are told apart: the property it ``asks`` about, and ``at`` where on a visit it is looked at
    (``schema.VisitBreakdown``). ``beside`` is the figure shown next to visitors."""

    key: str
    label: Text
    asks: str
    at: str = "entry"
    beside: str = "sessions"

    @property
    def holds(self) -> str:
        """Where a filter looks: on any event of a visit where each counts."""
        return "any" if self.at == "each" else self.at


DIMENSIONS = {
    each.key: each
    for each in (
        Dimension("page", pgettext_lazy("web", "Pages"), "$pathname", "each", "pageviews"),
        Dimension("entry", _("Entry pages"), "$pathname", "entry", "bounce_rate_ga4"),
        Dimension("exit", _("Exit pages"), "$pathname", "exit"),
        Dimension("channel", _("Channels"), derived.CHANNEL),
        Dimension("referrer", _("Referring sites"), derived.SITE),
        Dimension("utm_campaign", _("Campaign"), "utm_campaign"),
        Dimension("utm_source", _("Source"), "utm_source"),
        Dimension("utm_medium", _("Medium"), "utm_medium"),
        Dimension("utm_content", pgettext_lazy("campaign", "Content"), "utm_content"),
        Dimension("utm_term", pgettext_lazy("campaign", "Term"), "utm_term"),
        Dimension("device", _("Device type"), "$device_type"),
        Dimension("browser", _("Browser"), "$browser"),
        Dimension("os", _("Operating system"), "$os"),
        Dimension("screen", _("Screen size"), derived.SCREEN),
        Dimension("country", _("Countries"), "$geoip_country_code"),
        Dimension("language", _("Languages"), "$browser_language"),
        Dimension("event", pgettext_lazy("product", "Events"), derived.EVENT, "each", "events"),
    )
}


@dataclass(frozen=True, slots=True)
class Box:
    """A card of the page; a tab for each of its dimensions."""

    key: str
    label: Text
    icon: str
    tabs: tuple[str, ...]


BOXES = {
    each.key: each
    for each in (
        Box("pages", pgettext_lazy("web", "Pages"), "file-text", ("page", "entry", "exit")),
        Box("sources", _("Where visits come from"), "signpost", ("channel", "referrer")),
        Box(
            "campaigns", _("Campaigns"), "megaphone",
            ("utm_campaign", "utm_source", "utm_medium", "utm_content", "utm_term"),
        ),
        Box("devices", pgettext_lazy("web", "Devices"), "monitor-smartphone", ("device", "browser", "os", "screen")),
        Box("places", _("Countries and languages"), "globe", ("country", "language")),
        Box("events", pgettext_lazy("product", "Events"), "mouse-pointer-click", ("event",)),
    )
}  # fmt: skip
# icons: file-text signpost megaphone monitor-smartphone globe mouse-pointer-click


@dataclass(frozen=True, slots=True)
class View:
    """What the page's address says. ``filters``: dimension to value, NONE for visits without one. ``host`` and
    ``source`` ("" for all) narrow the events themselves."""

    first: str
    last: str
    compare: bool
    host: str
    source: str
    filters: Mapping[str, str]

    @classmethod
    def of(cls, fields: QueryDict) -> View:
        """From an address; what is not said or known is left at what everybody begins with."""

        def said(name: str) -> str:
            return fields.get(name, "").replace("\0", "")[:LONGEST_VALUE]

        filters = {key: value for key in DIMENSIONS if (value := said(key))}
        return cls(
            said("from") or FIRST,
            said("to") or LAST,
            said("compare") != "0",
            said("host"),
            said("source"),
            filters,
        )

    def pairs(self, **changes: str) -> list[tuple[str, str]]:
        """The fields of the address with something changed; "" takes a field away."""
        kept: dict[str, str] = {
            "from": "" if self.first == FIRST else self.first,
            "to": "" if self.last == LAST else self.last,
            "compare": "" if self.compare else "0",
            "host": self.host,
            "source": self.source,
            **self.filters,
            **changes,
        }
        return [(name, value) for name, value in kept.items() if value]

    def fields(self, **changes: str) -> str:
        """The same as the query of an address."""
        query = QueryDict(mutable=True)
        for name, value in self.pairs(**changes):
            query[name] = value
        return query.urlencode()

    @property
    def where(self) -> list[dict[str, Any]]:
        """Conditions on the events that count."""
        named = (("$host", self.host), (derived.SOURCE, self.source))
        return [{"property": name, "value": value} for name, value in named if value]

    def question(self, scope: Scope, dimension: Dimension | None = None, limit: int = FEW) -> dict[str, Any]:
        """What is asked: the whole page's figures, or those of one dimension. Raises ValueError for dates there are
        not."""
        visit: list[dict[str, Any]] = [{"property": derived.EVENT, "value": PAGEVIEW}]
        for key, value in self.filters.items():
            told = {"op": "not_set"} if value == NONE else {"value": value}
            visit.append({"property": DIMENSIONS[key].asks, "at": DIMENSIONS[key].holds, **told})
        asked: dict[str, Any] = {
            "kind": "sessions",
            "from": self.first,
            "to": self.last,
            "interval": self.interval(scope),
            "visit": visit,
        }
        if self.where:
            asked["where"] = {"of": self.where}
        if dimension is None:
            return asked | {"compare": self.compare}
        return asked | {"breakdown": {"property": dimension.asks, "at": dimension.at, "limit": limit}}

    def interval(self, scope: Scope) -> str:
        """How wide a bucket is, so that a chart has some dozens of them."""
        days = (scope.day_of(self.last) - scope.day_of(self.first)).days + 1
        return "hour" if days <= 2 else "day" if days <= 93 else "week" if days <= 400 else "month"
