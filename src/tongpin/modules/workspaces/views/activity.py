"""What happened in the workspace."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tongpin.lib.ids import parse_id
from tongpin.modules.workspaces.queries.activity import activity
from tongpin.ui.access import in_workspace


@in_workspace("workspaces.activity.view")
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Every event, newest first: who, what, when, through which door."""
    cursor = parse_id(request.GET.get("cursor", ""))
    lines, following = activity(request.actor, cursor)  # type: ignore[attr-defined]
    context = {"lines": lines, "following": following, "first": cursor is None}
    return render(request, "workspaces/activity.html", context)
