"""A new look back: paste, pick the day, say what was expected, see the result."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongpin.kernel import clock
from tongpin.kernel.errors import Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.ids import parse_id
from tongpin.modules.goals import actions, desk, engine, forms, queries
from tongpin.modules.goals.models import LookBack
from tongpin.ui.access import in_workspace


@in_workspace("goals.lookback.create")
def new(request: HttpRequest) -> HttpResponse:
    """Read on every change; ``intent=show`` asks for the result."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.workspace is not None
    today = clock.today(actor.workspace.time_zone)
    if request.method != "POST":
        engine.load_ahead()
        return _page(request, desk.lay_out(_begin(request, actor), actor.workspace, today))
    values = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    laid = desk.lay_out(values, actor.workspace, today, request.FILES.get("file"))
    if request.POST.get("intent") != "show":
        return _page(request, laid)
    if laid.launch is None and laid.series is not None and "launch" not in laid.form.errors:
        laid.form.add_error("launch", _("Pick the day it launched, on the chart or here."))
    if not laid.form.data.get("text"):
        laid.form.add_error("text", _("Paste the two columns first."))
    if not laid.ready:
        return _page(request, laid, status=422)
    try:
        row = _ask(actor, laid)
    except Invalid as error:
        for name, messages in error.fields.items():
            laid.form.add_error(name if name in laid.form.fields else None, messages)
        return _page(request, laid, status=422)
    return redirect("goals:lookback", actor.workspace.slug, row.public_id)


def _begin(request: HttpRequest, actor: Actor) -> dict[str, object]:
    assert actor.workspace is not None
    if "sample" in request.GET:
        return forms.sample(actor.workspace)
    source = parse_id(request.GET.get("from", ""))
    if source is None:
        return {}
    return forms.again(queries.lookback(actor, source), request.GET.dict())


def _ask(actor: Actor, laid: desk.Desk) -> LookBack:
    form = laid.form
    data = form.question() | {
        "text": form.cleaned_data["text"],
        "answers": form.answers(),
        "metric": form.cleaned_data["metric"],
        "unit": form.cleaned_data["unit"],
        "source_name": form.cleaned_data["source_name"],
    }
    once = form.cleaned_data["once"] or uuid.uuid4().hex
    with transaction.atomic():
        outcome = actions.create_lookback.run(actor, data, once=once)
        if not outcome.repeated:
            actions.evaluate_lookback.run(actor, target=outcome.value)
    return outcome.value


def _page(request: HttpRequest, laid: desk.Desk, status: int = 200) -> HttpResponse:
    template = "goals/new.html#desk" if request.headers.get("HX-Request") else "goals/new.html"
    slug = request.actor.workspace.slug  # type: ignore[attr-defined]
    return render(
        request,
        template,
        {"desk": laid, "form": laid.form, "here": reverse("goals:new", args=[slug])},
        status=status,
    )
