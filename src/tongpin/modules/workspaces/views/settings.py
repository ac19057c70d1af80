"""A workspace's settings, its end, and leaving it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tongpin.kernel.errors import Conflict, Invalid
from tongpin.kernel.files import public as files
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.workspaces.actions.workspace import delete_workspace, edit_workspace, leave_workspace
from tongpin.modules.workspaces.forms import TypedNameForm, WorkspaceSettingsForm
from tongpin.ui.access import WORKSPACE_COOKIE, in_workspace
from tongpin.ui.forms import refuse


def _initial(actor: Actor) -> dict[str, Any]:
    row = actor.workspace
    return {name: getattr(row, name) for name in ("name", "slug", "language", "time_zone", "week_start")}


def _page(
    request: HttpRequest, form: WorkspaceSettingsForm, typed: TypedNameForm, status: int = 200
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.workspace is not None
    # What was typed belongs to the version it was typed over, however often the form comes back.
    version = request.POST.get("version") or actor.workspace.version
    context = {"form": form, "typed": typed, "owner": actor.role == Role.OWNER, "version": version}
    return render(request, "workspaces/settings_general.html", context, status=status)


@in_workspace("workspaces.workspace.edit")
@require_http_methods(["GET", "POST"])
def general(request: HttpRequest) -> HttpResponse:
    """Name, address, language, zone, week."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = WorkspaceSettingsForm(request.POST or None, initial=_initial(actor))
    if request.method == "GET":
        return _page(request, WorkspaceSettingsForm(initial=_initial(actor)), TypedNameForm())
    if not form.is_valid():
        return _page(request, form, TypedNameForm(), 422)
    version = request.POST.get("version", "")
    try:
        row = edit_workspace.run(
            actor,
            form.changes(),
            target=actor.workspace,
            version=int(version) if version.isdecimal() else None,
        ).value
    except Invalid as error:
        refuse(form, error)
        return _page(request, form, TypedNameForm(), 422)
    except Conflict as error:
        if not form.show_clash(Workspace.objects.get(pk=actor.workspace.pk)):  # type: ignore[union-attr]
            form.add_error(None, f"{error.message} {error.hint}")
        return _page(request, form, TypedNameForm(), 422)
    messages.success(request, _("Saved."))
    return redirect("workspaces:settings", slug=row.slug)


@in_workspace("workspaces.workspace.edit")
@require_POST
def logo(request: HttpRequest) -> HttpResponse:
    """A new logo, or none."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    upload = request.FILES.get("logo")
    try:
        with transaction.atomic():
            stored = None
            if upload is not None:
                stored = files.store_picture(
                    actor,
                    upload,
                    upload.name or "logo",
                    files.Shape.LOGO,
                    workspace=actor.workspace,
                ).public_id
            edit_workspace.run(actor, {"logo": stored}, target=actor.workspace)
    except Invalid as error:
        messages.error(request, error.in_short)
    return redirect("workspaces:settings", slug=actor.workspace.slug)  # type: ignore[union-attr]


@in_workspace("workspaces.workspace.view")
@require_POST
def delete(request: HttpRequest) -> HttpResponse:
    """Delete the workspace; its name must be typed."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        delete_workspace.run(actor, {"name": request.POST.get("name", "")}, target=actor.workspace)
    except Invalid as error:
        typed = TypedNameForm(request.POST)
        refuse(typed, error)
        return _page(request, WorkspaceSettingsForm(initial=_initial(actor)), typed, 422)
    response = redirect("workspaces:list")
    response.delete_cookie(WORKSPACE_COOKIE)
    messages.success(request, _("Deleted. You can restore it here for 30 days."))
    return response


@in_workspace("workspaces.workspace.view")
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Give up one's membership."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    leave_workspace.run(actor, {}, target=actor.workspace)
    response = redirect("workspaces:front")
    response.delete_cookie(WORKSPACE_COOKIE)
    messages.success(request, _("You have left."))
    return response
