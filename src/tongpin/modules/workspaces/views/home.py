"""Where a person is when a page belongs to no workspace: the shell keeps the one they came from."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from tongpin.kernel.errors import Denied
from tongpin.kernel.tenancy import entry
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.workspaces.queries import workspace as query
from tongpin.ui.access import WORKSPACE_COOKIE, client_ip, signed_in

View = Callable[..., HttpResponse]


def personal(view: View) -> View:
    """A signed-in person's own page: ``request.actor`` is they, in the workspace used last, if there is one."""

    @signed_in
    @wraps(view)
    def placed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        last = query.last_used(request.user, request.COOKIES.get(WORKSPACE_COOKIE))  # type: ignore[arg-type]
        if last is not None:
            with suppress(Denied):  # kept out of it: their own pages are where they set up what it asks for
                entry.require(last.workspace, request.user, ip=client_ip(request))  # type: ignore[arg-type]
                request.actor = Actor.for_member(last, ip=client_ip(request))  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return placed
