"""The list of look backs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.lib.ids import parse_id
from tongpin.modules.goals import queries
from tongpin.modules.goals.told import told
from tongpin.modules.goals.views.lookback import shown
from tongpin.ui.access import in_workspace


@dataclass(frozen=True, slots=True)
class Chip:
    """One way to narrow the list; the others stay as they are."""

    label: str
    url: str
    current: bool
    count: int | None = None


def _address(result: str, search: queries.Search) -> str:
    asked = {"q": search.text, "owner": "me" if search.mine else "", "result": result}
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def _filters(chosen: str, search: queries.Search, counts: dict[str, int]) -> list[Chip]:
    words = [
        ("", _("All")),
        ("met", _("Met")),
        ("partly", _("Partly met")),
        ("missed", _("Missed")),
        ("negative", _("Negative")),
        ("unclear", _("Can’t tell yet")),
        ("open", _("Without a result")),
    ]
    return [Chip(label, _address(key, search), key == chosen, counts[key]) for key, label in words]


@in_workspace("goals.lookback.view")
def index(request: HttpRequest) -> HttpResponse:
    """Newest first, by cursor, filtered by result."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    chosen = request.GET.get("result", "")
    search = queries.Search(request.GET.get("q", "").strip()[:80], request.GET.get("owner") == "me")
    page = queries.lookbacks(actor, result=chosen, search=search, cursor=request.GET.get("cursor", ""))
    narrowed = bool(chosen or search.text or search.mine)
    empty = "" if page.items else "filtered" if narrowed and queries.has_any(actor) else "none"
    if empty == "none" and actor.role == Role.GUEST:
        empty = "guest"
    context: dict[str, Any] = {
        "rows": [told(row, actor) for row in page.items],
        "cursor": page.next,
        "filters": _filters(chosen, search, queries.counts(actor, search)),
        "owners": [
            Chip(_("Everyone’s"), _address(chosen, replace(search, mine=False)), not search.mine),
            Chip(pgettext("look backs", "Mine"), _address(chosen, replace(search, mine=True)), search.mine),
        ],
        "chosen": chosen,
        "search": search,
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
