"""Segments 人群: the list, one of them with its members, its file, and what is done with it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tongpin.kernel import authz
from tongpin.kernel.errors import Invalid
from tongpin.kernel.store.client import QueryTooHeavy, StoreUnavailable
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib import sheet
from tongpin.lib.ids import parse_id
from tongpin.modules.analytics import insight_form, segment_builder, segment_words
from tongpin.modules.analytics.actions import segment as actions
from tongpin.modules.analytics.actions.customer import look
from tongpin.modules.analytics.actions.segment_size import BACK
from tongpin.modules.analytics.enums import SegmentKind, Subject
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.models import Segment
from tongpin.modules.analytics.permissions import CREATE_SEGMENT, EDIT_SEGMENT, SEE_PEOPLE, VIEW_SEGMENTS
from tongpin.modules.analytics.queries import behind, person, segment_members, segment_rules
from tongpin.modules.analytics.queries import segment as queries
from tongpin.modules.analytics.segment_lines import Report
from tongpin.modules.analytics.shown.words import number, percent, ratio
from tongpin.modules.analytics.views import paging
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done, streamed

SHOWN_DAYS = 90


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def scope_of(actor: Actor) -> Scope:
    """Where and when the actor asks."""
    assert actor.workspace is not None
    return Scope.of(actor.workspace)


def address_of(row: Segment, name: str = "analytics:segment") -> str:
    """The address of a page of one segment."""
    return reverse(name, args=[row.workspace.slug, row.public_id])


@in_workspace(VIEW_SEGMENTS.name)
@require_safe
def segments(request: HttpRequest) -> HttpResponse:
    """What the workspace keeps, newest first."""
    return _list(request)


def _list(request: HttpRequest) -> HttpResponse:
    actor = _actor(request)
    asked = {name: request.GET.get(name, "")[:200] for name in ("q", "kind", "cursor")}
    narrowed = bool(asked["q"] or asked["kind"])
    context = {
        **asked,
        "page": queries.page(actor, **asked),
        "kinds": SegmentKind,
        "narrowed": narrowed,
        "any": narrowed and queries.any_kept(actor),
        "may_create": authz.can(actor, CREATE_SEGMENT.name),
    }
    return render(request, "analytics/segments.html", context)


@in_workspace(VIEW_SEGMENTS.name)
@never_cache
@require_safe
def segment(request: HttpRequest, segment: uuid.UUID) -> HttpResponse:
    """How many are in it, now and over time, who they are, and who asks about it."""
    return _page(request, queries.segment(_actor(request), segment))


def _page(request: HttpRequest, row: Segment) -> HttpResponse:
    actor = _actor(request)
    scope = scope_of(actor)
    may_see = authz.can(actor, SEE_PEOPLE.name)
    context: dict[str, Any] = {
        "row": row,
        "uses": queries.used_by(actor, row),
        "may_edit": authz.can(actor, EDIT_SEGMENT.name, row),
        "may_see": may_see,
        "use_url": _use(row),
        "problem": None,
        "report": Report(**row.report) if row.report else None,
        "unit": row.unit,
    }
    if row.rule is not None:
        names = dict(queries.choices(actor)["segments"])
        context["says"] = segment_words.says(segment_rules.read(row.rule), names)
    size: int | None = None
    try:
        st, who = segment_members.of(row, scope)
        size = behind.count(st, who)
        whole = segment_members.everybody(row.unit, row.customer_kind, scope)
        context |= {"size": size, "whole": whole, "share": percent(ratio(size, whole))}
        if may_see and size:
            look.run(actor, {"about": f"segment:{row.public_id}"})
            context |= _members(request, row, st, who)
    except (StoreUnavailable, QueryTooHeavy, Invalid) as problem:
        context["problem"] = problem
    context |= _over_time(row, scope, size)
    return render(request, "analytics/segment.html", context)


def _members(request: HttpRequest, row: Segment, st: Any, who: str) -> dict[str, Any]:
    actor = _actor(request)
    assert actor.workspace is not None
    cursor = request.GET.get("cursor", "")[:400]
    if row.unit == Subject.USER:
        after = paging.read(cursor, paging.number)
        rows, following = person.seen(actor.workspace.public_id, after=after, among=(who, st.parameters))
        return {"rows": rows, "next": paging.written(following)}
    found, following_key = behind.customers(actor, st, who, row.customer_kind, cursor)
    return {"rows": found, "next": following_key}


def _over_time(row: Segment, scope: Scope, size: int | None) -> dict[str, Any]:
    """A line of the sizes kept, today's at its end, with its table; how many days are missing or counted later."""
    days = queries.sizes(row, scope.today, SHOWN_DAYS)
    points = [(day, kept.size if kept else None) for day, kept in days]
    if size is not None:
        points.append((scope.today, size))
    labels = [date_format(day, "SHORT_DATE_FORMAT") for day, _size in points]
    unit = pgettext("insight", "users") if row.unit == Subject.USER else pgettext("insight", "customers")
    return {
        "plot": {
            "kind": "bar" if len(points) == 1 else "line",
            "labels": labels,
            "series": [{"name": unit, "values": [value for _day, value in points], "hue": 1}],
        },
        "table": [
            {"label": label, "cells": [{"text": number(value), "url": ""}]}
            for label, (_day, value) in zip(labels, points, strict=True)
        ],
        "points": bool(points),
        "missing": sum(kept is None for _day, kept in days),
        "later": any(kept and kept.later for _day, kept in days),
        "waiting": not days and row.kind == SegmentKind.RULE,
        "back": BACK,
    }


def _use(row: Segment) -> str:
    """A trend that asks about just these."""
    question = {
        "series": [{"event": None, "math": "unique_users"}],
        "unit": row.unit,
        "where": {"match": "all", "of": [{"segment": str(row.public_id), "op": "in"}]},
    }
    if row.unit == Subject.CUSTOMER:
        question["customer_kind"] = row.customer_kind
    address = reverse("analytics:insight_new", args=[row.workspace.slug, "trends"])
    return f"{address}?{insight_form.address(question)}"


@in_workspace(VIEW_SEGMENTS.name)
@require_POST
def change(request: HttpRequest, segment: uuid.UUID) -> HttpResponse:
    """Keep another name, purpose, owner or rule."""
    actor = _actor(request)
    row = queries.segment(actor, segment)
    data: dict[str, Any] = {
        name: request.POST[name] for name in ("name", "description") if name in request.POST
    }
    if "owner" in request.POST:
        data["owner"] = parse_id(request.POST["owner"])
        if data["owner"] is None:
            raise Invalid(_("Nobody of this workspace."), field="owner")
    raw = insight_form.complete(insight_form.read(request.POST))
    if "who" in raw:
        rule = segment_builder.unlocked(raw["who"], row.unit, row.customer_kind)
        data["rule"] = {"unit": row.unit, "customer_kind": row.customer_kind, "who": rule}
    seen = request.POST.get("seen", "")[:9]  # the version this page showed
    version = int(seen) if seen.isdecimal() else None
    outcome = actions.edit_segment.run(actor, data, target=row, version=version)
    if request.headers.get("HX-Request") is None:
        return redirect(address_of(row))
    answer = _page(request, queries.segment(actor, row.public_id))
    answer.headers["HX-Push-Url"] = address_of(row)
    return done(request, answer, _("Saved."), outcome)


@in_workspace(VIEW_SEGMENTS.name)
@require_POST
def delete(request: HttpRequest, segment: uuid.UUID) -> HttpResponse:
    """Take it out of sight; the answer is the list."""
    actor = _actor(request)
    row = queries.segment(actor, segment)
    outcome = actions.delete_segment.run(actor, {}, target=row)
    answer = _list(request)
    answer.headers["HX-Push-Url"] = reverse("analytics:segments", args=[row.workspace.slug])
    return done(request, answer, _("%(name)s is deleted.") % {"name": row.name}, outcome)


@in_workspace(SEE_PEOPLE.name)
@never_cache
@require_safe
def file(request: HttpRequest, segment: uuid.UUID) -> HttpResponseBase:
    """Its members as CSV, however many, written while they are read."""
    actor = _actor(request)
    row = queries.segment(actor, segment)
    scope = scope_of(actor)
    segment_members.of(row, scope)  # said before the first line, if it asks about a segment that is gone
    actions.export_segment.run(actor, {}, target=row)
    return streamed(
        sheet.written(segment_members.table(row, scope)), f"{row.name}.csv", "text/csv; charset=utf-8"
    )
