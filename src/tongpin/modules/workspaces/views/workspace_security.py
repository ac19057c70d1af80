"""A workspace's Security page: what it asks of those who enter."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.workspaces.actions.security import edit_security
from tongpin.modules.workspaces.queries import second_factor as query
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    context = {"without": query.members_without(actor), **more}
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
