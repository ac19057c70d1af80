"""The shell's own answers: the islands' strings, theme and language, the gallery."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from tongpin.kernel.i18n.middleware import LANGUAGE_COOKIE
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Density, Theme
from tongpin.ui import appearance, catalogue
from tongpin.ui import gallery as shelf
from tongpin.ui.access import client_ip, public
from tongpin.ui.context import DENSITY_COOKIE, THEME_COOKIE

YEAR = 365 * 24 * 3600


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=YEAR, samesite="Lax", httponly=True, secure=bool(settings.SESSION_COOKIE_SECURE)
    )


@public
@require_GET
@cache_control(public=True, max_age=YEAR, immutable=True)
def strings(request: HttpRequest, language: str) -> HttpResponse:
    """The islands' strings; its address changes with the build, so it is kept for a year."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    return JsonResponse(catalogue.strings(language), json_dumps_params={"ensure_ascii": False})


@public
@require_POST
def set_appearance(request: HttpRequest) -> HttpResponse:
    """Keep theme and density: with the person's profile, and in cookies for the pages before sign-in."""
    choice = {}
    response = HttpResponse(status=204)
    for key, allowed, cookie in (
        ("theme", Theme.values, THEME_COOKIE),
        ("density", Density.values, DENSITY_COOKIE),
    ):
        value = request.POST.get(key)
        if value in allowed:
            choice[key] = value
            _remember(response, cookie, value)
    if choice and request.user.is_authenticated:
        appearance.keep(Actor.of(request.user, ip=client_ip(request)), choice)
    return response


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language and go back to the page it was switched on."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        back = "/"
    response = HttpResponseRedirect(back)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        _remember(response, LANGUAGE_COOKIE, language)
        if request.user.is_authenticated:
            appearance.keep(Actor.of(request.user, ip=client_ip(request)), {"language": language})
    return response


@public
@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state; for people who build pages and for the tests."""
    if not (settings.DEBUG or settings.GALLERY):
        raise Http404
    return render(request, "ui/gallery.html", shelf.context(request))


@public
@require_GET
def gallery_people(request: HttpRequest) -> HttpResponse:
    """Source of the gallery's picker."""
    if not (settings.DEBUG or settings.GALLERY):
        raise Http404
    return JsonResponse({"items": shelf.people(request.GET.get("q", ""))})
