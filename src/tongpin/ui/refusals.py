"""Pages that say no: inside the shell of the workspace it happened in, so that search, language and the way on stay."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tongpin.kernel.errors import DomainError
from tongpin.kernel.tenancy.actor import Actor
from tongpin.ui.access import client_ip

_WORKSPACE = re.compile(r"/w/([a-z0-9-]+)/")
SHELL, FRONT, BARE = "ui/shell.html", "ui/front.html", "ui/bare.html"


def refusal(
    request: HttpRequest, template: str, status: int, context: dict[str, Any] | None = None
) -> HttpResponse:
    """``template`` (one that extends ``ui/error.html``) in the frame this reader may see at this address."""
    inside = _inside(request)
    shown = {**(context or {}), "frame": SHELL if _in_workspace(request) else FRONT, "inside": inside}
    return render(request, template, shown, status=status)


def breakdown(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """The same for a fault of ours: whatever broke may break the shell too, so then the page stands alone."""
    try:
        return refusal(request, template, status)
    except Exception:  # noqa: BLE001  the second page must come whatever the first one met
        return render(request, template, {"frame": BARE}, status=status)


def _in_workspace(request: HttpRequest) -> bool:
    actor: Actor | None = getattr(request, "actor", None)
    return actor is not None and actor.workspace is not None


def _inside(request: HttpRequest) -> bool:
    """Whether the address lies in a workspace of this person's. An address no view took gets its actor here."""
    found = _WORKSPACE.match(request.path)
    user = getattr(request, "user", None)
    if found is None or user is None or not user.is_authenticated:
        return False
    if not _in_workspace(request):
        try:
            request.actor = Actor.in_workspace(user, found[1], ip=client_ip(request))  # type: ignore[attr-defined]
        except DomainError:
            return False
    return True
