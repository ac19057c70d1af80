"""What the tiles of a dashboard say: for pages, programs and jobs.

``answers(Actor.system(workspace), row)`` is all a job needs to tell somebody what a dashboard says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tongpin.kernel.errors import DomainError
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.actions import kept_answer
from tongpin.modules.analytics.enums import TileKind
from tongpin.modules.analytics.insight_people import Behind
from tongpin.modules.analytics.insights import override as overriding
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.override import Override
from tongpin.modules.analytics.insights.running import Answer
from tongpin.modules.analytics.insights.schema import AnyQuestion
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.models import Dashboard, Tile
from tongpin.modules.analytics.queries import dashboard as queries
from tongpin.modules.analytics.shown import Shown
from tongpin.modules.analytics.shown import shown as shown_of
from tongpin.modules.analytics.shown.marked import Marks


@dataclass(frozen=True, slots=True)
class Answered:
    """A tile with what the store said: ``question`` (dates and conditions of the dashboard in it) and ``answer``, or
    ``problem``: why there is none and what to do. All are None for a text."""

    tile: Tile
    question: AnyQuestion | None = None
    answer: Answer | None = None
    problem: DomainError | None = None

    @property
    def at(self) -> datetime | None:
        """When the store was asked."""
        return self.answer.at if self.answer else None

    def shown(self, behind: Behind, reader: Actor | None = None) -> Shown | None:
        """As a page shows it, in the reader's language; ``behind`` gives the addresses of who is behind a number.
        With a ``reader`` the markers they see stand on its days."""
        if self.question is None or self.answer is None:
            return None
        marks = None
        if reader is not None and reader.workspace is not None:
            marks = Marks(reader, self.question.range(Scope.of(reader.workspace)))
        return shown_of(self.question, self.answer.result, behind, marks)


def question(tile: Tile, over: Override) -> AnyQuestion | None:
    """What a tile asks; None for a text and where the insight was deleted. Raises Invalid."""
    if tile.kind == TileKind.TEXT or tile.insight is None or tile.is_gone:
        return None
    return over.over(running.read(tile.insight.question))


def answered(actor: Actor, tile: Tile, over: Override, *, fresh: bool = False) -> Answered:
    """A tile with its answer, at most ten minutes old; what goes wrong is in it, and touches no other tile."""
    assert actor.workspace is not None
    try:
        asked = question(tile, over)
        if asked is None:
            return Answered(tile)
        return Answered(tile, asked, kept_answer.ask(actor.workspace, asked, fresh=fresh))
    except DomainError as problem:
        return Answered(tile, problem=problem)


def answers(actor: Actor, row: Dashboard, over: Override | None = None) -> Iterator[Answered]:
    """Every tile with its answer, one after the other, with the dashboard's own dates and conditions unless others are
    given."""
    over = over if over is not None else own_override(row)
    for each in queries.tiles(row):
        yield answered(actor, each, over)


def own_override(row: Dashboard) -> Override:
    """The dates and conditions that are kept with a dashboard."""
    return overriding.read(row.override)
