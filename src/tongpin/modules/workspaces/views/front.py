"""The first page after signing in, and the list of one's workspaces."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongpin.kernel.errors import Invalid
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces.actions.workspace import create_workspace, restore_workspace
from tongpin.modules.workspaces.forms import WorkspaceForm
from tongpin.modules.workspaces.models import RESTORABLE
from tongpin.modules.workspaces.queries import workspace as query
from tongpin.modules.workspaces.queries.domain_access import joinable
from tongpin.ui.access import WORKSPACE_COOKIE, public, signed_in
from tongpin.ui.answers import toast
from tongpin.ui.forms import refuse


@public
@require_GET
def front(request: HttpRequest) -> HttpResponse:
    """To the workspace used last; to sign-in for a visitor; to the list for someone who is in none."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    last = query.last_used(request.user, request.COOKIES.get(WORKSPACE_COOKIE))
    return redirect(f"/w/{last.workspace.slug}/" if last is not None else reverse("workspaces:list"))


@signed_in
@require_GET
def list_workspaces(request: HttpRequest) -> HttpResponse:
    """Workspaces one is in, and deleted ones that can be brought back."""
    user = request.user
    return render(
        request,
        "workspaces/workspace_list.html",
        {
            "memberships": Membership.objects.places_of(user),  # type: ignore[arg-type]
            "joinable": joinable(user),  # type: ignore[arg-type]
            "restorable": [(row, row.deleted_at + RESTORABLE) for row in query.restorable(user)],  # type: ignore[arg-type,operator]
        },
    )


@signed_in
@require_http_methods(["GET", "POST"])
def new_workspace(request: HttpRequest) -> HttpResponse:
    """Make a workspace."""
    user = request.user
    start = {"language": get_language(), "time_zone": user.time_zone}  # type: ignore[union-attr]
    form = WorkspaceForm(request.POST or None, initial=start)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = dict(form.cleaned_data)
            data["slug"] = data["slug"] or query.propose_slug(data["name"])
            try:
                made = create_workspace.run(request.actor, data, once=request.POST.get("once") or None)  # type: ignore[attr-defined]
            except Invalid as error:
                refuse(form, error)
            else:
                slug = made.value.slug if made.value is not None else data["slug"]
                return redirect(f"/w/{slug}/")
    context = {"form": form, "once": request.POST.get("once") or uuid.uuid4().hex}
    return render(request, "workspaces/workspace_new.html", context, status=status)


@signed_in
@require_GET
def propose(request: HttpRequest) -> HttpResponse:
    """The address field with a free address for the name being typed; nothing once an address was typed by hand."""
    typed, proposed = request.GET.get("slug", ""), request.GET.get("proposed", "")
    name = request.GET.get("name", "").strip()[:80]
    if typed != proposed or not name:
        return HttpResponse(status=204)
    slug = query.propose_slug(name)
    form = WorkspaceForm(initial={"slug": slug})
    return render(request, "workspaces/_slug_field.html", {"form": form, "proposed": slug})


@signed_in
@require_POST
def restore(request: HttpRequest, workspace: uuid.UUID) -> HttpResponse:
    """Bring a deleted workspace back."""
    row = restore_workspace.run(request.actor, {"workspace": workspace}).value  # type: ignore[attr-defined]
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = f"/w/{row.slug}/"
        return toast(response, _("Restored."))
    return redirect(f"/w/{row.slug}/")
