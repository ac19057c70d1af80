"""What the database says about the whole server, read at each scrape; no names, addresses or titles in it.

Requests and open streams are counted by each web process for itself. These gauges are the same wherever they are
scraped, however many web and worker processes there are: take their maximum, not their sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.models import Count, Min
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tongpin.kernel import clock
from tongpin.kernel.events import relay
from tongpin.kernel.events.models import ParkedEvent
from tongpin.kernel.mail.models import MailState, OutboxMail
from tongpin.kernel.store.client import StoreUnavailable, ping
from tongpin.modules.analytics.queries import inbox

# A worker says every ten seconds that it lives.
WORKER_SILENT = timedelta(seconds=40)
JOB_STATES = ("todo", "doing", "failed")


def workers_alive() -> int:
    """Workers that said within WORKER_SILENT that they run."""
    return int(ProcrastinateWorker.objects.filter(last_heartbeat__gte=clock.now() - WORKER_SILENT).count())


class DatabaseGauges(Collector):
    """Empty but for ``tongpin_database_up`` while the database is away."""

    def describe(self) -> Iterator[Metric]:
        """Nothing: registering must not ask the database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("tongpin_database_up", "1 when the database answers.")
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_database_size(current_database())")
                (size,) = cursor.fetchone()
            found = [*_stream(), *_work(), *_mail(), *_inbox()]
        except DatabaseError:
            up.add_metric([], 0)
            yield up
        else:
            up.add_metric([], 1)
            yield up
            yield GaugeMetricFamily("tongpin_database_bytes", "Size of the database.", value=size)
            yield from found
        yield GaugeMetricFamily("tongpin_store_up", "1 when the event store answers.", value=_store_up())


def _stream() -> Iterator[Metric]:
    lag = GaugeMetricFamily(
        "tongpin_relay_lag_events", "Events not yet handed to a subscriber.", labels=["subscriber"]
    )
    for name, count in relay.lag().items():
        lag.add_metric([name], count)
    yield lag
    parked = GaugeMetricFamily(
        "tongpin_relay_parked_events", "Events a subscriber failed on.", labels=["subscriber"]
    )
    counts = dict(ParkedEvent.objects.values_list("subscriber").annotate(count=Count("id")))
    for name in relay.subscribers():
        parked.add_metric([name], counts.get(name, 0))
    yield parked


def _work() -> Iterator[Metric]:
    jobs = GaugeMetricFamily("tongpin_jobs", "Background jobs by state.", labels=["state"])
    counts = dict(ProcrastinateJob.objects.values_list("status").annotate(count=Count("id")))
    for state in JOB_STATES:
        jobs.add_metric([state], counts.get(state, 0))
    yield jobs
    yield GaugeMetricFamily(
        "tongpin_workers_alive", "Workers that have said lately that they run.", value=workers_alive()
    )


def _mail() -> Iterator[Metric]:
    outbox = GaugeMetricFamily("tongpin_outbox_mails", "Mails by state.", labels=["state"])
    counts = dict(OutboxMail.objects.values_list("state").annotate(count=Count("id")))
    for state in MailState.values:
        outbox.add_metric([state], counts.get(state, 0))
    yield outbox
    oldest = OutboxMail.objects.filter(state=MailState.QUEUED).aggregate(at=Min("created_at"))["at"]
    yield GaugeMetricFamily(
        "tongpin_outbox_oldest_seconds",
        "Age of the mail that has waited longest.",
        value=(clock.now() - oldest).total_seconds() if oldest else 0,
    )


def _inbox() -> Iterator[Metric]:
    fill = inbox.fill()
    yield GaugeMetricFamily(
        "tongpin_inbox_rows",
        "Requests with product events that wait for the store; an estimate.",
        value=fill.rows,
    )
    yield GaugeMetricFamily("tongpin_inbox_bytes", "What they take; an estimate.", value=fill.bytes)
    yield GaugeMetricFamily(
        "tongpin_inbox_oldest_seconds",
        "Age of the one that has waited longest.",
        value=max(0.0, (clock.now() - fill.oldest).total_seconds()) if fill.oldest else 0,
    )


def _store_up() -> int:
    try:
        ping()
    except StoreUnavailable:
        return 0
    return 1


def register() -> None:
    """Add them to this process's registry; once."""
    if not _registered:
        _registered.append(DatabaseGauges())
        REGISTRY.register(_registered[0])


_registered: list[DatabaseGauges] = []
