"""Making segments: the builder of a rule with its live count, an uploaded list, and from a number."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongpin.kernel import authz
from tongpin.kernel.errors import Invalid, NotFound
from tongpin.kernel.store.client import QueryTooHeavy, StoreUnavailable
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import (
    insight_builder,
    insight_form,
    segment_builder,
    segment_lines,
    segment_words,
)
from tongpin.modules.analytics.actions import segment as actions
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.conditions import NO_VALUE
from tongpin.modules.analytics.insights.segment import Rule
from tongpin.modules.analytics.models import Segment
from tongpin.modules.analytics.permissions import CREATE_SEGMENT, EDIT_SEGMENT, VIEW_SEGMENTS
from tongpin.modules.analytics.queries import behind, segment_members, segment_rules
from tongpin.modules.analytics.queries import insight as insights
from tongpin.modules.analytics.queries import segment as queries
from tongpin.modules.analytics.shown.words import percent, ratio
from tongpin.modules.analytics.views.segment import address_of, scope_of
from tongpin.ui.access import in_workspace

LARGEST: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
"""Bytes of a form with its file; larger lists come by ``tongpin segment upload``."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _rule(raw: dict[str, Any]) -> dict[str, Any]:
    """The rule that the form's fields spell, unchecked, without what is only begun."""
    unit, kind = str(raw.get("unit", "user")), str(raw.get("customer_kind", "company"))
    whole = insight_form.complete(raw)
    return {**whole, "who": segment_builder.unlocked(whole.get("who", {}), unit, kind)}


@in_workspace(VIEW_SEGMENTS.name)
@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """The builder with a rule nobody keeps yet."""
    return _builder(request, None)


@in_workspace(VIEW_SEGMENTS.name)
@require_safe
def rule(request: HttpRequest, segment: uuid.UUID) -> HttpResponse:
    """The builder with a kept rule, as it is kept or, with fields in the address, as somebody is changing it."""
    actor = _actor(request)
    row = queries.segment(actor, segment)
    if row.rule is None:
        raise NotFound
    authz.require(actor, EDIT_SEGMENT.name, row)
    return _builder(request, row)


def _builder(request: HttpRequest, row: Segment | None) -> HttpResponse:
    actor = _actor(request)
    raw = insight_form.read(request.GET)
    spelled = bool(raw)
    if not spelled:
        start = segment_builder.START
        if row is not None and row.rule is not None:
            start = {"unit": row.unit, "customer_kind": row.customer_kind, **row.rule}
        raw = json.loads(json.dumps(segment_builder.flat(start)))
    raw = insight_form.changed(raw, request.GET)
    if row is not None:
        raw |= {"unit": row.unit, "customer_kind": row.customer_kind}
    scope = scope_of(actor)
    context: dict[str, Any] = {"row": row, "raw": raw, "problem": None, "rule": None}
    names = queries.choices(actor)
    try:
        found = segment_rules.read(_rule(raw))
        context |= {"rule": found, "says": segment_words.says(found, dict(names["segments"]))}
        context |= _counted(found, scope)
    except (StoreUnavailable, QueryTooHeavy, Invalid) as problem:
        context["problem"] = problem
    unit = str(raw.get("unit", "user"))
    fields = {name: value for name, value in raw.items() if name != "version"}
    context |= {
        "group": segment_builder.group(raw.get("who")),
        "unit": unit,
        "fields": insight_form.written(fields),
        "events": insights.event_names(actor),
        "properties": insights.property_names(actor),
        "segments": names["segments"],
        "segment_ids": names["segment_ids"],
        "own_segments": queries.choices(actor, unit)["segments"],
        "ops": insight_builder.ops(),
        "valueless": NO_VALUE,
        "times": segment_builder.times(),
        "ranges": segment_builder.ranges(scope.today),
        "may_create": authz.can(actor, CREATE_SEGMENT.name),
        "json": json.dumps(_rule(raw), ensure_ascii=False),
    }
    answer = render(request, "analytics/segment_builder.html", context)
    if request.headers.get("HX-Request"):
        address = insight_form.address(fields)
        answer.headers["HX-Push-Url"] = f"{request.path}?{address}" if spelled else request.path
    return answer


def _counted(rule: Rule, scope: Any) -> dict[str, Any]:
    """How many fulfil it now, and of how many."""
    st, who = segment_members.of_rule(rule, scope)
    size = behind.count(st, who)
    whole = segment_members.everybody(rule.unit, rule.customer_kind, scope)
    return {"size": size, "whole": whole, "share": percent(ratio(size, whole))}


def _words(request: HttpRequest) -> dict[str, Any]:
    return {name: request.POST.get(name, "") for name in ("name", "description")}


def _to(request: HttpRequest, row: Segment) -> HttpResponse:
    """To the page of what was made."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address_of(row)})
    return redirect(address_of(row))


@in_workspace(VIEW_SEGMENTS.name)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the rule of the builder. A refusal leaves the page, and what was typed, as it is."""
    data = {
        **_words(request),
        "rule": _rule(insight_form.read(request.POST)),
        "frozen": request.POST.get("frozen") == "true",
    }
    return _to(request, actions.create_segment.run(_actor(request), data).value)


@in_workspace(CREATE_SEGMENT.name)
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """A list out of a file, or pasted."""
    actor = _actor(request)
    typed = {
        name: request.POST.get(name, "")
        for name in ("name", "description", "unit", "customer_kind", "pasted")
    }
    context: dict[str, Any] = {
        "typed": typed,
        "error": None,
        "most": segment_lines.MOST,
        "megabytes": LARGEST // 1024**2,
    }
    if request.method == "GET":
        return render(request, "analytics/segment_upload.html", context)
    given = request.FILES.get("file")
    try:
        if given is None and not typed["pasted"].strip():
            raise Invalid(_("Choose a file, or paste the ids."), field="file")
        lines: Iterable[str] = segment_lines.lines(
            segment_lines.text(given.chunks()) if given is not None else [typed["pasted"]]
        )
        data = {**typed, "customer_kind": typed["customer_kind"].strip() or "company", "lines": lines}
        del data["pasted"]
        row = actions.upload_segment.run(actor, data).value
    except (Invalid, StoreUnavailable) as error:
        if request.headers.get("HX-Request"):  # said in a toast: the page stays, and the file that was chosen
            raise
        context["error"] = error
        return render(request, "analytics/segment_upload.html", context, status=error.status)
    return _to(request, row)


@in_workspace(CREATE_SEGMENT.name)
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep who is behind a number: living, asked anew each time, or those who are now."""
    actor = _actor(request)
    question = running.read(insight_form.complete(insight_form.read(request.POST)))
    try:
        point = json.loads(request.POST.get("point", "{}"))
        if not isinstance(point, dict):
            raise ValueError
    except ValueError:
        raise Invalid(_("There is no such point."), field="point") from None
    told = running.told(question)
    if any(isinstance(each, str) and _DATE.fullmatch(each) for each in point.values()):
        # A number of one day stays that day's: its range may not move away from under it.
        span = question.range(scope_of(actor))
        told |= {"from": span.first.isoformat(), "to": span.last.isoformat()}
    rule = {
        "unit": question.unit,
        "customer_kind": question.customer_kind,
        "who": {"of": [{"question": told, "point": point}]},
    }
    data = {**_words(request), "rule": rule, "frozen": request.POST.get("frozen") == "true"}
    return _to(request, actions.create_segment.run(actor, data).value)
