"""How the inbox of events stands: what waits for the store, and what could not go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum

from tongpin.kernel import clock
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.enums import Waits
from tongpin.modules.analytics.models import Arrival, Batch, ParkedArrival, Source

LATE = timedelta(minutes=1)


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
