"""What ``tongpin doctor`` looks at: each finding says what is true of this server and what to do about it."""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from procrastinate.contrib.django.models import ProcrastinateWorker

from tongpin.kernel.events import relay
from tongpin.kernel.events.models import ParkedEvent
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.store.client import StoreUnavailable, ping

LOW_BYTES = 2 * 1024**3
FULL_BYTES = 300 * 1024**2
LAG_WORRY = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """``subject`` is one word; ``hint`` is what to do, empty where nothing needs doing."""

    level: Literal["ok", "warning", "error"]
    subject: str
    message: str
    hint: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)


def examine() -> list[Finding]:
    """All findings, most basic first. Without a database the checks that need one are left out."""
    findings = [_folder(), _disk(), _address(), _database()]
    if findings[-1].level != "error":
        checks: list[Callable[[], Finding]] = [_migrations, _workers, _stream, _parked, _outbox]
        for check in checks:
            try:
                findings.append(check())
            except DatabaseError as error:
                findings.append(
                    Finding("error", "database", str(error).strip().splitlines()[0], "Run `tongpin migrate`.")
                )
                break
    findings += [_store(), _mail(), _debug()]
    return findings


def _folder() -> Finding:
    data = settings.DATA
    if not os.access(data, os.W_OK):
        return Finding(
            "error", "folder", f"{data} cannot be written.", "Run as its owner, or set TONGPIN_DATA."
        )
    if data.stat().st_mode & 0o077:
        return Finding("warning", "folder", f"{data} can be read by other users.", f"chmod 700 '{data}'")
    return Finding("ok", "folder", str(data))


def _disk() -> Finding:
    free = shutil.disk_usage(settings.DATA).free
    text = f"{free / 1024**3:.1f} GB free at {settings.DATA}"
    if free < FULL_BYTES:
        return Finding("error", "disk", text, "Make room: PostgreSQL stops when the disk is full.")
    if free < LOW_BYTES:
        return Finding("warning", "disk", text, "Make room soon.")
    return Finding("ok", "disk", text)


def _address() -> Finding:
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        return Finding(
            "warning",
            "address",
            f"{settings.SITE_URL} is not https.",
            "Put a reverse proxy with TLS before it: docs/guides/proxy.md.",
        )
    return Finding("ok", "address", settings.SITE_URL)


def _database() -> Finding:
    own = settings.DATABASES["default"]
    where = "the embedded one" if not os.environ.get("DATABASE_URL") else f"{own['HOST']}/{own['NAME']}"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            (number,) = cursor.fetchone()
    except DatabaseError as error:
        return Finding(
            "error",
            "database",
            f"PostgreSQL ({where}) cannot be reached: {str(error).strip().splitlines()[0]}",
            "Start `tongpin serve`, or check DATABASE_URL.",
        )
    if int(number) < 150000:
        return Finding(
            "error", "database", f"PostgreSQL {int(number) // 10000} is too old.", "15 or newer is needed."
        )
    return Finding("ok", "database", f"PostgreSQL {int(number) // 10000} ({where})")


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if pending:
        return Finding("error", "schema", f"{pending} migrations are pending.", "Run `tongpin migrate`.")
    return Finding("ok", "schema", "up to date")


def _workers() -> Finding:
    count = ProcrastinateWorker.objects.count()
    if not count:
        return Finding(
            "error", "worker", "No worker is running.", "Start `tongpin serve`, or `tongpin worker`."
        )
    return Finding("ok", "worker", f"{count} running")


def _stream() -> Finding:
    behind = {name: count for name, count in relay.lag().items() if count > LAG_WORRY}
    if behind:
        text = ", ".join(f"{name} {count}" for name, count in behind.items())
        return Finding(
            "warning",
            "events",
            f"Not yet handed over: {text}.",
            "Is a worker running? The log says what holds it up.",
        )
    return Finding("ok", "events", "handed over")


def _parked() -> Finding:
    count = ParkedEvent.objects.count()
    if count:
        return Finding(
            "warning",
            "events",
            f"{count} parked after errors.",
            "See System in the browser: error and retry.",
        )
    return Finding("ok", "parked", "none")


def _outbox() -> Finding:
    failed = OutboxMail.objects.filter(state="failed").count()
    if failed:
        return Finding(
            "warning",
            "outbox",
            f"{failed} mails could not be sent.",
            "See System in the browser for the reason.",
        )
    return Finding("ok", "outbox", "nothing failed")


def _store() -> Finding:
    try:
        ping()
    except StoreUnavailable as error:
        return Finding(
            "error",
            "store",
            str(error),
            "Start `tongpin serve`, or check CLICKHOUSE_URL. Nothing is lost meanwhile.",
        )
    return Finding("ok", "store", "answers")


def _mail() -> Finding:
    if not settings.MAIL_TRANSPORT:
        return Finding(
            "warning",
            "mail",
            "Mail is printed, not sent.",
            "Set TONGPIN_SMTP to smtp://user:password@host:587.",
        )
    parts = urlsplit(settings.MAIL_TRANSPORT)
    host, port = parts.hostname or "", parts.port or (465 if parts.scheme == "smtps" else 587)
    try:
        kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
        with kind(host, port, timeout=10) as server:
            server.noop()
    except (OSError, smtplib.SMTPException, socket.gaierror) as error:
        return Finding("error", "mail", f"{host}:{port} does not answer: {error}", "Check TONGPIN_SMTP.")
    return Finding("ok", "mail", f"{host}:{port} answers")


def _debug() -> Finding:
    if settings.DEBUG:
        return Finding(
            "warning",
            "debug",
            "TONGPIN_DEBUG is on: errors show their source.",
            "Switch it off in production.",
        )
    return Finding("ok", "debug", "off")
