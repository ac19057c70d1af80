"""Putting made-up events into the inbox, for load and for trying things out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.db import connection

from tongpin.kernel import authz, clock
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.actions.flush import CHANNEL
from tongpin.modules.analytics.generate import requests
from tongpin.modules.analytics.models import Arrival, Source
from tongpin.modules.analytics.permissions import EDIT
from tongpin.modules.analytics.wire.record import dump

_AT_ONCE = 200  # requests of one commit


def put_generated(
    actor: Actor, source: Source, count: int, *, until: datetime, days: int, each: int, seed: int
) -> Iterator[int]:
    """Write ``count`` events as capture writes them, ``each`` in a request; yields how many at every commit.

    They come from the ``days`` before ``until`` and go the way of all events from the inbox on. Raises Denied.
    """
    authz.require(actor, EDIT.name, source)
    made = requests(count, each, until, days=days, seed=seed)
    while chunk := list(islice(made, _AT_ONCE)):
        now = clock.now()
        Arrival.objects.bulk_create(
            Arrival(source=source.pk, received_at=now, count=len(group), records=dump(group))
            for group in chunk
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
        yield sum(map(len, chunk))
