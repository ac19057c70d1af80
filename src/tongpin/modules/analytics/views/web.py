"""The web overview 网站概览: figures and chart, boxes that are asked for one by one, and who is there now."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongpin.kernel.errors import Invalid, NotFound
from tongpin.kernel.store.client import QueryTooHeavy, StoreUnavailable
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib import sheet
from tongpin.modules.analytics import insight_form
from tongpin.modules.analytics.enums import InsightKind, Platform
from tongpin.modules.analytics.insight_people import behind as behind_of
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.schema import AnyQuestion
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.permissions import VIEW_INSIGHTS
from tongpin.modules.analytics.queries import source as sources
from tongpin.modules.analytics.queries import web as queries
from tongpin.modules.analytics.shown import shown as shown_of
from tongpin.modules.analytics.shown import web as shown
from tongpin.modules.analytics.shown.marked import Marks
from tongpin.modules.analytics.snippets import snippets
from tongpin.modules.analytics.web_overview import BOXES, DIMENSIONS, FEW, MANY, RANGES, View
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import streamed


def _begin(request: HttpRequest) -> tuple[Actor, str, Scope, View]:
    """Who asks, the page's address, where and when, and what the address says."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.workspace is not None
    page = reverse("analytics:web", args=[actor.workspace.slug])
    return actor, page, Scope.of(actor.workspace), View.of(request.GET)


def _read(view: View, scope: Scope, **asked: Any) -> AnyQuestion:
    """The question of the page or a box. Raises Invalid where the address says dates there are not."""
    try:
        raw = view.question(scope, **asked)
    except (ValueError, OverflowError):
        raise Invalid(_("These dates cannot be read."), hint=_("Choose a range above.")) from None
    return running.read(raw)


def _insight(actor: Actor, question: AnyQuestion) -> str:
    """The builder with this question."""
    assert actor.workspace is not None
    told = {name: said for name, said in running.told(question).items() if name != "kind"}
    place = reverse("analytics:insight_new", args=[actor.workspace.slug, question.kind])
    return f"{place}?{insight_form.address(told)}"


@in_workspace(VIEW_INSIGHTS.name)
@require_safe
def web(request: HttpRequest) -> HttpResponse:
    """Figures of all visits and how they went; the boxes come by themselves."""
    actor, page, scope, view = _begin(request)
    assert actor.workspace is not None
    context: dict[str, Any] = {
        "view": view,
        "ranges": [
            (
                words,
                f"{page}?{view.fields(**{'from': said, 'to': ''})}",
                (view.first, view.last) == (said, "today"),
            )
            for said, words in RANGES
        ],
        "of_dates": view.pairs(**{"from": "", "to": ""}),
        "of_choices": view.pairs(host="", source="", compare=""),
        "chips": shown.chips(view, page),
        "boxes": [
            (box, f"{reverse('analytics:web_box', args=[actor.workspace.slug, box.key])}?{view.fields()}")
            for box in BOXES.values()
        ],
        "now": f"{reverse('analytics:web_now', args=[actor.workspace.slug])}?{view.fields()}",
        "unfiltered": f"{page}?{view.fields(**dict.fromkeys(view.filters, ''))}",
        "kind": InsightKind.SESSIONS,
    }
    if not queries.any_page_seen(scope):
        return render(request, "analytics/web.html", context | _start(actor))
    try:
        question = _read(view, scope)
        span = question.range(scope)
        answer = running.answer(question, scope)
        behind = behind_of(actor.workspace.slug, running.told(question))
        context |= {
            "shown": shown_of(question, answer.result, behind, Marks(actor, span)),
            "answer": answer,
            "insight": _insight(actor, question),
            "hosts": queries.hosts(scope, span),
            "span": span,
        }
    except (StoreUnavailable, QueryTooHeavy, Invalid) as problem:
        context["problem"] = problem
    except ValueError:
        context["problem"] = Invalid(_("These dates cannot be read."), hint=_("Choose a range above."))
    context["sources"] = sources.sources(actor)
    return render(request, "analytics/web.html", context)


def _start(actor: Actor) -> dict[str, Any]:
    """What a workspace without any page view is shown: the script for its first site, if it has one."""
    site = next((row for row in sources.sources(actor) if row.platform == Platform.WEB), None)
    row = sources.source(actor, site.public_id) if site else None
    keys = row.all_keys if row else []  # type: ignore[attr-defined]
    key = next((each for each in keys if each.retired_at is None), None)
    code = snippets(Platform.WEB)[0].filled(key.value, settings.SITE_URL) if key else ""
    return {"unseen": True, "site": row, "code": code}


@in_workspace(VIEW_INSIGHTS.name)
@require_safe
def web_box(request: HttpRequest, box: str) -> HttpResponseBase:
    """One box: for the page that asks for it, by itself with more rows, or as a file."""
    actor, page, scope, view = _begin(request)
    assert actor.workspace is not None
    if box not in BOXES:
        raise NotFound
    card = BOXES[box]
    tab = request.GET.get("tab", "")
    dimension = DIMENSIONS[tab if tab in card.tabs else card.tabs[0]]
    part = bool(request.headers.get("HX-Request"))
    here = reverse("analytics:web_box", args=[actor.workspace.slug, box])
    context: dict[str, Any] = {
        "box": card,
        "dimension": dimension,
        "part": part,
        "tabs": [(DIMENSIONS[key], f"{here}?{view.fields(tab=key)}") for key in card.tabs],
        "address": f"{here}?{view.fields(tab=dimension.key)}",
        "back": f"{page}?{view.fields()}",
        "beside": shown.beside(dimension),
        "chips": shown.chips(view, page),
    }
    is_file = request.GET.get("format") == "csv"
    try:
        question = _read(view, scope, dimension=dimension, limit=FEW if part and not is_file else MANY)
        result = running.answer(question, scope).result
        if is_file:
            name = f"{dimension.label}.csv"
            return streamed(sheet.written(shown.lines(dimension, result)), name, "text/csv; charset=utf-8")
        behind = behind_of(actor.workspace.slug, running.told(question))
        context["rows"] = shown.rows(view, dimension, result, behind, page)
        context["insight"] = _insight(actor, question)
    except (StoreUnavailable, QueryTooHeavy, Invalid) as problem:
        context["problem"] = problem
    return render(request, "analytics/web/_box.html" if part else "analytics/web/box.html", context)


@in_workspace(VIEW_INSIGHTS.name)
@require_safe
def web_now(request: HttpRequest) -> HttpResponse:
    """Who is there now; the page asks again every while."""
    actor, page, scope, view = _begin(request)
    assert actor.workspace is not None
    context: dict[str, Any] = {
        "address": f"{request.path}?{view.fields()}",
        "people": reverse("analytics:users", args=[actor.workspace.slug]),
        "back": f"{page}?{view.fields()}",
        "part": bool(request.headers.get("HX-Request")),
    }
    try:
        found = queries.now(scope, view.where)
        most = max(found.minutes) or 1
        context["now"] = found
        context["bars"] = [
            (at * 10, 40 - round(count / most * 40), round(count / most * 40))
            for at, count in enumerate(found.minutes)
        ]
        context["views"] = sum(found.minutes)
        context["pages"] = [(path, f"{page}?{view.fields(page=path)}", count) for path, count in found.pages]
    except (StoreUnavailable, QueryTooHeavy) as problem:
        context["problem"] = problem
    return render(
        request, "analytics/web/_now.html" if context["part"] else "analytics/web/now.html", context
    )
