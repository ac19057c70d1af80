"""Housekeeping jobs of the server itself."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import structlog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from procrastinate.contrib.django import app as jobs

from tongpin.config import backups
from tongpin.config.dump import ArchiveError
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


def _in_utc(at: time) -> time:
    """A time of day in the server's zone, as the queue's clock has it."""
    return datetime.combine(clock.now().astimezone().date(), at).astimezone(UTC).time()


def back_up(timestamp: int) -> None:
    """The daily backup. What goes wrong is written down and mailed by it."""
    try:
        run = backups.run_if_due()
    except ArchiveError as error:
        log.warning("backup.failed", error=str(error)[:300])
    else:
        log.info("backup.done", file=run.file if run else "", already=run is None)


def drill(timestamp: int) -> None:
    """The weekly trial that the newest backup can be restored."""
    try:
        log.info("drill.done", file=backups.drill().file)
    except ArchiveError as error:
        log.warning("drill.failed", error=str(error)[:300])


def schedule(at: time) -> None:
    """A backup a day, and on Sundays two hours later a drill."""
    begin = _in_utc(at)
    later = (begin.hour + 2) % 24
    periodic(f"{begin.minute} {begin.hour} * * *", "backup.daily")(back_up)
    periodic(f"{begin.minute} {later} * * 0", "backup.drill")(drill)


if settings.BACKUP_AT is not None:
    schedule(settings.BACKUP_AT)


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
