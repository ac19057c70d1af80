"""What happened to one object: the project's tab, and a section on the page of any object."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from tongpin.kernel import objects
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.ids import parse_id
from tongpin.modules.workspaces.in_project import frame, in_project
from tongpin.modules.workspaces.models import Project
from tongpin.modules.workspaces.queries import object_activity as query
from tongpin.ui.access import in_workspace


def _context(request: HttpRequest, reference: query.Reference) -> dict[str, Any]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    who = parse_id(request.GET.get("who", ""))
    kind = request.GET.get("kind", "")
    filters = query.Filters(kind if kind in objects.types() else "", str(who) if who else "")
    page = query.of(actor, reference, filters, parse_id(request.GET.get("cursor", "")))
    more = request.GET.copy()
    more["cursor"] = str(page.following or "")
    return {
        "page": page,
        "filters": filters,
        "first": not request.GET.get("cursor"),
        "more_url": f"{request.path}?{more.urlencode()}" if page.following else "",
    }


@in_workspace("workspaces.object_activity.view")
@in_project
@require_safe
def of_project(request: HttpRequest, project: Project) -> HttpResponse:
    """Everything about the project and what is in it: ``?kind=``, ``?who=``, ``?cursor=``."""
    context = _context(request, (Project._meta.label_lower, project.public_id))
    return render(
        request, "workspaces/project_activity.html", {**frame(request, project), **context, "level": 2}
    )


@in_workspace("workspaces.object_activity.view")
@require_safe
def of_object(request: HttpRequest, kind: str, public_id: uuid.UUID) -> HttpResponse:
    """The same of any registered object, as the section on its page."""
    row = objects.find(request.actor, kind, public_id)  # type: ignore[attr-defined]
    context = _context(request, (kind, row.public_id))
    return render(request, "workspaces/_object_activity.html", {**context, "level": 3})


def panel(request: HttpRequest, row: Any) -> SafeString | str:
    """The closed section on an object's page; what it holds is asked for when somebody opens it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    key = row._meta.label_lower
    if not query.may_read(actor, key):
        return ""
    url = reverse("workspaces:object_activity", args=[actor.workspace.slug, key, row.public_id])  # type: ignore[union-attr]
    return render_to_string("workspaces/_activity_panel.html", {"url": url}, request=request)
