"""A person's second factors: django-allauth's own steps, on our pages."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tongpin.modules.workspaces.queries import second_factor as query
from tongpin.modules.workspaces.second_factor import Picture
from tongpin.modules.workspaces.views.home import personal
from tongpin.ui.access import public


@personal
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """What one has set up, and the way to each step."""
    user: Any = request.user
    return render(request, "workspaces/security.html", {"own": query.set_up(user)})


class SetUpApp(totp.ActivateTOTPView):
    """The key of an authenticator app, as a picture and as text, until a code made with it is right."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        secret: str = context["form"].secret
        spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        return {**context, "picture": Picture.of(context["totp_url"]), "secret": spaced}


class ShowCodes(codes.ViewRecoveryCodesView):
    """Recovery codes, readable right after they were made; ``text`` is what is saved and copied."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "text": "\n".join(context["unused_codes"])}


set_up_app = personal(never_cache(SetUpApp.as_view()))
remove_app = personal(totp.deactivate_totp)
show_codes = personal(never_cache(ShowCodes.as_view()))
renew_codes = personal(codes.generate_recovery_codes)
confirm_by_code = personal(base.reauthenticate)
second_step = public(base.authenticate)
