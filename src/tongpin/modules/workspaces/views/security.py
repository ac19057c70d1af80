"""A person's second factors: django-allauth's own steps, on our pages."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal.auth import begin_registration
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tongpin.modules.workspaces.queries import second_factor as query
from tongpin.modules.workspaces.second_factor import ENTERING, Picture
from tongpin.modules.workspaces.views.home import personal
from tongpin.ui.access import public


@personal
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """What one has set up, and the way to each step."""
    user: Any = request.user
    own = query.set_up(user)
    if own.is_on and ENTERING in request.session:
        return redirect(request.session.pop(ENTERING))  # on to the page that asked for it
    return render(request, "workspaces/security.html", {"own": own})


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


class SecondStep(base.AuthenticateView):
    """Between the password and being in: a passkey, a code of the app, or a recovery code."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "own": query.set_up(self.stage.login.user)}


class AddPasskey(webauthn.AddWebAuthnView):
    """A passkey that can sign in by itself: the browser keeps it and asks for a PIN, a fingerprint or a face."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "options": begin_registration(self.request.user, True)}


class _OwnPasskey:
    """One of the person's own passkeys, by its mark."""

    success_url = reverse_lazy("mfa_index")
    kwargs: dict[str, Any]
    object: Authenticator

    def get_object(self, queryset: Any = None) -> Authenticator:
        rows: Any = self.get_queryset()  # type: ignore[attr-defined]
        for row in rows:
            if query.mark(row) == self.kwargs["passkey"]:
                found: Authenticator = row
                return found
        raise Http404

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {**context, "passkey": self.object.wrap(), "mark": self.kwargs["passkey"]}


class RenamePasskey(_OwnPasskey, webauthn.EditWebAuthnView):
    """Another name."""


class RemovePasskey(_OwnPasskey, webauthn.RemoveWebAuthnView):
    """Take it away, after a look at which one it is."""


class ConfirmByPasskey(webauthn.ReauthenticateWebAuthnView):
    """Showing again that it is oneself; a passkey that is not right is asked for again."""

    def form_invalid(self, form: Any) -> HttpResponse:
        for message in form.errors.get("credential", []):
            messages.error(self.request, message)
        return redirect(self.request.get_full_path())


set_up_app = personal(never_cache(SetUpApp.as_view()))
remove_app = personal(totp.deactivate_totp)
show_codes = personal(never_cache(ShowCodes.as_view()))
renew_codes = personal(codes.generate_recovery_codes)
add_passkey = personal(never_cache(AddPasskey.as_view()))
rename_passkey = personal(RenamePasskey.as_view())
remove_passkey = personal(RemovePasskey.as_view())
confirm_by_code = personal(base.reauthenticate)
confirm_by_passkey = personal(ConfirmByPasskey.as_view())
second_step = public(SecondStep.as_view())
sign_in_by_passkey = public(webauthn.login_webauthn)
