"""Alerts as lists and pages show them, and whether their data are late."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from django.db.models import Q

from tongpin.kernel import paging
from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.analytics import markers
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.insights.statement import Statement
from tongpin.modules.analytics.markers import Marker
from tongpin.modules.analytics.models import Alert, Firing, Insight
from tongpin.modules.analytics.queries import standing

DAY = timedelta(days=1)
NEAR = 3
"""What happened within so many days of an anomaly is named beside it."""
MOST_FIRINGS = 100


def page(actor: Actor, q: str = "", cursor: str = "", limit: int = paging.LIMIT) -> paging.Page[Alert]:
    """Those whose name or insight's name holds ``q``, the newest first."""
    rows = Alert.objects.visible_to(actor).select_related("owner__user", "workspace", "insight")
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(insight__name__icontains=q))
    return paging.page(rows, cursor or None, limit, newest_first=True)


def alert(actor: Actor, public_id: uuid.UUID) -> Alert:
    """One alert. Raises NotFound."""
    rows = Alert.objects.visible_to(actor).select_related("owner__user", "workspace", "insight")
    row: Alert | None = rows.filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def any_alert(actor: Actor) -> bool:
    """Whether the workspace has any."""
    return Alert.objects.visible_to(actor).exists()


def of_insight(actor: Actor, insight: Insight) -> list[Alert]:
    """Those on one insight."""
    return list(Alert.objects.visible_to(actor).filter(insight=insight).select_related("workspace"))


def firings(row: Alert) -> list[Firing]:
    """When it rang, the latest first."""
    return list(row.firings.order_by("-day")[:MOST_FIRINGS])


def owned_by(actor: Actor, member: Membership) -> list[Alert]:
    """What a member answers for, newest first."""
    rows = Alert.objects.visible_to(actor).filter(owner=member).select_related("workspace")
    return list(rows.order_by("-public_id"))


def active() -> list[Alert]:
    """All that are to be judged, of every workspace."""
    rows = Alert._base_manager.filter(deleted_at=None, paused_at=None, insight__deleted_at=None)
    return list(rows.select_related("workspace").order_by("pk"))


def near(actor: Actor, first: date, last: date) -> list[Marker]:
    """What happened within NEAR days of these days, of every family."""
    return markers.over(actor, first - NEAR * DAY, last + NEAR * DAY, markers.families())


def is_late(actor: Actor, scope: Scope, day: date) -> bool:
    """Whether a day may still be incomplete: events wait for the store, or nothing has come in since the day's end.

    Raises StoreUnavailable.
    """
    if standing.of(actor).why is not None:
        return True
    st = Statement(scope)
    found = st.ask(
        f"SELECT 1 FROM events WHERE workspace = {st.value(scope.workspace, 'UUID')}"  # noqa: S608  values are parameters
        f" AND timestamp >= {st.instant(scope.midnight(day - DAY))}"
        f" AND received_at >= {st.instant(scope.midnight(day + DAY))} LIMIT 1"
    )
    return not found.rows
