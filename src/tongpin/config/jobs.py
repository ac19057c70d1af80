"""Housekeeping jobs of the server itself."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.contrib.sessions.models import Session
from django.db import connection
from procrastinate.contrib.django import app as jobs

from tongpin.kernel import clock
from tongpin.kernel.actions import rate
from tongpin.kernel.actions.models import OnceKey
from tongpin.kernel.events import retention
from tongpin.kernel.jobs.queue import periodic

log = structlog.get_logger("tongpin.jobs")

STALLED_SECONDS = 30  # a living worker gives a sign every ten
ONCE_KEPT = timedelta(hours=24)


@periodic("* * * * *", "jobs.rescue")
async def rescue(timestamp: int) -> None:
    """Queue again the jobs whose worker died. Jobs are idempotent, so running one twice does no harm."""
    for stalled in await jobs.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        log.warning("jobs.rescued", job=stalled.task_name, id=stalled.id)
        await jobs.job_manager.retry_job(stalled)


@periodic("47 3 * * *", "events.forget")
def forget_events(timestamp: int) -> None:
    """Forget events that are older than they are kept."""
    if forgotten := retention.forget():
        log.info("events.forgotten", count=forgotten)


@periodic("17 3 * * *", "jobs.sweep")
def sweep(timestamp: int) -> None:
    """Forget what has run out: sessions, idempotency keys, counts."""
    now = clock.now()
    Session.objects.filter(expire_date__lt=now).delete()
    OnceKey.objects.filter(at__lt=now - ONCE_KEPT).delete()
    rate.forget()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM shared_cache WHERE expires < %s", [now])
