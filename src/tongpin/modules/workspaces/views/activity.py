"""What happened in the workspace."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tongpin.kernel.errors import DomainError
from tongpin.kernel.store.queries import activity_by_day
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.ids import parse_id
from tongpin.modules.workspaces.queries.activity import activity
from tongpin.ui.access import in_workspace

DAYS = 30


def _by_day(actor: Actor) -> dict[str, Any] | None:
    """Events a day of the last 30, for the chart; None while the event store does not answer."""
    workspace = actor.workspace
    assert workspace is not None
    try:
        days = activity_by_day(workspace.public_id, workspace.time_zone, DAYS)
    except DomainError:
        return None
    rows = [{"date": day.day.isoformat(), "value": day.events} for day in days]
    return {"rows": rows, "names": {"value": _("Events")}}


@in_workspace("workspaces.activity.view")
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Every event, newest first: who, what, when, through which door."""
    cursor = parse_id(request.GET.get("cursor", ""))
    lines, following = activity(request.actor, cursor)  # type: ignore[attr-defined]
    context = {"lines": lines, "following": following, "chart": None if cursor else _by_day(request.actor)}  # type: ignore[attr-defined]
    return render(request, "workspaces/activity.html", context)
