"""How long the stream is kept. The database refuses to forget what is younger than LEAST_DAYS."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from tongpin.kernel import clock
from tongpin.kernel.events.models import Event

#: What China's Cybersecurity Law and its multi-level protection scheme (等保) ask for is six months.
LEAST_DAYS = 180
BATCH = 5000


def days() -> int | None:
    """How many days events are kept, at least LEAST_DAYS; None for ever."""
    return max(LEAST_DAYS, settings.AUDIT_DAYS) if settings.AUDIT_DAYS else None


def kept_since() -> datetime | None:
    """What happened before this is forgotten; None if nothing is."""
    kept = days()
    return clock.now() - timedelta(days=kept) if kept else None


def forget() -> int:
    """Remove what is older than it is kept, in batches that each commit. Returns how many events went."""
    since = kept_since()
    if since is None:
        return 0
    gone = 0
    while True:
        with transaction.atomic():
            old = list(Event.objects.filter(at__lt=since).order_by("pk").values_list("pk", flat=True)[:BATCH])
            Event.objects.filter(pk__in=old).delete()
        gone += len(old)
        if len(old) < BATCH:
            return gone
