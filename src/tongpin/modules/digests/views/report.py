"""Reports of a dashboard, one report, and the picture a group's server asks for."""

from __future__ import annotations

import uuid
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongpin.kernel import authz, clock
from tongpin.kernel.actions.registry import Action
from tongpin.kernel.errors import DomainError, Invalid, NotFound
from tongpin.kernel.tenancy import entry
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib.ids import parse_id
from tongpin.modules.analytics.public import VIEW_DASHBOARDS, Dashboard, dashboard_of
from tongpin.modules.digests import reporting
from tongpin.modules.digests.actions import report as actions
from tongpin.modules.digests.enums import Every
from tongpin.modules.digests.forms import ReportForm
from tongpin.modules.digests.models import Report, ReportRun
from tongpin.modules.digests.models.report import KEPT, PICTURE
from tongpin.modules.digests.permissions import CREATE_REPORT, EDIT_REPORT
from tongpin.modules.digests.queries import report as queries
from tongpin.ui.access import client_ip, in_workspace, public
from tongpin.ui.answers import done, toast
from tongpin.ui.forms import refuse


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _choice(row: Membership) -> dict[str, str]:
    return {"id": str(row.public_id), "title": row.user.name, "hint": row.user.email}


def _chosen(request: HttpRequest) -> list[uuid.UUID]:
    return [one for text in request.POST.getlist("readers") if (one := parse_id(text)) is not None]


def _given(request: HttpRequest, form: ReportForm) -> dict[str, Any]:
    """What the form says, for the action."""
    return {**form.cleaned_data, "readers": _chosen(request)}


def _picked(request: HttpRequest, held: list[Membership]) -> list[dict[str, str]]:
    """Who stands in the picker: after a refusal, those who were chosen."""
    if request.method != "POST":
        return [_choice(row) for row in held]
    rows = Membership.objects.visible_to(_actor(request)).select_related("user")
    return [_choice(row) for row in rows.filter(public_id__in=_chosen(request))]


def _list(request: HttpRequest, dashboard: Dashboard, form: ReportForm, status: int = 200) -> HttpResponse:
    actor = _actor(request)
    own = [actor.membership] if actor.membership is not None else []
    context = {
        "dashboard": dashboard,
        "form": form,
        "picked": _picked(request, own),
        "reports": queries.of_dashboard(actor, dashboard),
        "may_create": authz.can(actor, CREATE_REPORT.name),
    }
    return render(request, "digests/reports.html", context, status=status)


@in_workspace(VIEW_DASHBOARDS)
@require_http_methods(["GET", "POST"])
def reports(request: HttpRequest, dashboard: uuid.UUID) -> HttpResponse:
    """The reports of a dashboard, and a form for one more."""
    actor = _actor(request)
    row = dashboard_of(actor, dashboard)
    robots = queries.usable_robots(actor)
    if request.method != "POST":
        fresh = {
            "every": Every.WORKDAY,
            "weekday": 0,
            "day": 1,
            "at": "09:00",
            "language": row.workspace.language,
        }
        return _list(request, row, ReportForm(initial=fresh, robots=robots))
    form = ReportForm(request.POST, robots=robots)
    if not form.is_valid():
        return _list(request, row, form, 422)
    try:
        outcome = actions.create_report.run(actor, {**_given(request, form), "dashboard": row.public_id})
    except Invalid as error:
        refuse(form, error)
        return _list(request, row, form, 422)
    fresh_page = _list(request, row, ReportForm(initial=form.cleaned_data, robots=robots))
    return done(request, fresh_page, _("The report is set up."), outcome)


def _page(
    request: HttpRequest, dashboard: uuid.UUID, report: uuid.UUID, form: ReportForm | None = None
) -> HttpResponse:
    actor = _actor(request)
    place = dashboard_of(actor, dashboard)
    row = queries.report(actor, place, report)
    may_edit = authz.can(actor, EDIT_REPORT.name, row)
    readers = list(row.readers.all())
    context = {
        "dashboard": place,
        "report": row,
        "readers": readers,
        "robots": list(row.robots.all()),
        "form": form or ReportForm.of(row, _robots(actor, row)),
        "picked": _picked(request, readers) if form else [_choice(each) for each in readers],
        "may_edit": may_edit,
        "reads": actor.membership in readers,
        "page": queries.runs(actor, row, request.GET.get("cursor", "")),
    }
    return render(request, "digests/report.html", context, status=422 if form else 200)


def _robots(actor: Actor, row: Report) -> list[Any]:
    """Those one may choose, and those that are chosen already."""
    usable = queries.usable_robots(actor)
    known = {each.pk for each in usable}
    return usable + [each for each in row.robots.all() if each.pk not in known]


@in_workspace(VIEW_DASHBOARDS)
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, dashboard: uuid.UUID, report: uuid.UUID) -> HttpResponse:
    """One report: when it goes out, to whom, and what was sent."""
    if request.method != "POST":
        return _page(request, dashboard, report)
    actor = _actor(request)
    row = queries.report(actor, dashboard_of(actor, dashboard), report)
    form = ReportForm(request.POST, robots=_robots(actor, row))
    if not form.is_valid():
        return _page(request, dashboard, report, form)
    try:
        outcome = actions.edit_report.run(actor, _given(request, form), target=row)
    except Invalid as error:
        refuse(form, error)
        return _page(request, dashboard, report, form)
    return done(request, _page_anew(request, dashboard, report), _("Changed."), outcome)


def _page_anew(request: HttpRequest, dashboard: uuid.UUID, report: uuid.UUID) -> HttpResponse:
    request.method = "GET"
    return _page(request, dashboard, report)


def _run(
    request: HttpRequest, dashboard: uuid.UUID, report: uuid.UUID, action: Action[Report], said: str
) -> HttpResponse:
    actor = _actor(request)
    row = queries.report(actor, dashboard_of(actor, dashboard), report)
    try:
        outcome = action.run(actor, {}, target=row)
    except DomainError as error:
        if error.status != 409:
            raise
        response = _page_anew(request, dashboard, report)
        return toast(response, str(error.message), hint=str(error.hint), kind="error")
    return done(request, _page_anew(request, dashboard, report), said, outcome)


@in_workspace(VIEW_DASHBOARDS)
@require_POST
def pause(request: HttpRequest, dashboard: uuid.UUID, report: uuid.UUID) -> HttpResponse:
    """Send nothing for now."""
    return _run(request, dashboard, report, actions.pause_report, _("Paused."))


@in_workspace(VIEW_DASHBOARDS)
@require_POST
def resume(request: HttpRequest, dashboard: uuid.UUID, report: uuid.UUID) -> HttpResponse:
    """Send again."""
    return _run(request, dashboard, report, actions.resume_report, _("It is sent again when it is due."))


@in_workspace(VIEW_DASHBOARDS)
@require_POST
def leave(request: HttpRequest, dashboard: uuid.UUID, report: uuid.UUID) -> HttpResponse:
    """Get no more mails of it."""
    return _run(request, dashboard, report, actions.leave_report, _("You get no more mails of this report."))


@in_workspace(VIEW_DASHBOARDS)
@require_POST
def delete(request: HttpRequest, dashboard: uuid.UUID, report: uuid.UUID) -> HttpResponse:
    """Take it away; the answer is the list."""
    actor = _actor(request)
    place = dashboard_of(actor, dashboard)
    outcome = actions.delete_report.run(actor, {}, target=queries.report(actor, place, report))
    request.method = "GET"
    response = reports(request, place.workspace.slug, dashboard)
    response.headers["HX-Push-Url"] = reverse("digests:reports", args=[place.workspace.slug, place.public_id])
    return done(request, response, _("The report was deleted."), outcome)


@in_workspace(VIEW_DASHBOARDS)
@require_safe
def preview(request: HttpRequest, dashboard: uuid.UUID, report: uuid.UUID) -> HttpResponse:
    """The picture as it would be sent now, with its owner's rights."""
    actor = _actor(request)
    row = queries.report(actor, dashboard_of(actor, dashboard), report)
    return _png(reporting.make(row).picture)


@public
@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """The picture of one sending, for the server of a chat group, which cannot sign in. Raises NotFound, also from
    outside the networks a workspace lets in."""
    try:
        run = uuid.UUID(signing.Signer(salt=PICTURE).unsign(token))
    except (signing.BadSignature, ValueError):
        raise NotFound from None
    rows = ReportRun.objects.filter(public_id=run, at__gt=clock.now() - KEPT, picture__isnull=False)
    row = rows.select_related("workspace").first()
    if row is None or not entry.lets_in(row.workspace.allowed_networks, client_ip(request)):
        raise NotFound
    response = _png(bytes(row.picture))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _png(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="image/png")
    response.headers["Cache-Control"] = "private, no-store"
    return response
