"""Alerts 告警: the list, a new one with its preview, one with its history: parse, run an action, render."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongpin.kernel import authz
from tongpin.kernel.actions.registry import Action
from tongpin.kernel.errors import Invalid
from tongpin.kernel.store.client import QueryTooHeavy, StoreUnavailable
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.effects.alarms import Judged, Least
from tongpin.lib.ids import parse_id
from tongpin.lib.series.types import Unit
from tongpin.modules.analytics import alert_judging, alert_series, alert_words
from tongpin.modules.analytics.actions import alert as actions
from tongpin.modules.analytics.alert_forms import AlertForm
from tongpin.modules.analytics.alert_judging import Watch
from tongpin.modules.analytics.enums import AlertRule
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.models import Alert, Insight
from tongpin.modules.analytics.permissions import CREATE_ALERT, EDIT_ALERT, VIEW_ALERTS
from tongpin.modules.analytics.queries import alert as queries
from tongpin.modules.analytics.queries import insight as insights
from tongpin.modules.analytics.shown.marked import days as days_in_words
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done
from tongpin.ui.forms import refuse

PREVIEWED = 180
MUTES = (1, 3, 7, 30)
DAY = timedelta(days=1)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _slug(actor: Actor) -> str:
    assert actor.workspace is not None
    return actor.workspace.slug


@in_workspace(VIEW_ALERTS.name)
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """What is watched, newest first, and how it stands."""
    return _list(request)


def _list(request: HttpRequest) -> HttpResponse:
    actor = _actor(request)
    q = request.GET.get("q", "")[:200]
    page = queries.page(actor, q, request.GET.get("cursor", "")[:100])
    rows = [(row, alert_words.state(row), alert_words.muted(row)) for row in page.items]
    context = {"rows": rows, "next": page.next, "q": q, "any": bool(q) and queries.any_alert(actor)}
    return render(request, "analytics/alerts.html", context)


def _form(insight: Insight, data: Any = None, row: Alert | None = None) -> AlertForm:
    question = running.read(insight.question)
    choices = alert_series.choices(question)
    share = alert_series.unit(question) is Unit.SHARE
    if row is not None:
        return AlertForm.of(row, choices, share=share, data=data)
    initial = {
        "name": insight.name, "series": choices[0][0] if choices else "", "rule": AlertRule.UNUSUAL,
        "least_relative": "10",
    }  # fmt: skip
    return AlertForm(data, initial=initial, choices=choices, share=share)


@in_workspace(CREATE_ALERT.name)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, insight: uuid.UUID) -> HttpResponse:
    """An alert on an insight; what it would have said is shown before it is kept."""
    actor = _actor(request)
    row = insights.insight(actor, insight)
    form = _form(row, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            outcome = actions.create_alert.run(actor, {"insight": row.public_id, **form.data_of()})
        except Invalid as error:
            refuse(form, error)
        else:
            where = reverse("analytics:alert", args=[_slug(actor), outcome.value.public_id])
            if request.headers.get("HX-Request"):
                return HttpResponse(status=204, headers={"HX-Redirect": where})
            return redirect(where)
    delay = alert_series.delay(running.read(row.question))
    context = {"insight": row, "form": form, "possible": bool(form.fields["series"].choices), "delay": delay}  # type: ignore[attr-defined]
    return render(request, "analytics/alert_new.html", context, status=422 if form.errors else 200)


@in_workspace(VIEW_ALERTS.name)
@require_safe
def preview(request: HttpRequest, insight: uuid.UUID) -> HttpResponse:
    """What an alert with the fields of the address would have said of the last days of the series."""
    row = insights.insight(_actor(request), insight)
    form = _form(row, request.GET)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        data = form.data_of()
        try:
            actions.check(row, data["series"], data["rule"], data["value"])
            least = Least(data["least_absolute"], data["least_relative"])
            watch = Watch(
                running.read(row.question), data["series"], AlertRule(data["rule"]), data["value"], least
            )
            context |= _history(_actor(request), watch)
        except (Invalid, StoreUnavailable, QueryTooHeavy) as problem:
            context["problem"] = problem
    return render(request, "analytics/_alert_preview.html", context)


def _history(actor: Actor, watch: Watch) -> dict[str, Any]:
    """The last days as they would have been judged: a chart, the runs, and how many days could not be."""
    assert actor.workspace is not None
    scope = Scope.of(actor.workspace)
    last = alert_judging.last_day(watch, scope)
    judged = alert_judging.verdicts(actor.workspace, watch, scope, last - (PREVIEWED - 1) * DAY, last)
    rang = [each for each in judged if each.unusual]
    share = alert_series.unit(watch.question) is Unit.SHARE
    near = queries.near(actor, judged[0].day, judged[-1].day) if rang else []
    runs = []
    for first, until in _runs(judged):
        names = [
            m.label
            for m in near
            if m.first <= until + queries.NEAR * DAY and m.last >= first.day - queries.NEAR * DAY
        ]
        runs.append(
            {
                "days": days_in_words(first.day, until),
                "what": alert_words.happened(
                    watch.rule, first.value or 0.0, (first.expected, first.low, first.high), share=share
                ),
                "near": _("About then: %(names)s") % {"names": " · ".join(list(dict.fromkeys(names))[:5])}
                if names
                else "",
            }
        )
    return {
        "chart": _chart(watch, judged, share=share),
        "runs": runs[::-1],
        "unusual": watch.rule == AlertRule.UNUSUAL,
        "normal": sum(not each.why and not each.unusual for each in judged),
        "unjudged": sum(bool(each.why) for each in judged),
        "days": len(judged),
        "all_short": all(each.why == "short" for each in judged),
    }


def _runs(judged: list[Judged]) -> list[tuple[Judged, Any]]:
    """Each run's first day, and the day it ended with; a day that was not judged does not end it."""
    found: list[tuple[Judged, Any]] = []
    is_on = False
    for each in judged:
        if each.why:
            continue
        if each.unusual:
            found[-1:] = [(found[-1][0], each.day)] if is_on else [*found[-1:], (each, each.day)]
        is_on = each.unusual
    return found


def _chart(watch: Watch, judged: list[Judged], *, share: bool) -> dict[str, Any]:
    times = 100 if share else 1
    names = {"value": dict(alert_series.choices(watch.question))[watch.series], "out": _("Rings")}
    banded = watch.rule in (AlertRule.UNUSUAL, AlertRule.CHANGE)
    if banded:
        names |= {"expected": pgettext("alert", "Expected"), "band": _("Normal noise")}
        if watch.rule == AlertRule.CHANGE:
            names |= {"expected": _("A week before"), "band": _("Within bounds")}
    else:
        names["expected"] = _("Threshold")

    def scaled(value: float | None) -> float | None:
        return None if value is None else round(value * times, 4)

    rows = []
    for each in judged:
        row: dict[str, Any] = {"date": each.day.isoformat(), "value": scaled(each.value)}
        if banded:
            row |= {"expected": scaled(each.expected), "low": scaled(each.low), "high": scaled(each.high)}
        else:
            row["expected"] = scaled(watch.value)
        if each.unusual:
            row["out"] = _("Rings")
        rows.append(row)
    return {"rows": rows, "names": names, "zero": not banded, **({"unit": "%"} if share else {})}


def _page(request: HttpRequest, row: Alert, form: AlertForm | None = None, status: int = 200) -> HttpResponse:
    actor = _actor(request)
    question = running.read(row.insight.question)
    share = alert_series.unit(question) is Unit.SHARE
    firings = queries.firings(row)
    told = [
        (
            each,
            days_in_words(each.day, each.last_day),
            alert_words.happened(each.reason, each.value, (each.expected, each.low, each.high), share=share),
        )
        for each in firings
    ]
    context = {
        "alert": row,
        "alert_key": str(row.public_id),
        "insight": row.insight,
        "form": form or _form(row.insight, row=row),
        "rule": alert_words.rule(row, share=share),
        "series": dict(alert_series.choices(question)).get(row.series, row.series),
        "state": alert_words.state(row),
        "muted": alert_words.muted(row),
        "firings": told,
        "kept": urlencode(_form(row.insight, row=row).initial),
        "mutes": MUTES,
        "delay": alert_series.delay(question),
        "may_edit": authz.can(actor, EDIT_ALERT.name, row),
    }
    return render(request, "analytics/alert.html", context, status=status)


@in_workspace(VIEW_ALERTS.name)
@require_http_methods(["GET", "POST"])
def alert(request: HttpRequest, alert: uuid.UUID) -> HttpResponse:
    """One alert: how it stands, its history, when it rang; its form for whoever may change it."""
    actor = _actor(request)
    row = queries.alert(actor, alert)
    if request.method == "GET":
        return _page(request, row)
    form = _form(row.insight, request.POST, row)
    if not form.is_valid():
        return _page(request, row, form, 422)
    try:
        outcome = actions.edit_alert.run(actor, form.data_of(), target=row)
    except Invalid as error:
        refuse(form, error)
        return _page(request, row, form, 422)
    return done(request, _page(request, queries.alert(actor, alert)), _("Changed."), outcome)


def _run(
    request: HttpRequest, alert: uuid.UUID, action: Action[Any], data: dict[str, Any], said: str
) -> HttpResponse:
    actor = _actor(request)
    outcome = action.run(actor, data, target=queries.alert(actor, alert))
    return done(request, _page(request, queries.alert(actor, alert)), said, outcome)


@in_workspace(VIEW_ALERTS.name)
@require_POST
def pause(request: HttpRequest, alert: uuid.UUID) -> HttpResponse:
    """Judge no further days."""
    return _run(request, alert, actions.pause_alert, {}, _("Paused. No day is judged."))


@in_workspace(VIEW_ALERTS.name)
@require_POST
def resume(request: HttpRequest, alert: uuid.UUID) -> HttpResponse:
    """Judge again."""
    return _run(request, alert, actions.resume_alert, {}, _("It judges again, from the last day on."))


@in_workspace(VIEW_ALERTS.name)
@require_POST
def mute(request: HttpRequest, alert: uuid.UUID) -> HttpResponse:
    """Tell nobody for some days."""
    asked = request.POST.get("days", "")[:3]
    count = int(asked) if asked.isascii() and asked.isdecimal() else 0
    said = _("Nobody is told for now.") if count else _("Watchers are told again.")
    return _run(request, alert, actions.mute_alert, {"days": count}, said)


@in_workspace(VIEW_ALERTS.name)
@require_POST
def owner(request: HttpRequest, alert: uuid.UUID) -> HttpResponse:
    """Who answers for it."""
    chosen = parse_id(request.POST.get("owner", ""))
    if chosen is None:
        raise Invalid(_("Nobody of this workspace."), field="owner")
    return _run(request, alert, actions.edit_alert, {"owner": chosen}, _("Changed."))


@in_workspace(VIEW_ALERTS.name)
@require_POST
def delete(request: HttpRequest, alert: uuid.UUID) -> HttpResponse:
    """Take it out of sight; the answer is the list."""
    actor = _actor(request)
    row = queries.alert(actor, alert)
    outcome = actions.delete_alert.run(actor, {}, target=row)
    answer = _list(request)
    answer.headers["HX-Push-Url"] = reverse("analytics:alerts", args=[_slug(actor)])
    return done(request, answer, _("%(name)s is deleted.") % {"name": row.name}, outcome)
