"""The days of a result as CSV that Excel opens with the right characters and never as a formula."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.lib import sheet
from tongpin.lib.effects import Effect
from tongpin.modules.goals.wording import notes


def days_csv(effect: Effect, metric: str) -> str:
    """A row for each day: value, what was expected without the launch, the range, and whether it counted."""
    head = [
        _("Day"), metric, _("Forecast (no launch)"), _("Range from"), _("Range to"), _("In the window"),
        pgettext("a day", "Counted"), _("Reason left out"),
    ]  # fmt: skip
    rows = [
        [
            day.day.isoformat(),
            _number(day.actual),
            _number(day.expected),
            _number(day.low),
            _number(day.high),
            _("yes") if day.in_window else _("no"),
            _("yes") if day.used else _("no"),
            notes.why_left_out(day.why) if day.why else "",
        ]
        for day in effect.days
    ]
    return sheet.write([head, *rows])


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"
