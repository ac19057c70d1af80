"""Passing each request on to the vendor a team is leaving, so that both have the same events for a while.

Best effort: nothing waits for it and nothing fails by it. What does not fit into the queue, or does not get through, is
counted and gone; nothing is sent twice. How it went is remembered for each host; ``Watch`` has it written down.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import requests
import structlog
from django.conf import settings

from tongpin.kernel import clock, http
from tongpin.kernel.realtime.threads import Threads
from tongpin.kernel.upkeep import contacts
from tongpin.modules.analytics.capture import measures
from tongpin.modules.analytics.queries.source import forwarding_contact

log = structlog.get_logger("tongpin.capture")

THREADS = 4
WAITING = 1_000
WAITING_BYTES = 32 * 1024 * 1024
TOTAL_S = 15.0
ANSWER_LIMIT = 64 * 1024
MARK = "x-tongpin-forwarded"
"""Tells another Tongpin, or this one by mistake, not to pass it on again."""

#: Of this connection alone, or not the vendor's business.
_OURS = frozenset(
    {
        "connection",
        "content-length",
        "cookie",
        "expect",
        "forwarded",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "x-real-ip",
    }
)


@dataclass(frozen=True, slots=True)
class Passed:
    """One request as it came: ``target`` is its path and query, ``host`` the vendor's, with a scheme or without.
    ``ip`` is what the source's rules let the vendor know of the sender's address, "" for nothing."""

    host: str
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    ip: str


@dataclass(slots=True)
class Went:
    """How the calls of a host went since that was last written down: the last good and the last bad one, UTC."""

    good_at: datetime | None = None
    bad_at: datetime | None = None
    why: str = ""


class Forwarding:
    """A bounded queue and a few threads, started with the first request. They never ask the database."""

    def __init__(self, threads: Threads) -> None:
        self._database = threads
        self._went: dict[str, Went] = {}
        self._waiting: queue.SimpleQueue[Passed | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._count = self._bytes = 0
        self._threads: list[threading.Thread] = []

    def offer(self, passed: Passed) -> None:
        """Queue it, or count it as dropped. Never waits."""
        if MARK in passed.headers:
            return
        with self._lock:
            full = self._count >= WAITING or self._bytes + len(passed.body) > WAITING_BYTES
            if not full:
                self._count += 1
                self._bytes += len(passed.body)
        if full:
            measures.FORWARDED.labels("dropped").inc()
            return
        if not self._threads:
            self._threads = [
                threading.Thread(target=self._run, name=f"forward-{number}", daemon=True)
                for number in range(THREADS)
            ]
            for thread in self._threads:
                thread.start()
        self._waiting.put(passed)

    def stop(self) -> None:
        """End the threads after what they are sending; what waits is dropped."""
        for _ in self._threads:
            self._waiting.put(None)
        self._threads = []

    def _run(self) -> None:
        with http.session(settings.FORWARD_HOSTS, limit=ANSWER_LIMIT, total=TOTAL_S) as web:
            while (passed := self._waiting.get()) is not None:
                outcome, why = _send(web, passed)
                with self._lock:
                    went = self._went.setdefault(passed.host, Went())
                    if why:
                        went.bad_at, went.why = clock.now(), why
                    else:
                        went.good_at = clock.now()
                    self._count -= 1
                    self._bytes -= len(passed.body)
                measures.FORWARDED.labels(outcome).inc()

    async def note_outcomes(self) -> None:
        """Write down how it went with each host. Raises one of DATABASE_GONE."""
        with self._lock:
            went, self._went = self._went, {}
        if went:
            await self._database.run(_note, went)


def _note(went: Mapping[str, Went]) -> None:
    for host, calls in went.items():
        name = forwarding_contact(host)
        if calls.bad_at is not None:
            contacts.note(name, error=calls.why, at=calls.bad_at)
        if calls.good_at is not None:
            contacts.note(name, at=calls.good_at)


def _send(web: http.Session, passed: Passed) -> tuple[str, str]:
    """The outcome as it is counted, and what went wrong, "" if nothing did."""
    host = passed.host if "://" in passed.host else f"https://{passed.host}"
    headers = {
        name: value
        for name, value in passed.headers.items()
        if name not in _OURS and not name.startswith(("x-forwarded-", "cf-", "true-client"))
    }
    headers[MARK] = "1"
    if passed.ip:
        headers["x-forwarded-for"] = passed.ip
    try:
        answer = web.request(
            passed.method,
            host.rstrip("/") + passed.target,
            headers=headers,
            data=passed.body or None,
            allow_redirects=False,
        )
    except (requests.exceptions.RequestException, ValueError) as error:
        log.info("capture.not_forwarded", error=type(error).__name__)
        return "failed", type(error).__name__
    return ("sent", "") if answer.ok else ("refused", f"HTTP {answer.status_code}")
