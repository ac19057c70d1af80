"""Turning browser notifications on and off, and the script that shows them."""

from __future__ import annotations

import uuid

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tongpin.modules.notifications.actions.browser import add_browser, remove_browser
from tongpin.modules.notifications.permissions import PREFER
from tongpin.modules.notifications.views.preferences import answer
from tongpin.ui import manifest
from tongpin.ui.access import in_workspace, public


@public
@require_GET
def script(request: HttpRequest) -> HttpResponse:
    """The service worker. It stands at the root, so that it may show what belongs to any page."""
    file = manifest.file_of("notifications/sw.js").open("rb")
    response = FileResponse(file, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


@in_workspace(PREFER.name)
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Tell this browser from now on."""
    keys = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    here = {
        "user_agent": request.headers.get("User-Agent", ""),
        "session_key": request.session.session_key or "",
    }
    outcome = add_browser.run(request.actor, {**keys, **here})  # type: ignore[attr-defined]
    return answer(request, _("This browser is told from now on."), outcome)


@in_workspace(PREFER.name)
@require_POST
def remove(request: HttpRequest, browser: uuid.UUID) -> HttpResponse:
    """Tell that browser nothing any more."""
    outcome = remove_browser.run(request.actor, target=browser)  # type: ignore[attr-defined]
    return answer(request, _("That browser is told nothing any more."), outcome)
