"""A dashboard behind a secret link: turned on and off by its owner, looked at by whoever has it."""

from __future__ import annotations

import hashlib
import uuid
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tongpin.kernel.actions import rate
from tongpin.kernel.errors import NotFound, Throttled
from tongpin.kernel.tenancy import entry
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import dashboard_answers
from tongpin.modules.analytics.actions import dashboard_link as actions
from tongpin.modules.analytics.dashboard_page import Placed
from tongpin.modules.analytics.models import Dashboard
from tongpin.modules.analytics.permissions import VIEW_DASHBOARDS
from tongpin.modules.analytics.queries import dashboard as queries
from tongpin.modules.analytics.views.dashboard import _actor, led, page_of, shown
from tongpin.modules.analytics.views.tile import answer_context
from tongpin.ui.access import client_ip, in_workspace, public
from tongpin.ui.answers import toast

MOST_A_MINUTE = 300
"""Requests of one address: a dashboard of forty tiles on several screens of an office."""


@in_workspace(VIEW_DASHBOARDS.name)
@require_POST
def share(request: HttpRequest, dashboard: uuid.UUID) -> HttpResponse:
    """Make a link, or another one in its place."""
    actor = _actor(request)
    row = queries.dashboard(actor, dashboard)
    actions.share_dashboard.run(actor, {"days": request.POST.get("days") or None}, target=row)
    return _after(request, row, _("The link works now."))


@in_workspace(VIEW_DASHBOARDS.name)
@require_POST
def unshare(request: HttpRequest, dashboard: uuid.UUID) -> HttpResponse:
    """End the link."""
    row = queries.dashboard(_actor(request), dashboard)
    actions.unshare_dashboard.run(_actor(request), {}, target=row)
    return _after(request, row, _("The link leads nowhere any more."))


def _after(request: HttpRequest, row: Dashboard, words: str) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return led(request, page_of(_actor(request), row))
    return toast(shown(request, row), words)


def _opened(request: HttpRequest, token: str) -> Dashboard:
    """The dashboard of a link. Raises NotFound for a link that leads nowhere and from outside the workspace's networks,
    Throttled for an address that asks too often."""
    ip = client_ip(request)
    who = hashlib.sha256((ip or "").encode()).hexdigest()[:32]
    used, left = rate.count(f"shared:{who}", 60)
    if used > MOST_A_MINUTE:
        raise Throttled(
            _("This was asked for too often."),
            seconds=left,
            hint=_("Wait a minute, then load the page again."),
        )
    row = queries.shared(token)
    if not entry.lets_in(row.workspace.allowed_networks, ip):
        raise NotFound
    return row


def _closed(answer: HttpResponse) -> HttpResponse:
    """Found by no search engine, told to no other site."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@public
@never_cache
@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The dashboard for whoever has its link: its own dates and conditions, nobody behind the numbers."""
    row = _opened(request, token)
    tiles = [
        Placed(each, reverse("analytics:tile_shared", args=[token, each.public_id]))
        if each.insight is not None and not each.is_gone
        else Placed(each)
        for each in queries.tiles(row)
    ]
    return _closed(
        render(request, "analytics/dashboard_shared.html", {"row": row, "tiles": tiles, "shared": True})
    )


@public
@never_cache
@require_safe
def tile_shared(request: HttpRequest, token: str, tile: uuid.UUID) -> HttpResponse:
    """One tile's answer, at most ten minutes old: nothing in the address makes the store work."""
    row = _opened(request, token)
    actor = Actor.system(row.workspace)
    found = dashboard_answers.answered(actor, queries.tile(row, tile), dashboard_answers.own_override(row))
    with timezone.override(ZoneInfo(row.workspace.time_zone)):
        context = answer_context(found, lambda point: "") | {"shared": True}
        return _closed(render(request, "analytics/_tile_answer.html", context))
