"""Why a series cannot be read or a question cannot be asked, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from tongpin.lib.effects import SpecError
from tongpin.lib.series import SeriesError
from tongpin.modules.goals.wording import findings
from tongpin.modules.goals.wording.numbers import day

Params = dict[str, Any]

_SPEC: dict[str, Callable[[Params], str]] = {
    "unknown_country": lambda p: _("No holidays are known for this country."),
    "launch_outside_series": lambda p: (
        _("The launch day must lie within the data, after %(start)s and up to %(end)s.")
        % {"start": day(p["start"]), "end": day(p["end"])}
    ),
    "window_out_of_range": lambda p: _("The window must be between %(low)s and %(high)s days.") % p,
    "partial_days_out_of_range": lambda p: _("The roll-out can take between %(low)s and %(high)s days.") % p,
    "level_out_of_range": lambda p: _("The level of the interval must be at least 50% and below 100%."),
    "size_not_positive": lambda p: _("Enter a size above zero; the direction is chosen beside it."),
    "decrease_over_100": lambda p: _("Nothing can fall by 100% or more."),
    "worth_above_expected": lambda p: _("The smallest size worth having cannot be above the expected one."),
    "scale_needs_positive": lambda p: _("Measuring in per cent needs values above zero on every day."),
    "scale_needs_share": lambda p: _("This needs shares between 0% and 100%."),
    "no_base_for_relative": lambda p: _(
        "The metric is too near zero for a size in per cent; give it in the metric’s unit."
    ),
    "points_need_share": lambda p: _(
        "Percentage points only make sense for a metric that is a share; use per cent or the metric’s unit."
    ),
}

SPEC_CODES = frozenset(_SPEC)

_SPEC_HINT: dict[str, Callable[[], str]] = {
    "unknown_country": lambda: _("Take another country, or no holidays."),
    "launch_outside_series": lambda: _("Take the day it was first visible, or bring data around it."),
    "window_out_of_range": lambda: _("Two to six weeks suit most metrics."),
    "partial_days_out_of_range": lambda: _("Take the day it reached most people as the launch instead."),
    "level_out_of_range": lambda: _("95% is usual."),
    "size_not_positive": lambda: _("For example 5%."),
    "decrease_over_100": lambda: _("Give a smaller size, or one in the metric’s unit."),
    "worth_above_expected": lambda: _("Lower the one or raise the other."),
    "scale_needs_positive": lambda: _("Let the scale be chosen by the values."),
    "scale_needs_share": lambda: _("Let the scale be chosen by the values."),
    "no_base_for_relative": lambda: _("For example 12 instead of 5%."),
    "points_need_share": lambda: _("For example 5% instead of 5 points."),
}
SPEC_HINTS = frozenset(_SPEC_HINT)


def spec_hint(code: str) -> str:
    """What to do about a question that cannot be asked so; "" for a code that is not known."""
    words = _SPEC_HINT.get(code)
    return words() if words else ""


def series_error(error: SeriesError) -> str:
    """Why the input is no series, with what to do about it."""
    return " ".join(filter(None, [findings.error(error), findings.hint(error)]))


def spec_error(error: SpecError) -> str:
    """A question that cannot be asked so, in the reader's language."""
    return by_code(error.code, error.params)


def by_code(code: str, params: Params) -> str:
    """The same for a failure kept on a look back; an unforeseen one says so."""
    words = _SPEC.get(code)
    if words is not None:
        return words(params)
    return _("Something went wrong while computing. Nothing was lost; try again.")
