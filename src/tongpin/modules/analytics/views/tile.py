"""Tiles of a dashboard: each one's answer, what stands on them and where."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongpin.kernel import authz
from tongpin.kernel.actions.door import Outcome
from tongpin.kernel.errors import Denied, NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.ids import parse_id
from tongpin.modules.analytics import dashboard_answers, dashboard_page
from tongpin.modules.analytics import dashboard_layout as layout
from tongpin.modules.analytics.actions import dashboard as dashboard_actions
from tongpin.modules.analytics.actions import tile as actions
from tongpin.modules.analytics.enums import InsightKind
from tongpin.modules.analytics.insight_people import Behind, behind
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.models import Dashboard, Tile
from tongpin.modules.analytics.permissions import CREATE_DASHBOARD, EDIT_DASHBOARD, VIEW_DASHBOARDS
from tongpin.modules.analytics.queries import dashboard as queries
from tongpin.modules.analytics.queries import insight as insight_queries
from tongpin.modules.analytics.views.dashboard import _actor, _slug, grid, led, page_of
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done


@in_workspace(VIEW_DASHBOARDS.name)
@require_safe
def tile(request: HttpRequest, dashboard: uuid.UUID, tile: uuid.UUID) -> HttpResponse:
    """One tile's answer with the dates and conditions of the address; ``fresh`` asks the store now."""
    actor = _actor(request)
    row = queries.dashboard(actor, dashboard)
    over = dashboard_page.over(request.GET, row)
    found = dashboard_answers.answered(
        actor, queries.tile(row, tile), over.given, fresh="fresh" in request.GET
    )
    told = running.told(found.question) if found.question else {}
    return render(
        request,
        "analytics/_tile_answer.html",
        answer_context(found, behind(_slug(actor), told), actor)
        | {"again": f"{request.path}?{over.asked}&fresh=1"},
    )


def answer_context(
    found: dashboard_answers.Answered, addresses: Behind, reader: Actor | None = None
) -> dict[str, Any]:
    """What the answer of a tile is shown with."""
    return {
        "answered": found,
        "shown": found.shown(addresses, reader),
        "kind": InsightKind(found.tile.insight.kind) if found.tile.insight else None,
        "place": f"{found.tile.public_id.hex}-",
    }


def _grid(request: HttpRequest, row: Dashboard, outcome: Outcome[Any], words: str) -> HttpResponse:
    """The grid after a change, for htmx and the island; a plain form is led back to the page."""
    actor = _actor(request)
    if not request.headers.get("HX-Request"):
        return led(request, page_of(actor, row))
    answer = render(request, "analytics/_dashboard_grid.html", grid(request, row))
    return done(request, answer, words, outcome) if outcome.events else answer


def _own(request: HttpRequest, dashboard: uuid.UUID) -> Dashboard:
    """A dashboard this reader may change. Raises NotFound, Denied."""
    row = queries.dashboard(_actor(request), dashboard)
    if not authz.can(_actor(request), EDIT_DASHBOARD.name, row):
        raise Denied
    return row


def _query(request: HttpRequest, but: str) -> str:
    """The dates and conditions of the page as they stand in its address, without a field of this one's own."""
    fields = request.GET.copy()
    fields.pop(but, None)
    return f"?{fields.urlencode()}" if fields else ""


@in_workspace(VIEW_DASHBOARDS.name)
@require_safe
def choose(request: HttpRequest, dashboard: uuid.UUID) -> HttpResponse:
    """Saved insights to put on it, and the kinds of new ones."""
    row = _own(request, dashboard)
    q = request.GET.get("q", "")[:200]
    context = {
        "row": row,
        "q": q,
        "rows": queries.choices(_actor(request), q),
        "most": queries.MOST_CHOICES,
        "query": _query(request, "q"),
    }
    return render(request, "analytics/_tile_choices.html", context)


@in_workspace(VIEW_DASHBOARDS.name)
@require_POST
def add(request: HttpRequest, dashboard: uuid.UUID) -> HttpResponse:
    """Put an insight or a text on it."""
    actor = _actor(request)
    row = queries.dashboard(actor, dashboard)
    data = {name: request.POST[name] for name in ("insight", "text", "title") if request.POST.get(name)}
    outcome = actions.add_tile.run(actor, data, target=row)
    return _grid(request, row, outcome, _("Put on the dashboard."))


@in_workspace(VIEW_DASHBOARDS.name)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, dashboard: uuid.UUID, tile: uuid.UUID) -> HttpResponse:
    """A tile's text, title and place as a form in the tile; what comes back is kept."""
    actor = _actor(request)
    row = _own(request, dashboard)
    each = queries.tile(row, tile)
    if request.method != "POST":
        part = request.GET.get("part", "")
        context = grid(request, row) | {
            "tile": each,
            "part": part,
            "numbers": _numbers(each),
            "query": _query(request, "part"),
        }
        return render(request, "analytics/_tile_edit.html", context)
    if "w" in request.POST:
        place = {"tile": tile, **{name: request.POST.get(name, "") for name in ("w", "h")}}
        place |= {name: _from_one(request.POST.get(name, "")) for name in ("x", "y")}
        outcome: Outcome[Any] = actions.arrange_tiles.run(actor, {"places": [place]}, target=row)
        return _grid(request, row, outcome, _("Arranged."))
    data = {name: request.POST[name] for name in ("text", "title") if name in request.POST}
    outcome = actions.edit_tile.run(actor, {"tile": tile, **data}, target=row)
    return _grid(request, row, outcome, _("Saved."))


def _numbers(each: Tile) -> list[tuple[str, str, int, int, int]]:
    """A tile's place in numbers, columns and rows counted from 1: field, words, value, least and most."""
    return [
        ("x", pgettext("tile", "Column"), each.x + 1, 1, layout.COLUMNS),
        ("y", pgettext("tile", "Row"), each.y + 1, 1, 1_000),
        ("w", pgettext("tile", "Width in columns"), each.w, layout.LEAST_WIDTH, layout.COLUMNS),
        ("h", pgettext("tile", "Height in rows"), each.h, layout.LEAST_HEIGHT, layout.MOST_HEIGHT),
    ]


def _from_one(said: str) -> int | str:
    """A row or column people count from 1."""
    return int(said) - 1 if len(said) < 5 and said.isdecimal() else said


@in_workspace(VIEW_DASHBOARDS.name)
@require_POST
def remove(request: HttpRequest, dashboard: uuid.UUID, tile: uuid.UUID) -> HttpResponse:
    """Take a tile off it."""
    row = queries.dashboard(_actor(request), dashboard)
    outcome = actions.remove_tile.run(_actor(request), {"tile": tile}, target=row)
    return _grid(request, row, outcome, _("Taken off the dashboard."))


@in_workspace(VIEW_DASHBOARDS.name)
@require_POST
def arrange(request: HttpRequest, dashboard: uuid.UUID) -> HttpResponse:
    """A tile was moved or resized by hand."""
    row = queries.dashboard(_actor(request), dashboard)
    place = {name: request.POST.get(name, "") for name in ("tile", "x", "y", "w", "h")}
    outcome = actions.arrange_tiles.run(_actor(request), {"places": [place]}, target=row)
    return _grid(request, row, outcome, _("Arranged."))


@in_workspace(VIEW_DASHBOARDS.name)
@require_http_methods(["GET", "HEAD", "POST"])
def put(request: HttpRequest, insight: uuid.UUID) -> HttpResponse:
    """An insight's way onto a dashboard: one of those the reader may change, or a new one."""
    actor = _actor(request)
    row = insight_queries.insight(actor, insight)
    q = request.GET.get("q", "")[:200]
    if request.method != "POST":
        context = {
            "row": row,
            "q": q,
            "rows": queries.editable(actor, q),
            "most": queries.MOST_CHOICES,
            "may_create": authz.can(actor, CREATE_DASHBOARD.name),
        }
        return render(request, "analytics/insight_put.html", context)
    if request.POST.get("name"):
        target = dashboard_actions.create_dashboard.run(actor, {"name": request.POST["name"]}).value
    else:
        target = queries.dashboard(actor, _uuid(request.POST.get("dashboard", "")))
    actions.add_tile.run(actor, {"insight": row.public_id}, target=target)
    return led(request, page_of(actor, target))


def _uuid(said: str) -> uuid.UUID:
    found = parse_id(said)
    if found is None:
        raise NotFound
    return found
