"""The catalogue of events: the list, one event, one property: parse, run an action, render."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongpin.kernel import authz
from tongpin.kernel.actions.registry import Action
from tongpin.kernel.errors import DomainError, Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import catalogue_file
from tongpin.modules.analytics.actions import catalogue as actions
from tongpin.modules.analytics.catalogue_forms import EventForm, PlanForm, PropertyForm
from tongpin.modules.analytics.enums import CatalogueState
from tongpin.modules.analytics.permissions import EDIT, PLAN, VIEW
from tongpin.modules.analytics.queries import catalogue as queries
from tongpin.modules.analytics.queries import standing
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done, streamed, toast
from tongpin.ui.forms import refuse


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _list(request: HttpRequest, form: PlanForm, status: int = 200) -> HttpResponse:
    actor = _actor(request)
    asked = {name: request.GET.get(name, "") for name in ("q", "state", "cursor")}
    counts = queries.counts(actor)
    context = {
        **asked,
        "page": queries.page(actor, **asked),
        "counts": counts,
        "states": [(state, getattr(counts, state.value)) for state in CatalogueState],
        "filtered": bool(asked["q"] or asked["state"]),
        "left_out": queries.left_out(actor),
        "inbox": standing.of(actor),
        "form": form,
        "may_plan": authz.can(actor, PLAN.name),
        "may_edit_sources": authz.can(actor, EDIT.name),
    }
    return render(request, "analytics/events.html", context, status=status)


@in_workspace(VIEW.name)
@require_http_methods(["GET", "POST"])
def events(request: HttpRequest) -> HttpResponse:
    """Every event there is or should be; a form for one more that should arrive."""
    if request.method == "GET":
        return _list(request, PlanForm())
    form = PlanForm(request.POST)
    if not form.is_valid():
        return _list(request, form, 422)
    try:
        outcome = actions.plan_event.run(_actor(request), form.cleaned_data)
    except Invalid as error:
        refuse(form, error)
        return _list(request, form, 422)
    return done(request, _list(request, PlanForm()), _("Planned. It turns green when it arrives."), outcome)


@in_workspace(VIEW.name)
@require_safe
def file(request: HttpRequest) -> StreamingHttpResponse:
    """The list with its properties as CSV, with the filters of the page."""
    rows = queries.events(_actor(request), request.GET.get("q", ""), request.GET.get("state", ""))
    chosen = rows.order_by("rarity", "name").prefetch_related("properties")
    lines = catalogue_file.as_csv(chosen.iterator(chunk_size=200))
    return streamed(lines, "events.csv", "text/csv; charset=utf-8")


def _chart(row: Any) -> dict[str, Any]:
    return {
        "rows": [{"date": day.isoformat(), "value": count} for day, count in queries.by_day(row)],
        "names": {"value": _("Events")},
        "zero": True,
    }


def _page(
    request: HttpRequest,
    event_name: uuid.UUID,
    form: EventForm | None = None,
    plan_form: PlanForm | None = None,
) -> HttpResponse:
    actor = _actor(request)
    row = queries.event(actor, event_name)
    context = {
        "event": row,
        "properties": queries.properties(actor, row),
        "chart": _chart(row) if row.first_seen_at else None,
        "may_plan": authz.can(actor, PLAN.name),
        "form": form or EventForm.of(row),
        "plan_form": plan_form or PlanForm(),
        "owner": [{"id": str(row.owner.public_id), "title": row.owner.user.get_short_name()}]
        if row.owner
        else [],
    }
    return render(request, "analytics/event.html", context, status=422 if form or plan_form else 200)


@in_workspace(VIEW.name)
@require_http_methods(["GET", "POST"])
def event(request: HttpRequest, event_name: uuid.UUID) -> HttpResponse:
    """One event: what it means, who answers for it, how much of it comes, its properties."""
    if request.method == "GET":
        return _page(request, event_name)
    form = EventForm.of(queries.event(_actor(request), event_name), request.POST)
    if not form.is_valid():
        return _page(request, event_name, form=form)
    try:
        outcome = actions.edit_event.run(_actor(request), form.changes(), target=event_name)
    except Invalid as error:
        refuse(form, error)
        return _page(request, event_name, form=form)
    return done(request, _page(request, event_name), _("Changed."), outcome)


def _run(
    request: HttpRequest, event_name: uuid.UUID, action: Action[Any], data: dict[str, Any], said: str
) -> HttpResponse:
    outcome = action.run(_actor(request), data, target=event_name)
    return done(request, _page(request, event_name), said, outcome)


@in_workspace(VIEW.name)
@require_POST
def owner(request: HttpRequest, event_name: uuid.UUID) -> HttpResponse:
    """Who answers for it; nobody when the box is empty."""
    chosen = request.POST.get("owner") or None
    return _run(request, event_name, actions.edit_event, {"owner": chosen}, _("Changed."))


@in_workspace(VIEW.name)
@require_POST
def hide(request: HttpRequest, event_name: uuid.UUID) -> HttpResponse:
    """Leave it out of lists."""
    return _run(request, event_name, actions.hide_event, {}, _("Hidden from lists. It is still collected."))


@in_workspace(VIEW.name)
@require_POST
def show(request: HttpRequest, event_name: uuid.UUID) -> HttpResponse:
    """List it again."""
    return _run(request, event_name, actions.show_event, {}, _("It is listed again."))


@in_workspace(VIEW.name)
@require_POST
def plan_property(request: HttpRequest, event_name: uuid.UUID) -> HttpResponse:
    """A property it should have."""
    form = PlanForm(request.POST)
    if not form.is_valid():
        return _page(request, event_name, plan_form=form)
    try:
        outcome = actions.plan_property.run(_actor(request), form.cleaned_data, target=event_name)
    except Invalid as error:
        refuse(form, error)
        return _page(request, event_name, plan_form=form)
    except DomainError as error:
        if error.status != 409:
            raise
        return toast(_page(request, event_name), str(error.message), hint=str(error.hint), kind="error")
    return done(request, _page(request, event_name), _("Planned. It turns green when it arrives."), outcome)


@in_workspace(VIEW.name)
@require_http_methods(["GET", "POST"])
def event_property(request: HttpRequest, event_name: uuid.UUID, event_property: uuid.UUID) -> HttpResponse:
    """One property: what it means, what came, whether it is personal."""
    actor = _actor(request)
    row = queries.property_of(actor, event_property)
    form = PropertyForm.of(row, request.POST if request.method == "POST" else None)
    context = {"property": row, "event": row.event, "form": form, "may_plan": authz.can(actor, PLAN.name)}
    if request.method == "GET":
        return render(request, "analytics/property.html", context)
    if not form.is_valid():
        return render(request, "analytics/property.html", context, status=422)
    outcome = actions.edit_property.run(actor, form.changes(), target=event_property)
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = reverse(
        "analytics:event", args=[row.workspace.slug, row.event.public_id]
    )
    return done(request, response, _("Changed."), outcome)
