"""For load balancers and monitoring: is the process alive, may it take requests, what has it measured."""

from __future__ import annotations

from functools import cache
from hmac import compare_digest

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from tongpin.config import gauges
from tongpin.kernel.errors import NotFound
from tongpin.kernel.store.client import StoreUnavailable, ping
from tongpin.ui.access import client_ip, public

LOOPBACK = {"127.0.0.1", "::1"}


@public
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all."""
    return JsonResponse({"status": "ok", "version": settings.VERSION})


@public
def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and is migrated. The store may be down: capture and pages go on without it."""
    checks = {"database": _database(), "migrations": "unknown", "store": _store()}
    if checks["database"] == "ok":
        checks["migrations"] = _migrations()
    good = checks["database"] == "ok" and checks["migrations"] == "ok"
    return JsonResponse(
        {"status": "ok" if good else "unavailable", "checks": checks}, status=200 if good else 503
    )


@public
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for loopback, or for a scraper that sends ``TONGPIN_METRICS_TOKEN`` as a bearer token.

    This process's own counters, and what the database says of the whole server (``gauges``).
    """
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    allowed = bool(token) and compare_digest(given.encode(), f"Bearer {token}".encode())
    if client_ip(request) not in LOOPBACK and not allowed:
        raise NotFound
    gauges.register()
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


def _migrations() -> str:
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        return "unknown"
    return "ok" if known_migrations() <= applied else "pending"


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Every migration of this program, as (app, name)."""
    return frozenset(MigrationLoader(None).disk_migrations or {})


def _store() -> str:
    try:
        ping()
    except StoreUnavailable:
        return "unreachable"
    return "ok"
