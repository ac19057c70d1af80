"""The tree of departments, and one department with its people."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongpin.kernel import authz
from tongpin.kernel.errors import Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.ids import parse_id
from tongpin.modules.workspaces.actions import department as actions
from tongpin.modules.workspaces.actions.department_member import set_department_members
from tongpin.modules.workspaces.forms import DepartmentForm
from tongpin.modules.workspaces.queries import department as query
from tongpin.modules.workspaces.queries import member as people
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done
from tongpin.ui.forms import refuse

PICKED = 20


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _tree(request: HttpRequest, template: str = "workspaces/_department_tree.html") -> HttpResponse:
    actor = _actor(request)
    context = {
        "tree": query.tree(actor, counted=True),
        "may_edit": authz.can(actor, "workspaces.department.edit"),
    }
    return render(request, template, context)


@in_workspace("workspaces.department.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The tree."""
    return _tree(request, "workspaces/departments.html")


@in_workspace("workspaces.department.view")
@require_safe
def pick(request: HttpRequest) -> JsonResponse:
    """Source of the department pickers: ``?q=`` in name and pinyin."""
    found = query.named(query.tree(_actor(request)), request.GET.get("q", ""))
    return JsonResponse({"items": [query.choice(node) for node in found[:PICKED]]})


@in_workspace("workspaces.department.edit")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """GET: the dialog, for a department inside ``?in=``. POST: make it."""
    actor = _actor(request)
    form = DepartmentForm(
        request.POST or None, initial={"parent": request.GET.get("in", "")}, tree=query.tree(actor)
    )
    if request.method == "POST" and form.is_valid():
        try:
            outcome = actions.create_department.run(actor, form.given())
        except Invalid as error:
            refuse(form, error)
        else:
            said = _("%(name)s was made.") % {"name": outcome.value.name}
            return done(request, _tree(request), said, outcome)
    return _dialog(request, form, {"title": _("New department"), "url": request.path})


@in_workspace("workspaces.department.edit")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, department: uuid.UUID) -> HttpResponse:
    """GET: the dialog with name and lead. POST: change them."""
    actor = _actor(request)
    row = query.tree(actor).find(department).row
    form = DepartmentForm(request.POST or None, initial={"name": row.name})
    if request.method == "POST" and form.is_valid():
        try:
            outcome = actions.edit_department.run(actor, {"lead": None, **form.given()}, target=row)
        except Invalid as error:
            refuse(form, error)
        else:
            return done(request, _tree(request), _("Changed."), outcome)
    return _dialog(request, form, {"title": _("Edit department"), "url": request.path}, lead=row.lead)


def _dialog(
    request: HttpRequest, form: DepartmentForm, context: dict[str, Any], lead: Any = None
) -> HttpResponse:
    """The dialog; 422 where what was posted was refused."""
    typed = form.is_bound
    chosen = people.chosen(_actor(request), request.POST.getlist("lead") if typed else [lead])
    context |= {"form": form, "lead": chosen}
    return render(request, "workspaces/_department_dialog.html", context, status=422 if typed else 200)


@in_workspace("workspaces.department.edit")
@require_safe
def place(request: HttpRequest, department: uuid.UUID) -> HttpResponse:
    """The dialog that moves a department without dragging."""
    tree = query.tree(_actor(request))
    node = tree.find(department)
    return render(request, "workspaces/_department_place.html", {"node": node, "targets": tree.outside(node)})


@in_workspace("workspaces.department.edit")
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Put ``department`` into ``parent`` ("" is the top), before the sibling ``before`` ("" is last)."""
    data = {name: request.POST.get(name) or None for name in ("parent", "before")}
    outcome = actions.move_department.run(
        _actor(request), data, target=parse_id(request.POST.get("department", "")) or uuid.UUID(int=0)
    )
    said = _("%(name)s was moved.") % {"name": outcome.value.name}
    response = _tree(request)
    return done(request, response, said, outcome) if outcome.events else response


@in_workspace("workspaces.department.edit")
@require_POST
def delete(request: HttpRequest, department: uuid.UUID) -> HttpResponse:
    """Take it away; what stood in it moves up."""
    outcome = actions.delete_department.run(_actor(request), {}, target=department)
    said = _("%(name)s was deleted.") % {"name": outcome.value.name}
    return done(request, _tree(request), said, outcome)


def _page(request: HttpRequest, department: uuid.UUID) -> HttpResponse:
    actor = _actor(request)
    node = query.tree(actor, counted=True).find(department)
    context = {
        "node": node,
        "page": query.people(actor, node.row, request.GET.get("cursor", "")),
        "may_staff": authz.can(actor, "workspaces.department.staff", node.row),
    }
    return render(request, "workspaces/department.html", context)


@in_workspace("workspaces.department.view")
@require_safe
def show(request: HttpRequest, department: uuid.UUID) -> HttpResponse:
    """One department: where it stands, what stands in it, who is in it."""
    return _page(request, department)


@in_workspace("workspaces.department.view")
@require_POST
def staff(request: HttpRequest, department: uuid.UUID) -> HttpResponse:
    """Take people in (``add``) or out (``remove``)."""
    data = {"add": request.POST.getlist("add"), "remove": request.POST.getlist("remove")}
    outcome = set_department_members.run(_actor(request), data, target=department)
    response = _page(request, department)
    return done(request, response, _("Changed."), outcome) if outcome.events else response
