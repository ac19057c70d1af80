"""What ``tongpin doctor`` looks at: each finding says what is true of this server and what to do about it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext, pgettext
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from tongpin.config import supervisor
from tongpin.config.directory_state import directory_state
from tongpin.config.event_inbox import event_inbox
from tongpin.config.findings import Finding
from tongpin.config.gauges import workers_alive
from tongpin.config.health import known_migrations
from tongpin.kernel import clock, keyring
from tongpin.kernel.events import relay
from tongpin.kernel.events.models import ParkedEvent
from tongpin.kernel.mail import transport
from tongpin.kernel.mail.models import MailState, OutboxMail
from tongpin.kernel.search import documents
from tongpin.kernel.store import schema
from tongpin.kernel.store.client import QueryTooHeavy, StoreError, StoreNotMade, StoreUnavailable, ping

LOW_BYTES = 2 * 1024**3
FULL_BYTES = 300 * 1024**2
LAG_WORRY = 1000
RESTARTS_WORRY = 5
MAIL_LATE = timedelta(minutes=15)
OLDEST_POSTGRES = 15


def examine() -> list[Finding]:
    """All findings, most basic first. Without a database the checks that need one are left out."""
    findings = [
        *_folder(settings.DATA),
        _disk(settings.DATA),
        _address(),
        _processes(settings.DATA),
        _database(),
    ]
    if findings[-1].level != "error":
        findings.append(_migrations())
    if findings[-1].level != "error":
        checks: list[Callable[[], Finding]] = [_workers, _stream, _parked, _jobs, _outbox, _keys, _search]
        for check in checks:
            try:
                findings.append(check())
            except DatabaseError as error:
                findings.append(_unreachable(error))
                break
        else:
            findings.extend(event_inbox())
    return [*findings, _store(), _mail(), Finding(*directory_state()), *_mode()]


def _folder(data: Path) -> Iterator[Finding]:
    if not os.access(data, os.W_OK | os.X_OK):
        yield Finding(
            "error",
            "folder",
            _("%(path)s cannot be written.") % {"path": data},
            _("Run as its owner, or set TONGPIN_DATA."),
        )
        return
    open_to_others = [path for path in (data, data / "keys", *(data / "keys").glob("*")) if _others_may(path)]
    for path in open_to_others:
        mode = "700" if path.is_dir() else "600"
        yield Finding(
            "warning",
            "folder",
            _("%(path)s can be read by other users.") % {"path": path},
            f"chmod {mode} '{path}'",
        )
    if not open_to_others:
        yield Finding("ok", "folder", str(data))


def _others_may(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:
        return False


def _disk(data: Path) -> Finding:
    free = shutil.disk_usage(data).free
    text = _("%(free).1f GB free at %(path)s") % {"free": free / 1024**3, "path": data}
    if free < FULL_BYTES:
        return Finding("error", "disk", text, _("Make room: PostgreSQL stops when the disk is full."))
    if free < LOW_BYTES:
        return Finding("warning", "disk", text, _("Make room soon."))
    return Finding("ok", "disk", text)


def _address() -> Finding:
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        return Finding(
            "warning",
            "address",
            _("%(url)s is not https.") % {"url": settings.SITE_URL},
            _("Put a reverse proxy with TLS before it: docs/guides/proxy.md."),
        )
    return Finding("ok", "address", settings.SITE_URL)


def _processes(data: Path) -> Finding:
    """What `tongpin serve` on this folder says of its processes."""
    state = supervisor.read_state(data)
    if state is None:
        text = _("`tongpin serve` is not running on this folder.")
        if os.environ.get("DATABASE_URL"):  # web and worker may run by themselves, here or elsewhere
            return Finding("ok", "processes", text)
        return Finding("error", "processes", text, _("Start `tongpin serve`."))
    children: dict[str, dict[str, Any]] = state["children"]
    missing = {n: c for n, c in children.items() if c["state"] not in {"ready", "done"}}
    if missing or state["status"] != "ready":
        text = ", ".join(
            f"{name} ({child['state']}{': ' + child['message'] if child['message'] else ''})"
            for name, child in missing.items()
        )
        return Finding(
            "error" if state["status"] == "ready" or missing else "warning",
            "processes",
            _("Not all processes are ready: %(which)s") % {"which": text or state["status"]},
            _("They are started again by themselves; the log of `tongpin serve` says why they end."),
        )
    often = [
        f"{name} {child['restarts']}"
        for name, child in children.items()
        if child["restarts"] >= RESTARTS_WORRY
    ]
    if often:
        return Finding(
            "warning",
            "processes",
            _("Started again and again: %(which)s") % {"which": ", ".join(often)},
            _("The log of `tongpin serve` says why they end."),
        )
    return Finding("ok", "processes", ", ".join(sorted(children)))


def _unreachable(error: DatabaseError) -> Finding:
    lines = str(error).strip().splitlines()
    return Finding(
        "error",
        "database",
        _("PostgreSQL cannot be used: %(reason)s") % {"reason": lines[0] if lines else type(error).__name__},
        _("Start `tongpin serve`, or check DATABASE_URL."),
    )


def _database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            (number,) = cursor.fetchone()
    except DatabaseError as error:
        return _unreachable(error)
    major = int(number) // 10000
    if major < OLDEST_POSTGRES:
        return Finding(
            "error",
            "database",
            _("PostgreSQL %(version)d is too old.") % {"version": major},
            _("%(version)d or newer is needed.") % {"version": OLDEST_POSTGRES},
        )
    own = settings.DATABASES["default"]
    where = (
        f"{own['HOST']}/{own['NAME']}"
        if os.environ.get("DATABASE_URL")
        else pgettext("doctor", "the embedded one")
    )
    return Finding("ok", "database", f"PostgreSQL {major} ({where})")


def _migrations() -> Finding:
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError as error:
        return _unreachable(error)
    pending = len(known_migrations() - applied)
    if pending:
        return Finding(
            "error",
            "schema",
            ngettext("%d migration is pending.", "%d migrations are pending.", pending) % pending,
            _("Run `tongpin migrate`."),
        )
    return Finding("ok", "schema", pgettext("doctor", "up to date"))


def _workers() -> Finding:
    alive, known = workers_alive(), ProcrastinateWorker.objects.count()
    if alive:
        return Finding("ok", "worker", npgettext("doctor", "%d running", "%d running", alive) % alive)
    if known:
        return Finding(
            "error",
            "worker",
            _("The worker has not given a sign of life for a while: events, mail and jobs wait."),
            _("The log says what holds it up; end its process, and `tongpin serve` starts another."),
        )
    return Finding(
        "error", "worker", _("No worker is running."), _("Start `tongpin serve`, or `tongpin worker`.")
    )


def _stream() -> Finding:
    behind = {name: count for name, count in relay.lag().items() if count > LAG_WORRY}
    if behind:
        text = ", ".join(f"{name} {count}" for name, count in behind.items())
        return Finding(
            "warning",
            "events",
            _("Not yet handed over: %(which)s") % {"which": text},
            _("Is a worker running? The log says what holds it up."),
        )
    return Finding("ok", "events", pgettext("doctor", "handed over"))


def _parked() -> Finding:
    count = ParkedEvent.objects.count()
    if count:
        return Finding(
            "warning",
            "parked",
            ngettext("%d event waits after an error.", "%d events wait after errors.", count) % count,
            _("See “System” in the browser: the error, and a button to try again."),
        )
    return Finding("ok", "parked", pgettext("doctor", "none"))


def _jobs() -> Finding:
    failed = ProcrastinateJob.objects.filter(status="failed").count()
    if failed:
        return Finding(
            "warning",
            "jobs",
            ngettext("%d background job has failed.", "%d background jobs have failed.", failed) % failed,
            _("The log of the worker says why."),
        )
    return Finding("ok", "jobs", pgettext("doctor", "none failed"))


def _outbox() -> Finding:
    failed = OutboxMail.objects.filter(state=MailState.FAILED).count()
    if failed:
        return Finding(
            "warning",
            "outbox",
            ngettext("%d mail could not be sent.", "%d mails could not be sent.", failed) % failed,
            _("See “System” in the browser for the reason."),
        )
    late = OutboxMail.objects.filter(state=MailState.QUEUED, created_at__lt=clock.now() - MAIL_LATE).count()
    if late:
        return Finding(
            "warning",
            "outbox",
            ngettext("%d mail has waited for long.", "%d mails have waited for long.", late) % late,
            _("See “System” in the browser for the reason."),
        )
    return Finding("ok", "outbox", pgettext("doctor", "nothing failed"))


def _keys() -> Finding:
    lost = keyring.unreadable()
    if not lost:
        return Finding("ok", "keys", _("everything kept encrypted can be read"))
    return Finding(
        "error",
        "keys",
        ngettext("%d secret has lost its key.", "%d secrets have lost their key.", lost) % lost,
        _("Put back TONGPIN_DATA/keys, or reset second steps: `tongpin do workspaces.second_factor.reset`."),
    )


def _search() -> Finding:
    missing = documents.missing()
    if missing:
        return Finding(
            "warning",
            "search",
            ngettext("%d object cannot be found yet.", "%d objects cannot be found yet.", missing) % missing,
            _("If it stays so, run `tongpin reindex`."),
        )
    return Finding("ok", "search", pgettext("doctor", "complete"))


def _store() -> Finding:
    try:
        ping()
        try:
            applied = set(schema.applied())
        except (StoreNotMade, StoreError):
            applied = set()
    except (StoreUnavailable, QueryTooHeavy) as error:
        return Finding(
            "error",
            "store",
            str(error),
            _("Start `tongpin serve`, or check CLICKHOUSE_URL. Nothing is lost meanwhile."),
        )
    known = {each.number for each in schema.migrations()}
    if applied - known:
        return Finding(
            "error", "store", _("It was made by a newer version of Tongpin."), _("Update this server.")
        )
    if known - applied:
        return Finding(
            "warning",
            "store",
            _("Its schema is not up to date."),
            _(
                "A worker brings it up to date within a minute; `tongpin migrate` says what stands in the way."
            ),
        )
    return Finding("ok", "store", pgettext("doctor", "answers"))


def _mail() -> Finding:
    if not settings.MAIL_TRANSPORT:
        return Finding(
            "warning",
            "mail",
            _("Mail is printed, not sent."),
            _("Set TONGPIN_SMTP to smtp://user:password@host:587."),
        )
    where = urlsplit(settings.MAIL_TRANSPORT).hostname or "?"
    try:
        transport.check(settings.MAIL_TRANSPORT)
    except (transport.Unreachable, ValueError) as error:
        return Finding(
            "error",
            "mail",
            _("%(host)s takes no mail: %(reason)s") % {"host": where, "reason": error},
            _("Check TONGPIN_SMTP. Mails wait and are sent later."),
        )
    return Finding("ok", "mail", _("%(host)s answers") % {"host": where})


def _mode() -> Iterator[Finding]:
    if settings.DEBUG:
        yield Finding(
            "warning",
            "mode",
            _("TONGPIN_DEBUG is on: errors show their source."),
            _("Switch it off in production."),
        )
    if settings.TESTING:
        yield Finding(
            "warning",
            "mode",
            _("TONGPIN_TESTING is on: passwords are kept weakly."),
            _("Switch it off in production."),
        )
    if not settings.DEBUG and not settings.TESTING:
        yield Finding("ok", "mode", pgettext("doctor", "production"))
