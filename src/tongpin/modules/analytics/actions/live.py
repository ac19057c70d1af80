"""The live page of a source: who looks, and what they are shown. Nothing here is authored data or kept for long."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from tongpin.kernel import clock
from tongpin.kernel.realtime import hints
from tongpin.kernel.realtime.hints import OwnHint
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.models import Sighting, Source
from tongpin.modules.analytics.queries.live import KEPT

WATCH = "analytics_watch"
LOOKS_FOR_S = 60
"""So long somebody counts as looking; the page says so again in good time."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One event for the live page; ``body`` as ``queries.live`` reads it."""

    source: int
    at: datetime
    body: bytes


def subject_of(source: Source) -> str:
    """The hint (``data-live``) on which the live page of a source fetches anew."""
    return f"analytics.live:{source.public_id}"


def look(actor: Actor, source: Source) -> None:
    """This person looks at the live page of a source they may see: for LOOKS_FOR_S every web process writes down what
    it receives for it, first of all what it received in the last minutes, and hints at ``subject_of(source)``."""
    if actor.user is None or actor.workspace is None:
        return
    said = json.dumps([source.pk, actor.user.pk, actor.workspace.slug, subject_of(source)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [WATCH, said])


def heard(payload: str) -> tuple[int, OwnHint]:
    """What ``look`` said: the source, and the hint for the one who looks."""
    source, user_id, slug, subject = json.loads(payload)
    return source, OwnHint(user_id, slug, subject)


def show(rows: Iterable[Shown], to: Iterable[OwnHint]) -> None:
    """Write events down for the live page and hint at them."""
    with transaction.atomic():
        Sighting.objects.bulk_create(Sighting(source=row.source, at=row.at, body=row.body) for row in rows)
        for hint in to:
            hints.pass_to(hint)


def forget_old() -> None:
    """Remove what was shown and is past its time."""
    Sighting.objects.filter(at__lt=clock.now() - KEPT).delete()
