"""Insights 分析: the list, the builder (whose address is its state), saving, and who is behind a number."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tongpin.kernel import authz
from tongpin.kernel.errors import Invalid, NotFound
from tongpin.kernel.store.client import QueryTooHeavy, StoreUnavailable
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib import sheet
from tongpin.modules.analytics import alert_series, insight_builder, insight_form
from tongpin.modules.analytics.actions import insight as actions
from tongpin.modules.analytics.actions.customer import look
from tongpin.modules.analytics.enums import InsightKind
from tongpin.modules.analytics.insight_people import behind as behind_of
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.conditions import NO_VALUE
from tongpin.modules.analytics.insights.schema import AnyQuestion
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.models import Insight
from tongpin.modules.analytics.permissions import (
    CREATE_ALERT,
    CREATE_INSIGHT,
    CREATE_SEGMENT,
    EDIT_INSIGHT,
    SEE_PEOPLE,
    VIEW_INSIGHTS,
)
from tongpin.modules.analytics.queries import behind as behind_queries
from tongpin.modules.analytics.queries import insight as queries
from tongpin.modules.analytics.queries import person
from tongpin.modules.analytics.queries import segment as segment_queries
from tongpin.modules.analytics.shown import SHOWN, Shown
from tongpin.modules.analytics.shown import shown as shown_of
from tongpin.modules.analytics.shown.marked import Marks
from tongpin.modules.analytics.views import paging
from tongpin.modules.analytics.views.marker import marker_tools
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done, streamed

KINDS = [kind for kind in InsightKind if kind.value in running.KINDS and kind.value in SHOWN]
ICONS = {
    "trends": "chart-line", "funnel": "funnel", "retention": "repeat-2", "lifecycle": "refresh-cw",
    "stickiness": "magnet", "paths": "route", "sessions": "timer", "attribution": "split",
}  # fmt: skip
# icons: chart-line funnel repeat-2 refresh-cw magnet route timer split


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _is_htmx(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def _slug(actor: Actor) -> str:
    assert actor.workspace is not None
    return actor.workspace.slug


def _scope(actor: Actor) -> Scope:
    assert actor.workspace is not None
    return Scope.of(actor.workspace, actor.user)


@in_workspace(VIEW_INSIGHTS.name)
@require_safe
def insights(request: HttpRequest) -> HttpResponse:
    """What the workspace keeps, newest first, and the kinds to begin with."""
    return _list(request)


def _list(request: HttpRequest) -> HttpResponse:
    actor = _actor(request)
    asked = {name: request.GET.get(name, "")[:200] for name in ("q", "kind", "cursor")}
    page = queries.page(actor, **asked)
    narrowed = bool(asked["q"] or asked["kind"])
    context = {
        **asked,
        "page": page,
        "kinds": [(kind, ICONS[kind.value]) for kind in KINDS],
        "narrowed": narrowed,
        "any": narrowed and queries.any_saved(actor),
        "may_create": authz.can(actor, CREATE_INSIGHT.name),
    }
    return render(request, "analytics/insights.html", context)


@in_workspace(VIEW_INSIGHTS.name)
@require_safe
def new(request: HttpRequest, insight_kind: str) -> HttpResponseBase:
    """The builder with a question nobody keeps yet."""
    if insight_kind not in [each.value for each in KINDS]:
        raise NotFound
    return _builder(request, insight_kind, None)


@in_workspace(VIEW_INSIGHTS.name)
@require_safe
def insight(request: HttpRequest, insight: uuid.UUID) -> HttpResponseBase:
    """A kept question, as it is kept or, with fields in the address, as somebody is changing it."""
    row = queries.insight(_actor(request), insight)
    return _builder(request, row.kind, row)


def _builder(request: HttpRequest, kind: str, row: Insight | None) -> HttpResponseBase:
    actor = _actor(request)
    raw = insight_form.read(request.GET)
    spelled = bool(raw)
    if not spelled:
        raw = json.loads(json.dumps(row.question if row else insight_form.STARTS[kind]))
    raw = {**insight_form.changed(raw, request.GET), "kind": kind}
    context: dict[str, Any] = {
        "kind": InsightKind(kind),
        "raw": raw,
        "row": row,
        "problem": None,
        "shown": None,
    }
    question: AnyQuestion | None = None
    try:
        question = running.read(insight_form.complete(raw))
        told = running.told(question)
        answer = running.answer(question, _scope(actor))
        marks = Marks(actor, question.range(_scope(actor)))
        shown = shown_of(question, answer.result, behind_of(_slug(actor), told), marks)
        if request.GET.get("format") == "csv":
            return _file(row.name if row else str(InsightKind(kind).label), shown)
        context |= {"answer": answer, "shown": shown, "nothing": _nothing(question, told, _scope(actor))}
        if shown.axis is not None:
            context |= marker_tools(actor, marks)
    except (StoreUnavailable, QueryTooHeavy, Invalid) as problem:
        context["problem"] = problem
    fields = {name: value for name, value in raw.items() if name != "kind"}
    segments = segment_queries.choices(actor)
    context |= {
        "question": question,
        "form": insight_builder.built(kind, raw, segments["segments"]),
        "maths": insight_builder.maths(),
        "visit_places": insight_builder.visit_places(),
        "fields": insight_form.written(fields),
        "changed": row is not None and question is not None and running.told(question) != row.question,
        "events": queries.event_names(actor),
        "properties": queries.property_names(actor),
        "address": insight_form.address(fields),
        "ops": insight_builder.ops(),
        "valueless": NO_VALUE,
        **segments,
        "ranges": _ranges(),
        "range": raw.get("from", "-29d") if raw.get("to", "today") == "today" else "",
        "may_create": authz.can(actor, CREATE_INSIGHT.name),
        "may_alert": row is not None
        and question is not None
        and bool(alert_series.choices(question))
        and authz.can(actor, CREATE_ALERT.name),
        "may_edit": row is not None and authz.can(actor, EDIT_INSIGHT.name, row),
        "json": json.dumps(insight_form.complete(raw), ensure_ascii=False),
    }
    response = render(request, "analytics/insight.html", context)
    if _is_htmx(request):
        response.headers["HX-Push-Url"] = f"{request.path}?{context['address']}" if spelled else request.path
    return response


def _nothing(question: AnyQuestion, told: dict[str, Any], scope: Scope) -> dict[str, str]:
    """What an answer without anything in it says, and a wider range to try."""
    span = question.range(scope)
    first, last = (date_format(day, "SHORT_DATE_FORMAT") for day in (span.first, span.last))
    text = _("Nothing that fits happened from %(first)s to %(last)s. Try another event or fewer conditions.")
    wide = span.days >= 90
    longer = {name: value for name, value in told.items() if name not in ("kind", "to")} | {"from": "-90d"}
    return {
        "text": text % {"first": first, "last": last},
        "action": "" if wide else _("Look at the last 90 days"),
        "url": "" if wide else "?" + insight_form.address(longer),
    }


def _file(name: str, shown: Shown) -> HttpResponseBase:
    return streamed(sheet.written(shown.lines), f"{name}.csv", "text/csv; charset=utf-8")


def _ranges() -> list[tuple[str, str]]:
    return [
        ("today", _("Today")),
        ("-6d", _("7 days")),
        ("-13d", _("14 days")),
        ("-29d", _("30 days")),
        ("-89d", _("90 days")),
        ("-6m", _("6 months")),
        ("-1y", _("1 year")),
    ]


def _question(request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = insight_form.complete(insight_form.read(request.POST))
    return found


@in_workspace(VIEW_INSIGHTS.name)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the question of the builder under a name. A refusal leaves the page, and what was typed, as it is."""
    actor = _actor(request)
    data = {
        "name": request.POST.get("name", ""),
        "description": request.POST.get("description", ""),
        "question": _question(request),
    }
    outcome = actions.save_insight.run(actor, data)
    where = reverse("analytics:insight", args=[_slug(actor), outcome.value.public_id])
    return HttpResponse(status=204, headers={"HX-Redirect": where}) if _is_htmx(request) else redirect(where)


@in_workspace(VIEW_INSIGHTS.name)
@require_POST
def change(request: HttpRequest, insight: uuid.UUID) -> HttpResponse:
    """Keep what somebody changed: the question, the name, or what it is for."""
    actor = _actor(request)
    row = queries.insight(actor, insight)
    data: dict[str, Any] = {
        name: request.POST[name] for name in ("name", "description") if name in request.POST
    }
    if question := _question(request):
        data["question"] = question
    seen = request.POST.get("seen", "")[:9]  # the version this page showed
    version = int(seen) if seen.isdecimal() else None
    outcome = actions.edit_insight.run(actor, data, target=row, version=version)
    where = reverse("analytics:insight", args=[_slug(actor), row.public_id])
    if not _is_htmx(request):
        return redirect(where)
    answer = _builder(request, row.kind, queries.insight(actor, row.public_id))
    answer.headers["HX-Push-Url"] = where
    assert isinstance(answer, HttpResponse)
    return done(request, answer, _("Saved."), outcome)


@in_workspace(VIEW_INSIGHTS.name)
@require_POST
def delete(request: HttpRequest, insight: uuid.UUID) -> HttpResponse:
    """Take it out of sight; the answer is the list."""
    actor = _actor(request)
    row = queries.insight(actor, insight)
    outcome = actions.delete_insight.run(actor, {}, target=row)
    answer = _list(request)
    answer.headers["HX-Push-Url"] = reverse("analytics:insights", args=[_slug(actor)])
    return done(request, answer, _("%(name)s is deleted.") % {"name": row.name}, outcome)


@in_workspace(SEE_PEOPLE.name)
@require_safe
def behind(request: HttpRequest) -> HttpResponse:
    """The users or customers behind a number."""
    actor = _actor(request)
    assert actor.workspace is not None
    raw = insight_form.read(request.GET)
    question = running.read(insight_form.complete(raw))
    try:
        point = json.loads(request.GET.get("point", "{}"))
    except ValueError:
        raise Invalid(_("There is no such point."), field="point") from None
    if not isinstance(point, dict):
        raise Invalid(_("There is no such point."), field="point")
    context: dict[str, Any] = {"kind": InsightKind(question.kind), "unit": question.unit}
    cursor = request.GET.get("cursor", "")[:400]
    look.run(actor, {"about": "users"})
    try:
        st, who = running.people(question, _scope(actor), point)
        context["count"] = behind_queries.count(st, who)
        if question.unit == "user":
            after = paging.read(cursor, int)
            among = (who, st.parameters)
            context["rows"], following = person.seen(actor.workspace.public_id, after=after, among=among)
            context["next"] = paging.written(following)
        else:
            context["rows"], context["next"] = behind_queries.customers(
                actor, st, who, question.customer_kind, cursor
            )
    except (StoreUnavailable, QueryTooHeavy) as problem:
        context["problem"] = problem
    told = {name: value for name, value in running.told(question).items() if name != "kind"}
    context |= {
        "may_keep": authz.can(actor, CREATE_SEGMENT.name) and context.get("count"),
        "fields": [("kind", question.kind), *insight_form.written(told)],
        "point": json.dumps(point, ensure_ascii=False),
    }
    context["back"] = (
        reverse("analytics:insight_new", args=[_slug(actor), question.kind])
        + "?"
        + insight_form.address(told)
    )
    return render(request, "analytics/behind.html", context)
