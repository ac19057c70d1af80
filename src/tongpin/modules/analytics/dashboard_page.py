"""A dashboard as its page shows it: its tiles in their places, and the dates and conditions put over them, which the
address holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from tongpin.kernel.errors import DomainError, Invalid
from tongpin.modules.analytics import dashboard_answers, insight_builder, insight_form
from tongpin.modules.analytics.insight_builder import Conditions
from tongpin.modules.analytics.insights import override as overriding
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.override import Override
from tongpin.modules.analytics.models import Dashboard, Tile
from tongpin.modules.analytics.queries import dashboard as queries

OWN = "own"
"""The preset that leaves each insight its own dates."""


@dataclass(frozen=True, slots=True)
class Over:
    """The dates and conditions on a page. ``raw`` is what its form shows, maybe unfinished; ``given`` what is asked
    with; ``problem`` why what the form says cannot be, and then nothing is put over the tiles."""

    raw: dict[str, Any]
    given: Override
    changed: bool
    problem: DomainError | None = None

    @property
    def address(self) -> str:
        """As the query of an address: it says the dates even where there are none, so that nothing else counts."""
        return insight_form.address({"from": "", "to": "", **self.raw})

    @property
    def asked(self) -> str:
        """The same of what is asked with."""
        return insight_form.address({"from": "", "to": "", **self.given.told})

    @property
    def conditions(self) -> Conditions:
        """For the form."""
        return insight_builder.conditions(self.raw.get("where"), "where")

    @property
    def preset(self) -> str:
        """The preset these dates are, if any."""
        first, last = self.raw.get("from", ""), self.raw.get("to", "today")
        return (first or OWN) if last in ("today", "") else ""

    @property
    def count(self) -> int:
        """How many conditions there are."""
        return len(self.given.where.of)


def over(fields: QueryDict, row: Dashboard) -> Over:
    """What an address says, or what is kept with the dashboard where it says nothing."""
    said = insight_form.read(fields)
    raw = {name: said[name] for name in ("from", "to", "where") if name in said}
    if "from" not in fields and not any(name.startswith("where.") for name in fields):
        raw = dict(row.override)
    if fields.get("preset") == OWN:
        raw = {name: value for name, value in raw.items() if name == "where"}
    else:
        raw = insight_form.changed(raw, fields)
    try:
        given = overriding.read(insight_form.complete(raw))
    except Invalid as problem:
        return Over(raw, Override(), False, problem)
    return Over(raw, given, given.told != row.override)


@dataclass(frozen=True, slots=True)
class Placed:
    """A tile on a page. ``ask`` is where its answer comes from, ``url`` its insight with the same dates and
    conditions; "" for a text, and ``url`` for those who have only the link."""

    tile: Tile
    ask: str = ""
    url: str = ""

    @property
    def css(self) -> str:
        """Its place as classes: column, width, height, and the row digit by digit (css/dashboard.css)."""
        t = self.tile
        return f"dx-{t.x} dw-{t.w} dh-{t.h} dyh-{t.y // 100} dyt-{t.y // 10 % 10} dyu-{t.y % 10}"

    @property
    def ident(self) -> str:
        """An id that changes with what is asked, so that an answer stays on the page for as long as it answers it."""
        asked = f"{self.tile.insight.version if self.tile.insight else 0} {self.ask}"
        return f"a-{self.tile.public_id.hex}-{hashlib.sha256(asked.encode()).hexdigest()[:8]}"


def placed(row: Dashboard, given: Over, slug: str) -> list[Placed]:
    """The tiles of a member's page, as they are read."""
    found = []
    for tile in queries.tiles(row):
        if tile.insight is None or tile.is_gone:
            found.append(Placed(tile))
            continue
        ask = reverse("analytics:tile", args=[slug, row.public_id, tile.public_id])
        url = reverse("analytics:insight", args=[slug, tile.insight.public_id])
        if given.given.told:
            url += f"?{_spelled(tile, given.given)}"
        found.append(Placed(tile, f"{ask}?{given.asked}", url))
    return found


def _spelled(tile: Tile, given: Override) -> str:
    """The question with dates and conditions as the query of its insight's page; "" if it cannot be read."""
    try:
        asked = dashboard_answers.question(tile, given)
    except Invalid:
        return ""
    if asked is None:
        return ""
    told = {name: value for name, value in running.told(asked).items() if name != "kind"}
    return insight_form.address(told)
