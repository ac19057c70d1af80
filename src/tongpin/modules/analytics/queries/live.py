"""The last of what came to a source, for its live page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from tongpin.kernel import clock
from tongpin.modules.analytics.models import Sighting, Source

KEPT = timedelta(minutes=10)
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Seen:
    """One event as the live page shows it.

    ``at``: when it was received, UTC. ``properties``: at most 40, long texts cut at 200 characters, what is nested as
    JSON text. ``reason``: one of ``Refusal``, "" for an event that was taken; ``detail`` says in English what was
    wrong. ``path``: the address it was sent to. ``more``: further events of the same request that are not shown.
    """

    at: datetime
    event: str
    distinct_id: str
    properties: dict[str, Any]
    reason: str
    detail: str
    path: str
    more: int


def recent(source: Source, limit: int = SHOWN) -> list[Seen]:
    """The newest first, of the last KEPT; a sample: at most 20 a second, and only while somebody looks.

    ``actions.live.look`` says that somebody does. ``source`` is one the caller may see.
    """
    rows = Sighting.objects.filter(source=source.pk, at__gte=clock.now() - KEPT).order_by("-at", "-pk")
    return [_seen(row) for row in rows[:limit]]


def _seen(row: Sighting) -> Seen:
    body = orjson.loads(row.body)
    return Seen(
        at=row.at,
        event=body["e"],
        distinct_id=body["d"],
        properties=body["p"],
        reason=body["r"],
        detail=body["w"],
        path=body["a"],
        more=body["m"],
    )
