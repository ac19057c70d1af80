"""Leaving for the OpenID Connect provider, and coming back."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests
import structlog
from allauth.socialaccount.providers.openid_connect import views as theirs
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tongpin.ui.access import public

log = structlog.get_logger("tongpin.oidc")


@public
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """On to the provider.

    A page that goes on by itself instead of a redirect: browsers hold the redirect after a form to the
    ``form-action`` of our Content-Security-Policy, which names only this server.
    """
    try:
        answer: HttpResponse = theirs.login(request, provider_id)
    except requests.RequestException as error:
        return _failed(request, error)
    target = answer.headers.get("Location", "")
    if answer.status_code == 302 and urlsplit(target).netloc not in ("", request.get_host()):
        page = render(request, "socialaccount/login_redirect.html", {"redirect_to": target})
        page.headers["Cache-Control"] = "no-store"
        return page
    return answer


@public
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from the provider."""
    try:
        answer: HttpResponse = theirs.callback(request, provider_id)
    except requests.RequestException as error:
        return _failed(request, error)
    return answer


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    log.warning("oidc.provider_unreachable", error=str(error))
    return render(request, "socialaccount/authentication_error.html", status=502)
