"""Every view says who may open it; ``tests/architecture`` refuses one that does not.

A workspace view gets ``request.actor``: the signed-in member, or a 404 for anyone else.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

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


def public(view: V) -> V:
    """Anyone may open this, signed in or not."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: V) -> V:
    """Anyone with an account; ``request.actor`` is the person outside any workspace."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
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
                return redirect_to_login(request.get_full_path())
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
    """A redirect to the workspace's present address, for its members; None if that slug never was theirs."""
    old = OldSlug.objects.select_related("workspace").filter(slug=slug).first()
    if old is None:
        return None
    Actor.in_workspace(request.user, old.workspace.slug)  # type: ignore[arg-type]
    path = request.get_full_path().replace(f"/w/{slug}/", f"/w/{old.workspace.slug}/", 1)
    return redirect(path, permanent=request.method == "GET")
