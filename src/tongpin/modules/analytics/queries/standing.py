"""How the inbox of events stands: what waits for the store, and what could not go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum

from tongpin.kernel import clock
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.enums import ImportState, Waits
from tongpin.modules.analytics.models import Arrival, Batch, EventImport, ParkedArrival, Source

LATE = timedelta(minutes=1)
LAST_DAYS = timedelta(days=7)
"""An import that was left half way longer ago is as somebody wants it."""
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """``oldest``: when the event that waits longest was received, None if none waits. ``why``: only when it is late.

    ``parked`` counts events of the actor's workspace that could not go on, ``reason`` is the last one's.
    """

    oldest: datetime | None
    why: Waits | None
    parked: int
    reason: str


def of(actor: Actor) -> Standing:
    """How the inbox stands now."""
    oldest = Arrival.objects.order_by("pk").values_list("received_at", flat=True).first()
    why = None
    if oldest is not None and clock.now() - oldest > LATE:
        why = Waits.STORE if Batch.objects.filter(tries__gt=0).exists() else Waits.WORKER
    mine = ParkedArrival.objects.filter(
        source__in=Source.objects.filter(workspace=actor.workspace).values("pk")
    )
    parked = mine.aggregate(n=Sum("count"))["n"] or 0
    reason = mine.order_by("-pk").values_list("reason", flat=True).first() or "" if parked else ""
    return Standing(oldest, why, parked, reason)


@dataclass(frozen=True, slots=True)
class Parked:
    """How many arrivals could not go on for one ``reason``."""

    reason: str
    requests: int


@dataclass(frozen=True, slots=True)
class ServerStanding:
    """The inbox of all workspaces, for whoever runs the server.

    ``waiting`` arrivals, the ``oldest`` received then (None: none waits), ``late`` if that is too long ago, and the
    ``trouble`` the store had with them last. ``parked`` by reason, the commonest first. ``half_imports`` brought in a
    part of their file in the last days and were stopped, broke off, or have been at it for more than a day.
    """

    waiting: int
    oldest: datetime | None
    late: bool
    trouble: str
    parked: list[Parked]
    half_imports: int


def of_server() -> ServerStanding:
    """How the inbox stands now, whoever's events they are."""
    now = clock.now()
    oldest = Arrival.objects.order_by("pk").values_list("received_at", flat=True).first()
    parked = ParkedArrival.objects.values("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    half = EventImport._base_manager.filter(
        Q(state__in=[ImportState.STOPPED, ImportState.FAILED])
        | Q(state=ImportState.RUNNING, created_at__lt=now - A_DAY),
        events__gt=0,
        created_at__gt=now - LAST_DAYS,
    )
    return ServerStanding(
        Arrival.objects.count(),
        oldest,
        oldest is not None and now - oldest > LATE,
        Batch.objects.filter(tries__gt=0).values_list("trouble", flat=True).first() or "",
        [Parked(row["reason"], row["n"]) for row in parked],
        half.count(),
    )
