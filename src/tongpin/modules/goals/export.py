"""The days of a result as CSV that Excel opens with the right characters and never as a formula."""

from __future__ import annotations

import csv
import io

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.lib.effects import Effect
from tongpin.modules.goals.wording import notes

BOM = "\ufeff"
# The wide forms as well: a spreadsheet set to Chinese or Japanese reads them as the narrow ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(text: str) -> str:
    """Text that a spreadsheet shows and does not run: a leading apostrophe where it would be a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def days_csv(effect: Effect, metric: str) -> str:
    """A row for each day: value, what was expected without the launch, the range, and whether it counted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        [
            _("Day"),
            safe(metric),
            _("Forecast (no launch)"),
            _("Range from"),
            _("Range to"),
            _("In the window"),
            pgettext("a day", "Counted"),
            _("Reason left out"),
        ]
    )
    for day in effect.days:
        writer.writerow(
            [
                day.day.isoformat(),
                _number(day.actual),
                _number(day.expected),
                _number(day.low),
                _number(day.high),
                _("yes") if day.in_window else _("no"),
                _("yes") if day.used else _("no"),
                safe(notes.why_left_out(day.why)) if day.why else "",
            ]
        )
    return BOM + out.getvalue()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"
