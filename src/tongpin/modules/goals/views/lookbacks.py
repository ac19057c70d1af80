"""The list of look backs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.lib.ids import parse_id
from tongpin.modules.goals import queries
from tongpin.modules.goals.told import told
from tongpin.modules.goals.views.lookback import shown
from tongpin.ui.access import in_workspace


def _filters() -> list[tuple[str, str]]:
    return [
        ("", _("All")),
        ("met", _("Met")),
        ("partly", _("Partly met")),
        ("missed", _("Missed")),
        ("negative", _("Negative")),
        ("unclear", _("Can’t tell yet")),
        ("open", _("Without a result")),
    ]


@in_workspace("goals.lookback.view")
def index(request: HttpRequest) -> HttpResponse:
    """Newest first, by cursor, filtered by result."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    chosen = request.GET.get("result", "")
    page = queries.lookbacks(actor, result=chosen, cursor=request.GET.get("cursor", ""))
    empty = "" if page.items else "filtered" if chosen and queries.has_any(actor) else "none"
    if empty == "none" and actor.role == Role.GUEST:
        empty = "guest"
    context: dict[str, Any] = {
        "rows": [told(row, actor) for row in page.items],
        "cursor": page.next,
        "filters": _filters(),
        "chosen": chosen,
        "empty": empty,
        "peek": _peeked(actor, request.GET.get("peek", "")),
    }
    if context["peek"]:
        context |= context["peek"]
    return render(request, "goals/lookbacks.html", context)


def _peeked(actor: Actor, text: str) -> dict[str, Any] | None:
    """The panel of ``?peek=``; nothing for an address that leads nowhere."""
    public_id = parse_id(text)
    if public_id is None:
        return None
    try:
        return shown(actor, queries.lookback(actor, public_id))
    except NotFound:
        return None
