"""For load balancers and monitoring: is the process alive, may it take requests, what has it measured."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

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
    """Prometheus text, for loopback, or for a scraper that sends ``TONGPIN_METRICS_TOKEN`` as a bearer token."""
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    if client_ip(request) not in LOOPBACK and (not token or given != f"Bearer {token}"):
        raise NotFound
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    return "pending" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"


def _store() -> str:
    try:
        ping()
    except StoreUnavailable:
        return "unreachable"
    return "ok"
