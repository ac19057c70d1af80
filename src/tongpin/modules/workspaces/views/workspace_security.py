"""A workspace's Security page: what it asks of those who enter."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tongpin.kernel.errors import Conflict, Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.workspaces.actions.security import edit_security
from tongpin.modules.workspaces.queries import second_factor as query
from tongpin.modules.workspaces.security_form import NetworksForm, SessionsForm
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.workspace is not None
    context = {
        "without": query.members_without(actor),
        "networks": NetworksForm.of(actor.workspace),
        "sessions": SessionsForm.of(actor.workspace),
        "own_address": actor.ip,
        **more,
    }
    return render(request, "workspaces/settings_security.html", context, status=status)


@in_workspace("workspaces.security.edit")
@require_GET
def security(request: HttpRequest) -> HttpResponse:
    """The settings, and whom they concern."""
    return _page(request)


@in_workspace("workspaces.security.edit")
@require_POST
def second_factor(request: HttpRequest) -> HttpResponse:
    """Require two-step sign-in, or no longer."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    required = request.POST.get("required") == "1"
    outcome = edit_security.run(actor, {"second_factor_required": required}, target=actor.workspace)
    actor.workspace.refresh_from_db()  # type: ignore[union-attr]
    said = (
        _("Two-step sign-in is required now.") if required else _("Two-step sign-in is no longer required.")
    )
    return done(request, _page(request), said, outcome)


@in_workspace("workspaces.security.edit")
@require_POST
def networks(request: HttpRequest) -> HttpResponse:
    """From where people may come in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = NetworksForm(request.POST)
    if not form.is_valid():
        return _page(request, 422, networks=form)
    try:
        outcome = edit_security.run(actor, {"allowed_networks": form.networks()}, target=actor.workspace)
    except (Invalid, Conflict) as error:
        form.add_error("allowed_networks", " ".join(filter(None, (error.in_short, str(error.hint)))))
        return _page(request, 422, networks=form)
    actor.workspace.refresh_from_db()  # type: ignore[union-attr]
    return done(request, _page(request), _("Saved."), outcome)


@in_workspace("workspaces.security.edit")
@require_POST
def sessions(request: HttpRequest) -> HttpResponse:
    """How long people stay signed in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = SessionsForm.of(actor.workspace, request.POST)  # type: ignore[arg-type]
    if not form.is_valid():
        return _page(request, 422, sessions=form)
    outcome = edit_security.run(actor, form.cleaned_data, target=actor.workspace)
    actor.workspace.refresh_from_db()  # type: ignore[union-attr]
    return done(request, _page(request), _("Saved."), outcome)
