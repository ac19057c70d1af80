"""The day is over: alerts are judged. Row, firing and news are one transaction under the row's lock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import structlog

from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.store.client import QueryTooHeavy, StoreUnavailable
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.effects.alarms import Judged, Least
from tongpin.lib.series.types import Unit
from tongpin.modules.analytics import alert_events as events
from tongpin.modules.analytics import alert_judging, alert_series
from tongpin.modules.analytics.alert_judging import Watch
from tongpin.modules.analytics.enums import AlertRule, Unjudged
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.models import Alert, Firing
from tongpin.modules.analytics.permissions import JUDGE_ALERT
from tongpin.modules.analytics.queries import alert as queries

log = structlog.get_logger("tongpin.alerts")

DAY = timedelta(days=1)
MOST_DAYS = 7
"""After a longer time away the days before are left out: nobody acts on them any more."""


def watch_of(row: Alert) -> Watch:
    """What an alert judges. Raises Invalid where its insight cannot be read any more."""
    least = Least(row.least_absolute, row.least_relative)
    return Watch(running.read(row.insight.question), row.series, AlertRule(row.rule), row.value, least)


@action("analytics.alert.judge", permission=JUDGE_ALERT.name, target=Alert, api=False)
def judge_alert(actor: Actor, row: Alert, data: Empty) -> Alert:
    """Judge the days that are over since the last time; nothing to do is nothing done."""
    assert actor.workspace is not None
    if row.paused_at is not None:
        return row
    scope = Scope.of(actor.workspace)
    try:
        watch = watch_of(row)
        last = alert_judging.last_day(watch, scope)
        if row.judged_until is not None and row.judged_until >= last:
            return row
        since = max(row.judged_until + DAY if row.judged_until else last, last - (MOST_DAYS - 1) * DAY)
        if queries.is_late(actor, scope, last):
            return _troubled(row, Unjudged.LATE)
        found = alert_judging.verdicts(actor.workspace, watch, scope, since, last)
    except (StoreUnavailable, QueryTooHeavy):
        return _troubled(row, Unjudged.STORE)
    except Invalid:
        return _troubled(row, Unjudged.QUESTION)
    for each in found:
        _take(row, each, share=alert_series.unit(watch.question) is Unit.SHARE)
    row.judged_until = last
    row.save(update_fields=["judged_until", "ringing_since", "trouble"])
    return row


def _troubled(row: Alert, why: Unjudged) -> Alert:
    if row.trouble != why:
        row.trouble = why
        row.save(update_fields=["trouble"])
    return row


def _take(row: Alert, found: Judged, *, share: bool) -> None:
    """One day's word: a run begins, goes on or ends. A day that was not judged changes nothing."""
    row.trouble = found.why
    if found.why or found.value is None:
        return
    if not found.unusual:
        if row.ringing_since is not None:
            row.ringing_since = None
            emit(events.AlertCalmed(name=row.name, day=found.day.isoformat()), row)
        return
    if row.ringing_since is not None:
        Firing.objects.filter(alert=row, day=row.ringing_since).update(last_day=found.day)
        return
    row.ringing_since = found.day
    band: dict[str, Any] = {
        "value": found.value,
        "expected": found.expected,
        "low": found.low,
        "high": found.high,
    }
    Firing.objects.update_or_create(
        alert=row,
        day=found.day,
        defaults={"workspace": row.workspace, "last_day": found.day, "reason": row.rule, **band},
    )
    told = row.muted_until is None or _today_after(row, found.day)
    emit(
        events.AlertRang(
            name=row.name, reason=row.rule, day=found.day.isoformat(), share=share, told=told, **band
        ),
        row,
    )


def _today_after(row: Alert, day: date) -> bool:
    assert row.muted_until is not None
    return day > row.muted_until


def run_due() -> int:
    """Judge every alert whose day is over; how many were looked at. One that fails does not keep the others."""
    looked = 0
    for row in queries.active():
        try:
            judge_alert.run(Actor.system(row.workspace), {}, target=row)
            looked += 1
        except Exception:
            log.exception("alert.not_judged", alert=str(row.public_id))
    return looked
