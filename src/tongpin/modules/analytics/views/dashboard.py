"""Dashboards 仪表盘: the list, one of them, its name and dates, copies, and all its figures as files."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tongpin.kernel import authz
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib import sheet
from tongpin.modules.analytics import dashboard_answers, dashboard_page, insight_builder
from tongpin.modules.analytics.actions import dashboard as actions
from tongpin.modules.analytics.insights.conditions import NO_VALUE
from tongpin.modules.analytics.models import Dashboard
from tongpin.modules.analytics.permissions import (
    CREATE_DASHBOARD,
    EDIT_DASHBOARD,
    SHARE_DASHBOARD,
    VIEW_DASHBOARDS,
)
from tongpin.modules.analytics.queries import dashboard as queries
from tongpin.modules.analytics.queries import insight as insight_queries
from tongpin.modules.analytics.queries import segment as segment_queries
from tongpin.modules.analytics.views.insight import _ranges
from tongpin.ui import tabs
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _slug(actor: Actor) -> str:
    assert actor.workspace is not None
    return actor.workspace.slug


def page_of(actor: Actor, row: Dashboard) -> str:
    """The address of a dashboard's page."""
    return reverse("analytics:dashboard", args=[_slug(actor), row.public_id])


def led(request: HttpRequest, where: str) -> HttpResponse:
    """To another page, as htmx and a plain form each go there."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": where})
    return redirect(where)


@in_workspace(VIEW_DASHBOARDS.name)
@require_safe
def dashboards(request: HttpRequest) -> HttpResponse:
    """What the workspace has, newest first."""
    return _list(request)


def _list(request: HttpRequest) -> HttpResponse:
    actor = _actor(request)
    asked = {name: request.GET.get(name, "")[:200] for name in ("q", "owner", "cursor")}
    narrowed = bool(asked["q"] or asked["owner"])
    context = {
        **asked,
        "page": queries.page(actor, **asked),
        "narrowed": narrowed,
        "any": narrowed and queries.any_kept(actor),
        "may_create": authz.can(actor, CREATE_DASHBOARD.name),
    }
    return render(request, "analytics/dashboards.html", context)


@in_workspace(CREATE_DASHBOARD.name)
@require_POST
def new(request: HttpRequest) -> HttpResponse:
    """Begin a dashboard."""
    actor = _actor(request)
    data = {name: request.POST.get(name, "") for name in ("name", "description")}
    return led(request, page_of(actor, actions.create_dashboard.run(actor, data).value))


@in_workspace(VIEW_DASHBOARDS.name)
@require_safe
def dashboard(request: HttpRequest, dashboard: uuid.UUID) -> HttpResponse:
    """One dashboard; each tile is asked for by itself."""
    return shown(request, queries.dashboard(_actor(request), dashboard))


def shown(request: HttpRequest, row: Dashboard) -> HttpResponse:
    """Its page, with the dates and conditions of the address."""
    over = dashboard_page.over(request.GET, row)
    may_edit = authz.can(_actor(request), EDIT_DASHBOARD.name, row)
    may_share = authz.can(_actor(request), SHARE_DASHBOARD.name, row)
    context = grid(request, row, over) | {
        "ranges": [(dashboard_page.OWN, _("Each its own")), *_ranges()],
        "ops": insight_builder.ops(),
        "valueless": NO_VALUE,
        **segment_queries.choices(_actor(request)),
        "properties": insight_queries.property_names(_actor(request)),
        "may_edit": may_edit,
        "may_share": may_share,
        "may_create": authz.can(_actor(request), CREATE_DASHBOARD.name),
        "link": queries.link_of(row) if may_share else None,
        "tabs": tabs.of(request, row),
    }
    response = render(request, "analytics/dashboard.html", context)
    if request.headers.get("HX-Request") and request.method == "GET":
        response.headers["HX-Push-Url"] = (
            f"{request.path}?{over.address}" if "from" in request.GET else request.path
        )
    return response


def grid(request: HttpRequest, row: Dashboard, over: dashboard_page.Over | None = None) -> dict[str, Any]:
    """What the grid of a dashboard is shown with."""
    actor = _actor(request)
    over = over if over is not None else dashboard_page.over(request.GET, row)
    return {
        "row": row,
        "over": over,
        "tiles": dashboard_page.placed(row, over, _slug(actor)),
        "may_edit": authz.can(actor, EDIT_DASHBOARD.name, row),
        "query": f"?{request.GET.urlencode()}" if request.GET else "",
    }


@in_workspace(VIEW_DASHBOARDS.name)
@require_POST
def change(request: HttpRequest, dashboard: uuid.UUID) -> HttpResponse:
    """Keep another name, another description, or the dates and conditions of this page."""
    actor = _actor(request)
    row = queries.dashboard(actor, dashboard)
    data: dict[str, Any] = {
        name: request.POST[name] for name in ("name", "description") if name in request.POST
    }
    if "override" in request.POST:
        data["override"] = dashboard_page.over(request.GET, row).given.told
    seen = request.POST.get("seen", "")[:9]  # the version this page showed
    version = int(seen) if seen.isdecimal() else None
    outcome = actions.edit_dashboard.run(actor, data, target=row, version=version)
    if not request.headers.get("HX-Request"):
        return redirect(page_of(actor, row))
    answer = shown(request, queries.dashboard(actor, row.public_id))
    if "override" in data:
        answer.headers["HX-Push-Url"] = page_of(actor, row)
    return done(request, answer, _("Saved."), outcome)


@in_workspace(VIEW_DASHBOARDS.name)
@require_POST
def delete(request: HttpRequest, dashboard: uuid.UUID) -> HttpResponse:
    """Take it out of sight; the answer is the list."""
    actor = _actor(request)
    row = queries.dashboard(actor, dashboard)
    outcome = actions.delete_dashboard.run(actor, {}, target=row)
    answer = _list(request)
    answer.headers["HX-Push-Url"] = reverse("analytics:dashboards", args=[_slug(actor)])
    return done(request, answer, _("%(name)s is deleted.") % {"name": row.name}, outcome)


@in_workspace(CREATE_DASHBOARD.name)
@require_POST
def duplicate(request: HttpRequest, dashboard: uuid.UUID) -> HttpResponse:
    """A copy of one's own."""
    actor = _actor(request)
    row = queries.dashboard(actor, dashboard)
    copy = actions.duplicate_dashboard.run(actor, {"dashboard": row.public_id}).value
    return led(request, page_of(actor, copy))


@in_workspace(VIEW_DASHBOARDS.name)
@require_safe
def files(request: HttpRequest, dashboard: uuid.UUID) -> HttpResponseBase:
    """The figures of all tiles, a CSV each, in one ZIP; what could not be asked says so in a text of its own."""
    actor = _actor(request)
    row = queries.dashboard(actor, dashboard)
    over = dashboard_page.over(request.GET, row)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, each in enumerate(dashboard_answers.answers(actor, row, over.given), 1):
            name = f"{number:02d} {_plain(each.tile.name)}".strip()
            if each.problem is not None:
                archive.writestr(f"{name}.txt", f"{each.problem.message}\n{each.problem.hint}\n")
            elif (shown := each.shown(lambda point: "")) is not None:
                archive.writestr(f"{name}.csv", sheet.write(shown.lines))
            elif each.tile.text:
                archive.writestr(f"{name}.md", each.tile.text)
    held.seek(0)
    response = FileResponse(held, as_attachment=True, filename=f"{_plain(row.name)}.zip")
    response.headers["Cache-Control"] = "no-store"
    return response


def _plain(name: str) -> str:
    """A name as a file may have it on every system."""
    return re.sub(r'[\x00-\x1f<>:"/\\|?*]+', " ", name).strip(" .")[:80]
