"""The list of projects, the sidebar's part of it, and a new one."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from tongpin.kernel import authz
from tongpin.kernel.errors import Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.modules.workspaces.actions.project import create_project
from tongpin.modules.workspaces.enums import ProjectKind
from tongpin.modules.workspaces.forms import ProjectForm
from tongpin.modules.workspaces.queries import member as people
from tongpin.modules.workspaces.queries import project as query
from tongpin.ui import navigation
from tongpin.ui.access import in_workspace
from tongpin.ui.forms import refuse


@in_workspace("workspaces.project.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Projects by name: searched, filtered by kind, archived ones apart."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    text, kind = request.GET.get("q", ""), request.GET.get("kind", "")
    archived = request.GET.get("state") == "archived"
    page = query.projects(
        actor,
        text,
        kind=kind if kind in ProjectKind else "",
        archived=archived,
        cursor=request.GET.get("cursor", ""),
    )
    context: dict[str, Any] = {
        "page": page,
        "q": text,
        "kind": kind,
        "kinds": ProjectKind,
        "archived": archived,
        "filtered": bool(text.strip() or kind or archived),
        "may_create": authz.can(actor, "workspaces.project.create"),
        "guest": actor.role == Role.GUEST,
    }
    return render(request, "workspaces/projects.html", context)


@in_workspace("workspaces.project.view")
@require_safe
def sidebar(request: HttpRequest) -> HttpResponse:
    """The navigation's group of projects, as the page at ``?at=`` shows it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    at = request.GET.get("at", "")
    rows = navigation.links(actor, at, ["projects", "new"])
    group = next(g for g in navigation.grouped(rows, actor, at) if g.key == "projects")
    return render(request, "workspaces/_sidebar.html", {"group": group})


@in_workspace("workspaces.project.create")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a project."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.workspace is not None
    kind = request.GET.get("kind", "")
    form = ProjectForm(
        request.POST or None, initial={"kind": kind if kind in ProjectKind else ProjectKind.PRODUCT}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = create_project.run(actor, form.given(), once=request.POST.get("once") or None)
            except Invalid as error:
                refuse(form, error)
            else:
                return redirect("workspaces:project", actor.workspace.slug, made.value.key)
    lead = people.chosen(actor, request.POST.getlist("lead")) or people.chosen(actor, [actor.membership])
    context = {"form": form, "lead": lead, "proposed": request.POST.get("proposed", "")}
    context["once"] = request.POST.get("once") or uuid.uuid4().hex
    return render(request, "workspaces/project_new.html", context, status=status)


@in_workspace("workspaces.project.create")
@require_safe
def propose(request: HttpRequest) -> HttpResponse:
    """The key field with a free key for the name being typed; nothing once a key was typed by hand."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.workspace is not None
    typed, proposed = request.GET.get("key", ""), request.GET.get("proposed", "")
    name = request.GET.get("name", "").strip()[:80]
    if typed != proposed or not name:
        return HttpResponse(status=204)
    key = query.propose_key(actor.workspace, name)
    return render(
        request, "workspaces/_key_field.html", {"form": ProjectForm(initial={"key": key}), "proposed": key}
    )
