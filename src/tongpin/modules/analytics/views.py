"""Pages of analytics: parse, run an action, render."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tongpin.modules.analytics import permissions
from tongpin.modules.analytics.models import Source
from tongpin.ui.access import in_workspace


@in_workspace(permissions.EDIT.name)
def sources(request: HttpRequest) -> HttpResponse:
    """The sources of a workspace."""
    rows = Source.objects.visible_to(request.actor).order_by("name")  # type: ignore[attr-defined]
    return render(request, "analytics/sources.html", {"sources": rows})
