"""Personal API tokens."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tongpin.kernel.errors import Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.workspaces.actions.token import create_token, revoke_token
from tongpin.modules.workspaces.forms import TokenForm
from tongpin.modules.workspaces.models import ApiToken
from tongpin.modules.workspaces.queries import token as query
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done
from tongpin.ui.forms import refuse


def _page(
    request: HttpRequest, form: TokenForm, made: ApiToken | None = None, status: int = 200
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    context = {"form": form, "made": made, "own": query.own(actor), "others": query.of_others(actor)}
    return render(request, "workspaces/token_list.html", context, status=status)


@in_workspace("workspaces.token.view")
@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """One's tokens here; a new one is shown in the answer that made it, and never again."""
    if request.method == "GET":
        return _page(request, TokenForm())
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        outcome = create_token.run(request.actor, form.cleaned_data)  # type: ignore[attr-defined]
    except Invalid as error:
        refuse(form, error)
        return _page(request, form, status=422)
    return _page(request, TokenForm(), outcome.value)


@in_workspace("workspaces.token.view")
@require_POST
def revoke(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """Stop a token for good."""
    outcome = revoke_token.run(request.actor, {}, target=token)  # type: ignore[attr-defined]
    return done(request, _page(request, TokenForm()), _("Token revoked."), outcome)
