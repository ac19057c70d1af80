"""Templates 模板: a gallery that the catalogue has filled in, and the builder each of them opens."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import insight_form
from tongpin.modules.analytics.insight_templates import TEMPLATES, offers
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.permissions import VIEW_INSIGHTS
from tongpin.modules.analytics.queries import insight as queries
from tongpin.ui.access import in_workspace

LONGEST = 200


@in_workspace(VIEW_INSIGHTS.name)
@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """Every template, with the events it would take."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    events = queries.known_events(actor)
    context = {
        "offers": offers(events),
        "events": sorted(event.name for event in events),
        "properties": queries.property_names(actor),
    }
    return render(request, "analytics/templates.html", context)


@in_workspace(VIEW_INSIGHTS.name)
@require_safe
def open_template(request: HttpRequest, template: str) -> HttpResponse:
    """The builder with the template's question about the events chosen; back to the gallery if one is missing."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.workspace is not None
    if template not in TEMPLATES:
        raise NotFound
    chosen = TEMPLATES[template]
    given = {part: request.GET.get(part, "").replace("\0", "").strip()[:LONGEST] for part in chosen.needs}
    money = request.GET.get("amount", "").replace("\0", "").strip()[:LONGEST]
    if not all(given.values()) or (chosen.of_amount and not money):
        return redirect("analytics:templates", actor.workspace.slug)
    told = running.told(running.read(chosen.build(given, money)))
    fields = insight_form.address({name: said for name, said in told.items() if name != "kind"})
    place = reverse("analytics:insight_new", args=[actor.workspace.slug, told["kind"]])
    return redirect(f"{place}?{fields}" if fields else place)
