"""Every view says who may open it; ``tests/architecture`` refuses one that does not.

A workspace view gets ``request.actor``: the signed-in member, or a 404 for anyone else.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme

from tongpin.kernel import authz
from tongpin.kernel.errors import Denied, NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import OldSlug

V = TypeVar("V", bound=Callable[..., HttpResponse])

#: The slug of the workspace used last in this browser: where ``/`` leads.
WORKSPACE_COOKIE = "tongpin_workspace"


def client_ip(request: HttpRequest) -> str | None:
    """The address the request came from, as the server saw it (a trusted proxy's header is applied by the server)."""
    return request.META.get("REMOTE_ADDR") or None


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To sign-in, and from there back to this address; to the page it was asked from if it is not a page itself."""
    is_page = request.method in ("GET", "HEAD") and not request.headers.get("HX-Request")
    return redirect_to_login(request.get_full_path() if is_page else _asked_from(request))


def _asked_from(request: HttpRequest) -> str:
    """The page of this server a form or a piece of a page belongs to; the front page if the browser does not say."""
    for header in ("HX-Current-URL", "Referer"):
        address = request.headers.get(header, "")
        if url_has_allowed_host_and_scheme(address, {request.get_host()}):
            return urlsplit(address)._replace(scheme="", netloc="").geturl() or "/"
    return "/"


def public(view: V) -> V:
    """Anyone may open this, signed in or not."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: V) -> V:
    """Anyone with an account; ``request.actor`` is the person outside any workspace."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        request.actor = Actor.of(request.user, ip=client_ip(request))  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    checked.access = "signed_in"  # type: ignore[attr-defined]
    return checked  # type: ignore[return-value]


def server_owner(view: V) -> V:
    """Only the account that owns this server."""

    @signed_in
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.owns_server:  # type: ignore[union-attr]
            raise NotFound
        return view(request, *args, **kwargs)

    checked.access = "server_owner"  # type: ignore[attr-defined]
    return checked


def in_workspace(permission: str) -> Callable[[V], V]:
    """Members of the workspace ``slug`` (a URL argument) who hold ``permission``; strangers get a 404.

    The view is called without ``slug``; it finds the workspace in ``request.actor``. An old slug redirects.
    """

    def decorate(view: V) -> V:
        @wraps(view)
        def checked(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            try:
                actor = Actor.in_workspace(request.user, slug, ip=client_ip(request))
            except NotFound:
                moved = _moved(request, slug)
                if moved is None:
                    raise
                return moved
            request.actor = actor  # type: ignore[attr-defined]
            if not authz.can(actor, permission):
                raise Denied
            response = view(request, *args, **kwargs)
            if request.COOKIES.get(WORKSPACE_COOKIE) != slug and WORKSPACE_COOKIE not in response.cookies:
                response.set_cookie(
                    WORKSPACE_COOKIE, slug, max_age=180 * 24 * 3600, samesite="Lax", httponly=True,
                    secure=bool(settings.SESSION_COOKIE_SECURE),
                )  # fmt: skip
            return response

        checked.access = permission  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return decorate


def _moved(request: HttpRequest, slug: str) -> HttpResponse | None:
    """A redirect to the workspace's present address, for its members; None if that slug never was theirs.

    For now only: the workspace may take its old address back, and a browser would remember the way for ever.
    """
    old = OldSlug.objects.select_related("workspace").filter(slug=slug).first()
    if old is None:
        return None
    Actor.in_workspace(request.user, old.workspace.slug, ip=client_ip(request))  # type: ignore[arg-type]
    path = request.get_full_path().replace(f"/w/{slug}/", f"/w/{old.workspace.slug}/", 1)
    response = redirect(path, preserve_request=request.method not in ("GET", "HEAD"))
    add_never_cache_headers(response)
    return response
