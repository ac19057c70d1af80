"""Leaving for the site that says who a person is (OpenID Connect, a messenger), and coming back."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests
import structlog
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect import views as theirs
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tongpin.modules.workspaces.im import MESSENGERS
from tongpin.ui.access import public

log = structlog.get_logger("tongpin.oidc")


@public
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """On to the OpenID Connect provider."""
    try:
        return _going_on(request, theirs.login(request, provider_id))
    except requests.RequestException as error:
        return _failed(request, error)


@public
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from the OpenID Connect provider."""
    try:
        answer: HttpResponse = theirs.callback(request, provider_id)
    except requests.RequestException as error:
        return _failed(request, error)
    return answer


@public
def messenger_login(request: HttpRequest, messenger: str) -> HttpResponse:
    """On to a messenger."""
    adapter = _adapter(messenger)
    try:
        return _going_on(request, OAuth2LoginView.adapter_view(adapter)(request))
    except SocialApp.DoesNotExist:  # not set up on this server
        raise Http404 from None


@public
def messenger_callback(request: HttpRequest, messenger: str) -> HttpResponse:
    """Back from a messenger."""
    adapter = _adapter(messenger)
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(adapter)(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return answer


def _adapter(messenger: str) -> type:
    found = next((each for each in MESSENGERS if each.id == messenger), None)
    if found is None:
        raise Http404
    adapter: type = found.oauth2_adapter_class
    return adapter


def _going_on(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """A page that goes on by itself instead of a redirect: browsers hold the redirect after a form to the
    ``form-action`` of our Content-Security-Policy, which names only this server.
    """
    target = answer.headers.get("Location", "")
    if answer.status_code == 302 and urlsplit(target).netloc not in ("", request.get_host()):
        page = render(request, "socialaccount/login_redirect.html", {"redirect_to": target})
        page.headers["Cache-Control"] = "no-store"
        return page
    return answer


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    log.warning("oidc.provider_unreachable", error=str(error))
    return render(request, "socialaccount/authentication_error.html", status=502)
