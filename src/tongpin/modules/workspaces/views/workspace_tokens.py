"""Tokens that belong to the workspace."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tongpin.kernel.errors import Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.workspaces.actions.workspace_token import (
    create_workspace_token,
    revoke_workspace_token,
    rotate_workspace_token,
)
from tongpin.modules.workspaces.forms import RotateForm, WorkspaceTokenForm
from tongpin.modules.workspaces.models import WorkspaceToken
from tongpin.modules.workspaces.queries import token as query
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import toast
from tongpin.ui.forms import refuse


def _page(
    request: HttpRequest,
    form: WorkspaceTokenForm | None = None,
    made: WorkspaceToken | None = None,
    status: int = 200,
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    tokens = query.of_workspace(actor)
    rows = [(row, RotateForm(auto_id=f"id_{row.public_id.hex}_%s")) for row in tokens]
    context = {"form": form or WorkspaceTokenForm(), "made": made, "rows": rows}
    return render(request, "workspaces/workspace_tokens.html", context, status=status)


@in_workspace("workspaces.workspace_token.view")
@never_cache
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The workspace's tokens; a new one is shown in the answer that made it, and never again."""
    if request.method == "GET":
        return _page(request)
    form = WorkspaceTokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        outcome = create_workspace_token.run(request.actor, form.cleaned_data)  # type: ignore[attr-defined]
    except Invalid as error:
        refuse(form, error)
        return _page(request, form, status=422)
    return _page(request, made=outcome.value)


@in_workspace("workspaces.workspace_token.view")
@never_cache
@require_POST
def rotate(request: HttpRequest, workspace_token: uuid.UUID) -> HttpResponse:
    """A new secret, shown in this answer and never again."""
    form = RotateForm(request.POST)
    if not form.is_valid():
        raise Invalid(fields={name: list(errors) for name, errors in form.errors.items()})
    outcome = rotate_workspace_token.run(
        request.actor,  # type: ignore[attr-defined]
        form.cleaned_data,
        target=workspace_token,
    )
    return _page(request, made=outcome.value)


@in_workspace("workspaces.workspace_token.view")
@require_POST
def revoke(request: HttpRequest, workspace_token: uuid.UUID) -> HttpResponse:
    """Stop a token for good."""
    revoke_workspace_token.run(request.actor, {}, target=workspace_token)  # type: ignore[attr-defined]
    return toast(_page(request), _("Token revoked."))
