"""The worker process: the relay, the mail outbox, the flusher and the jobs, each in a loop that outlives the database.

Any number may run at once: what they share is claimed row by row in the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, close_old_connections, connection, connections
from procrastinate.contrib.django import app as jobs
from psycopg import sql

from tongpin.kernel.events import recording, relay
from tongpin.kernel.mail import deliver
from tongpin.kernel.store import schema
from tongpin.kernel.store.client import QueryTooHeavy, StoreError, StoreUnavailable
from tongpin.modules.analytics import public as analytics
from tongpin.modules.digests import public as digests
from tongpin.modules.notifications import public as notifications

log = structlog.get_logger("tongpin.worker")

IDLE_SECONDS = 2.0  # the longest a lost hint can delay a delivery
LATE_SECONDS = 0.05  # after a hint that led to nothing: a transaction is just about to become visible
JOB_CONCURRENCY = 2

STORE_PAUSES = (
    1.0,
    5.0,
    15.0,
    60.0,
)  # between tries to bring the store's schema up to date; the last one repeats


class Loop(threading.Thread):
    """Runs ``step`` whenever a hint comes on ``channel`` and at least every IDLE_SECONDS, until ``stop`` is set.

    ``step`` returns how much it did. A lost database is waited for, with growing pauses.
    """

    def __init__(self, name: str, channel: str, step: Callable[[], int], stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.channel, self.step, self.stopping = channel, step, stop

    def run(self) -> None:
        pause = 0.2
        while not self.stopping.is_set():
            try:
                with self._listen() as hints:
                    pause = 0.2
                    self._work(hints)
            except (OperationalError, InterfaceError, psycopg.Error) as error:
                log.warning("worker.database_lost", loop=self.name, error=str(error).splitlines()[0][:200])
                connection.close()
                self.stopping.wait(pause)
                pause = min(pause * 2, 5.0)
            except Exception:
                log.exception("worker.loop_failed", loop=self.name)
                connection.close()
                self.stopping.wait(pause)
                pause = min(pause * 2, 5.0)

    def _listen(self) -> psycopg.Connection[Any]:
        listener = psycopg.connect(**connection.get_connection_params(), autocommit=True)
        listener.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self.channel)))
        return listener

    def _work(self, hints: psycopg.Connection[Any]) -> None:
        hinted = True
        while not self.stopping.is_set():
            close_old_connections()
            done = self.step()
            if done:
                continue
            timeout = LATE_SECONDS if hinted else IDLE_SECONDS
            hinted = any(True for _ in hints.notifies(timeout=timeout, stop_after=1))


class StoreSchema(threading.Thread):
    """Brings the store to this version's schema as soon as it answers, then ends.

    `tongpin migrate` does so too, but goes on without a store, which may come up later.
    """

    def __init__(self, stop: threading.Event) -> None:
        super().__init__(name="store schema", daemon=True)
        self.stopping = stop

    def run(self) -> None:
        tries = 0
        while not self.stopping.is_set() and not self._done():
            self.stopping.wait(STORE_PAUSES[min(tries, len(STORE_PAUSES) - 1)])
            tries += 1

    def _done(self) -> bool:
        try:
            applied = schema.migrate()
        except StoreUnavailable:
            return False  # the pages and `tongpin doctor` say so
        except (schema.SchemaError, StoreError, QueryTooHeavy) as error:
            log.warning("worker.store_schema", error=str(error)[:300])
            return False
        if applied:
            log.info("worker.store_schema", applied=applied)
        return True


async def run_jobs(stop: asyncio.Event) -> None:
    """Run queued jobs until ``stop``; a lost database is waited for."""
    pause = 0.5
    while not stop.is_set():
        began = time.monotonic()
        # A connection that died with the database stays dead for the threads that queue periodic jobs.
        await sync_to_async(connections.close_all)()
        try:
            worker = jobs.with_connector(jobs.connector.get_worker_connector())
            async with worker.open_async():
                running = asyncio.create_task(
                    worker.run_worker_async(
                        concurrency=JOB_CONCURRENCY,
                        install_signal_handlers=False,
                        delete_jobs="successful",
                        shutdown_graceful_timeout=20,
                        fetch_job_polling_interval=5,
                    )
                )
                stopping = asyncio.create_task(stop.wait())
                await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
                stopping.cancel()
                if not running.done():
                    running.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await running
                if not stop.is_set():
                    log.warning("worker.jobs_ended_unasked")
        except Exception as error:  # noqa: BLE001  the connector raises its own and psycopg's errors
            log.warning("worker.jobs_interrupted", error=str(error)[:200])
        if not stop.is_set():
            pause = 0.5 if time.monotonic() - began > 30 else min(pause * 2, 5.0)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)


def run() -> None:
    """Run until SIGTERM or SIGINT; returns when every loop has ended."""
    stop = threading.Event()
    loops: list[threading.Thread] = [
        Loop("relay", recording.CHANNEL, partial(relay.run_once, outside=False), stop),
        Loop("relay outside", recording.CHANNEL, partial(relay.run_once, outside=True), stop),
        Loop("mail", deliver.CHANNEL, deliver.run_once, stop),
        Loop("push", notifications.CHANNEL, notifications.run_once, stop),
        # Two, so that one group's slow server does not keep every other group waiting.
        Loop("robots 1", digests.CHANNEL, digests.run_once, stop),
        Loop("robots 2", digests.CHANNEL, digests.run_once, stop),
        Loop("events", analytics.ARRIVALS, analytics.Flusher().step, stop),
        Loop("users", analytics.PEOPLE, analytics.copy_people, stop),
        StoreSchema(stop),
    ]
    for loop in loops:
        loop.start()
    log.info("worker.started")
    asyncio.run(_until_signal(stop))
    for loop in loops:
        loop.join(timeout=10)
    log.info("worker.stopped")


async def _until_signal(stop: threading.Event) -> None:
    ended = asyncio.Event()

    def end() -> None:
        stop.set()
        ended.set()

    events = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        events.add_signal_handler(number, end)
    await run_jobs(ended)
