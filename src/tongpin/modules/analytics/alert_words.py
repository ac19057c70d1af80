"""Alerts in words: when they ring, how they stand, what happened on a day."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.kernel import clock
from tongpin.modules.analytics.enums import AlertRule
from tongpin.modules.analytics.models import Alert
from tongpin.modules.analytics.shown.words import number, percent


def day(of: date) -> str:
    """A date in the reader's language."""
    return date_format(of, "SHORT_DATE_FORMAT")


def figure(value: float | None, *, share: bool) -> str:
    """A value of the series."""
    return percent(value) if share else number(value)


def rule(row: Alert, *, share: bool) -> str:
    """When it rings."""
    value = figure(row.value, share=share)
    if row.rule == AlertRule.ABOVE:
        return _("above %(value)s") % {"value": value}
    if row.rule == AlertRule.BELOW:
        return _("below %(value)s") % {"value": value}
    if row.rule == AlertRule.CHANGE:
        return _("%(share)s off the same weekday a week before") % {"share": percent(row.value)}
    return _("unusual, and at least %(share)s off") % {"share": percent(row.least_relative)}


def state(row: Alert) -> tuple[str, str, str]:
    """How it stands, the badge's kind, and its icon: said in a word, never by colour alone."""
    # icons: circle-pause bell-off bell-ring circle-help clock circle-check
    if row.paused_at is not None:
        return pgettext("alert", "Paused"), "", "circle-pause"
    if row.ringing_since is not None:
        return _("Ringing since %(day)s") % {"day": day(row.ringing_since)}, "bad", "bell-ring"
    if row.trouble:
        return _("Not judged: %(why)s") % {"why": row.get_trouble_display()}, "warn", "circle-help"
    if row.judged_until is None:
        return _("Not judged yet"), "", "clock"
    return pgettext("alert", "Quiet"), "good", "circle-check"


def muted(row: Alert) -> str:
    """Until when nobody is told; "" if everybody is."""
    assert row.workspace is not None
    if row.muted_until is None or row.muted_until < clock.today(row.workspace.time_zone):
        return ""
    return _("Muted until %(day)s") % {"day": day(row.muted_until)}


def happened(
    reason: str,
    value: float,
    band: tuple[float | None, float | None, float | None],
    *,
    share: bool,
) -> str:
    """What a day was like; ``band`` is what was expected, and its lower and upper bound."""
    expected, low, high = (figure(each, share=share) for each in band)
    said = figure(value, share=share)
    if reason == AlertRule.ABOVE:
        return _("%(value)s, above %(bound)s") % {"value": said, "bound": high}
    if reason == AlertRule.BELOW:
        return _("%(value)s, below %(bound)s") % {"value": said, "bound": low}
    if reason == AlertRule.CHANGE:
        return _("%(value)s, a week before %(before)s") % {"value": said, "before": expected}
    return _("%(value)s, expected %(expected)s; normal noise is %(low)s to %(high)s") % {
        "value": said,
        "expected": expected,
        "low": low,
        "high": high,
    }
