"""How this server is doing, for its owner. Every figure is read when asked."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min
from procrastinate.contrib.django.models import ProcrastinateJob

from tongpin.kernel.errors import DomainError
from tongpin.kernel.events import relay
from tongpin.kernel.events.models import ParkedEvent, SubscriberCursor
from tongpin.kernel.mail.models import MailState, OutboxMail
from tongpin.kernel.store import client, queries


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes on the disk that holds the data folder."""

    free: int
    total: int

    @property
    def used_percent(self) -> float:
        return 100 * (1 - self.free / self.total)

    @property
    def is_low(self) -> bool:
        """Less than 2 GB or a twentieth left."""
        return self.free < 2 * 1024**3 or self.free < self.total / 20


@dataclass(frozen=True, slots=True)
class Lag:
    """A subscriber, how many events it has not been given yet, and when it last moved (None: never)."""

    subscriber: str
    waiting: int
    moved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Mail:
    """``oldest`` is when the longest-waiting mail was written. ``transport`` is False if mail is only printed."""

    counts: dict[str, int]
    oldest: datetime | None
    failed: list[OutboxMail]
    transport: bool


@dataclass(frozen=True, slots=True)
class Store:
    """Whether the event store answers, why not, and what it holds (rows, bytes)."""

    reachable: bool
    reason: str
    rows: int
    bytes: int


def store() -> Store:
    """The event store, as it answers now."""
    try:
        client.ping()
        held = queries.contents()
    except DomainError as error:
        return Store(False, str(error), 0, 0)
    return Store(True, "", sum(table.rows for table in held), sum(table.bytes for table in held))


def disk() -> Disk:
    """The disk of TONGPIN_DATA."""
    usage = shutil.disk_usage(settings.DATA)
    return Disk(usage.free, usage.total)


def lags() -> list[Lag]:
    """Every registered subscriber, those with the most waiting first."""
    moved = dict(SubscriberCursor.objects.values_list("subscriber", "moved_at"))
    found = [Lag(name, waiting, moved.get(name)) for name, waiting in relay.lag().items()]
    return sorted(found, key=lambda row: (-row.waiting, row.subscriber))


def parked(limit: int = 50) -> list[ParkedEvent]:
    """Events a subscriber failed on, the oldest first."""
    return list(ParkedEvent.objects.select_related("event").order_by("parked_at")[:limit])


def jobs() -> dict[str, int]:
    """How many background jobs there are by status: todo, doing, succeeded, failed, cancelled, aborted."""
    rows = ProcrastinateJob.objects.values("status").annotate(count=Count("id"))
    return {row["status"]: row["count"] for row in rows}


def mail() -> Mail:
    """The outbox."""
    counts = {
        str(row["state"]): row["count"]
        for row in OutboxMail.objects.values("state").annotate(count=Count("id"))
    }
    waiting = OutboxMail.objects.filter(state=MailState.QUEUED).aggregate(oldest=Min("created_at"))
    failed = list(OutboxMail.objects.filter(state=MailState.FAILED).defer("picture").order_by("-pk")[:20])
    return Mail(counts, waiting["oldest"], failed, transport=bool(settings.MAIL_TRANSPORT))


def database() -> tuple[str, int]:
    """The database server's version and this database's size in bytes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
        version, size = cursor.fetchone()
    return str(version), int(size)
