"""The secret address at which anybody may look at a dashboard: turned on, made anew, turned off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import dashboard_events as events
from tongpin.modules.analytics.models import Dashboard, DashboardLink
from tongpin.modules.analytics.permissions import SHARE_DASHBOARD


class ShareDashboard(BaseModel):
    """``days``: how long the link works; null for as long as nobody turns it off."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[int, Field(ge=1, le=366)] | None = None


@action("analytics.dashboard.share", permission=SHARE_DASHBOARD.name, target=Dashboard)
def share_dashboard(actor: Actor, row: Dashboard, data: ShareDashboard) -> DashboardLink:
    """Make a link at which anybody may look at the dashboard. One that was there before works no more."""
    _end(row)
    now = clock.now()
    link = DashboardLink(
        workspace=row.workspace,
        dashboard=row,
        expires_at=now + timedelta(days=data.days) if data.days else None,
        created_by=actor.user,
        created_at=now,
    )
    link.begin()
    link.save()
    until = link.expires_at.isoformat() if link.expires_at else ""
    emit(events.DashboardShared(name=row.name, until=until), row)
    return link


@action("analytics.dashboard.unshare", permission=SHARE_DASHBOARD.name, target=Dashboard)
def unshare_dashboard(actor: Actor, row: Dashboard, data: Empty) -> Dashboard:
    """End the link for good: whoever has it sees nothing any more."""
    if not _end(row):
        raise Invalid(_("This dashboard is not shared."), code="not_shared")
    emit(events.DashboardUnshared(name=row.name), row)
    return row


def _end(row: Dashboard) -> int:
    return row.links.filter(ended_at=None).update(ended_at=clock.now(), sealed="")


def rewrite_secrets(change: Callable[[str], str]) -> int:
    """Pass the secret of every link that works through ``change`` (``kernel.keyring``); how many there are."""
    count = 0
    for link in DashboardLink.objects.exclude(sealed="").select_for_update().order_by("pk"):
        link.sealed = change(link.sealed)
        link.save(update_fields=["sealed"])
        count += 1
    return count
