"""Words shared by every screen: results, evidence, how long ago."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tongpin.kernel import clock
from tongpin.kernel.errors import Text

# icons: circle-check circle-dot circle-minus trending-down circle-question-mark eye
#: State of a result: css name, icon, word. The icons differ in shape, so colour is never alone.
RESULTS: dict[str, tuple[str, str, Text]] = {
    "met": ("met", "circle-check", gettext_lazy("Met")),
    "partly": ("partly", "circle-dot", gettext_lazy("Partly met")),
    "missed": ("missed", "circle-minus", gettext_lazy("Missed")),
    "negative": ("negative", "trending-down", gettext_lazy("Negative")),
    "unclear": ("unclear", "circle-question-mark", gettext_lazy("Can’t tell yet")),
    "watching": ("watching", "eye", gettext_lazy("Watching")),
}

EVIDENCE: dict[str, Text] = {
    "A": gettext_lazy("Randomised"),
    "B": gettext_lazy("Comparison group"),
    "C": gettext_lazy("Modelled"),
    "D": gettext_lazy("Before/after only"),
    "counted": gettext_lazy("Counted"),
}


def exact(when: datetime) -> str:
    """The moment in the reader's zone and language, with the zone."""
    local = timezone.localtime(when)
    return f"{formats.date_format(local, 'DATETIME_FORMAT')} {local.tzname()}"


def ago(when: datetime, *, short: bool = False) -> str:
    """How long ago (or ahead) in words; beyond a week the date, without the year if ``short``."""
    now = clock.now()
    gap = now - when
    if gap < timedelta(0):
        return _ahead(-gap, when)
    if gap < timedelta(seconds=45):
        return _("just now")
    if gap < timedelta(hours=1):
        minutes = max(1, round(gap.total_seconds() / 60))
        return ngettext("%(n)d min ago", "%(n)d min ago", minutes) % {"n": minutes}
    days = (timezone.localtime(now).date() - timezone.localtime(when).date()).days
    if days == 0 or gap < timedelta(hours=6):
        hours = max(1, round(gap.total_seconds() / 3600))
        return ngettext("%(n)d hour ago", "%(n)d hours ago", hours) % {"n": hours}
    if days == 1:
        return _("yesterday")
    if days < 8:
        return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}
    local = timezone.localtime(when)
    same_year = local.year == timezone.localtime(now).year
    return formats.date_format(local, "MONTH_DAY_FORMAT" if same_year or short else "DATE_FORMAT")


def _ahead(gap: timedelta, when: datetime) -> str:
    if gap < timedelta(hours=1):
        minutes = max(1, round(gap.total_seconds() / 60))
        return ngettext("in %(n)d min", "in %(n)d min", minutes) % {"n": minutes}
    days = (timezone.localtime(when).date() - timezone.localtime(clock.now()).date()).days
    if days == 0:
        hours = max(1, round(gap.total_seconds() / 3600))
        return ngettext("in %(n)d hour", "in %(n)d hours", hours) % {"n": hours}
    if days == 1:
        return _("tomorrow")
    if days < 8:
        return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}
    return formats.date_format(timezone.localtime(when), "DATE_FORMAT")
