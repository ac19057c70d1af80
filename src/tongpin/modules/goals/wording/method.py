"""How a result was found, so that a colleague without statistics can retell it; and the figures behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tongpin.kernel.i18n.countries import country_name
from tongpin.lib.effects import Diagnostics, Effect, Method, Result, Scale, SizeUnit
from tongpin.modules.goals import sizes
from tongpin.modules.goals.wording import notes, numbers


def paragraphs(effect: Effect, metric: str, metric_unit: str = "") -> list[str]:
    """The method in plain words, with this result's own numbers."""
    if effect.method is Method.BEFORE_AFTER:
        return [_before_after(effect, metric, metric_unit)]
    return [
        _forecast(effect, metric, metric_unit),
        left_out(effect),
        _calibration(effect),
        _opinion(effect, metric_unit),
    ]


def _forecast(effect: Effect, metric: str, unit: str) -> str:
    found, share = effect.diagnostics, effect.unit == "share"
    said = {
        "metric": metric,
        "past": _steps(found.n_pre, found.step_days),
        "after": _steps(found.n_post, found.step_days),
        "start": numbers.day(found.pre_start) if found.pre_start else "–",
        "launch": numbers.day(effect.spec.launch),
        "expected": numbers.level(effect.expected_mean, unit, share=share),
        "actual": numbers.level(effect.actual_mean, unit, share=share),
        "parts": _parts(effect.spec.country),
    }
    text = (
        _(
            "From the %(past)s before %(launch)s (since %(start)s) we predicted how %(metric)s would"
            " have gone on without the"
            " launch: %(parts)s. For the %(after)s after, the prediction"
            " was %(expected)s a day on average; %(actual)s came. The difference is taken as the effect."
        )
        if found.step_days == 1
        else _(
            "From the %(past)s before %(launch)s (since %(start)s) we predicted how %(metric)s would"
            " have gone on without the"
            " launch: its level and how fast it drifts. For the %(after)s after, the prediction was"
            " %(expected)s on average;"
            " %(actual)s came. The difference is taken as the effect."
        )
    )
    return text % said


def _parts(country: str | None) -> str:
    """What a prediction of days knows of the metric."""
    if country is None:
        return _("its level, how fast it drifts and its weekly rhythm, without holidays")
    return _("its level, how fast it drifts, its weekly rhythm and the holidays (%(country)s)") % {
        "country": country_name(country)
    }


def _calibration(effect: Effect) -> str:
    found = effect.diagnostics
    if not found.placebo_count:
        return _(
            "The history is too short to try the prediction on the past, so the interval was widened"
            " to be on the safe side."
        )
    tried = ngettext(
        "To learn how far such predictions are off, we made the same one at %(n)s moment in the past"
        " when nothing launched.",
        "To learn how far such predictions are off, we made the same one at %(n)s moments in the"
        " past when nothing launched.",
        found.placebo_count,
    ) % {"n": numbers.number(found.placebo_count, 0)}
    if found.inflation > 1.005:
        outcome = _(
            "They were off more than the model believes, so the interval was widened %(factor)s times."
        )
        outcome %= {"factor": numbers.number(found.inflation, 2)}
    elif found.df is not None:
        outcome = _(
            "They were off no more than the model believes, but too few to rely on, so the interval was widened"
            " a little."
        )
    else:
        outcome = _("They were off no more than the model believes, so the interval stands as it is.")
    # Chinese sentences follow one another without a space.
    return pgettext("two sentences", "%(first)s %(second)s") % {"first": tried, "second": outcome}


def _opinion(effect: Effect, unit: str) -> str:
    opinion, second = effect.second_opinion, sizes.second(effect)
    if opinion is None or second is None:
        return ""
    estimate, told_in = second
    said = {
        "size": numbers.size(estimate.value, told_in, unit),
        "interval": numbers.interval(estimate, told_in),
    }
    if opinion.same_direction and not opinion.agrees:
        return (
            _(
                "A second, independent method (the widely used Bayesian one) sees the same direction but a"
                " different size: %(size)s %(interval)s."
            )
            % said
        )
    if opinion.agrees:
        return (
            _("A second, independent method (the widely used Bayesian one) agrees: %(size)s %(interval)s.")
            % said
        )
    return (
        _(
            "A second, independent method (the widely used Bayesian one) reads it differently: %(size)s %(interval)s."
        )
        % said
    )


def opinion_says(effect: Effect) -> str:
    """How the second method's reading stands to the first, shortly; "" without one."""
    opinion = effect.second_opinion
    if opinion is None:
        return ""
    if opinion.agrees:
        return _("An independent method agrees.")
    if opinion.same_direction:
        return _("An independent method: same direction, different size.")
    return _("An independent method reads it differently: take the result with care.")


def left_out(effect: Effect) -> str:
    """How many days of the window did not count, and why; "" where all did."""
    why = Counter(day.why for day in effect.days if day.in_window and not day.used)
    if not why or effect.diagnostics.step_days != 1:
        return ""
    reasons = _(", ").join(
        _("%(why)s %(days)s") % {"why": notes.why_left_out(code), "days": _steps(count, 1)}
        for code, count in why.most_common()
    )
    said = {"window": _steps(effect.spec.window_days, 1), "left": _steps(sum(why.values()), 1)}
    return _("Of the %(window)s of the window %(left)s did not count: %(reasons)s.") % (
        said | {"reasons": reasons}
    )


def _before_after(effect: Effect, metric: str, unit: str) -> str:
    share = effect.unit == "share"
    said = {
        "metric": metric,
        "before": numbers.level(effect.expected_mean, unit, share=share),
        "after": numbers.level(effect.actual_mean, unit, share=share),
    }
    return (
        _(
            "There was too little to build a prediction on, so the days of the window were compared"
            " with as many days before,"
            " weekday by weekday: %(metric)s was %(before)s before and %(after)s after. Season,"
            " holidays and anything else"
            " that happened are all in this difference, so it is a description and not an effect."
        )
        % said
    )


def change_our_mind(effect: Effect) -> str:
    """What would change the result (ux.md §5.4)."""
    if effect.method is Method.BEFORE_AFTER:
        return _("More days before the launch, or a group that did not get it.")
    blocked = _UNBLOCK.get(effect.reasons[0].code) if effect.reasons else None
    if effect.result is Result.CANT_TELL and blocked:
        return blocked()
    if effect.result is Result.CANT_TELL:
        return _("A longer window, a quieter metric, or a comparison group would narrow the interval.")
    if effect.halves_differ:
        return _(
            "The two halves of the window differ. Look again over a later window before building on this."
        )
    return _(
        "Something else that changed on the same days, or an effect that wears off: look again after"
        " twice the window."
    )


_UNBLOCK: dict[str, Callable[[], str]] = {
    "window_not_over": lambda: _("The days that are still to come."),
    "data_end_early": lambda: _("The days that the pasted data do not have yet."),
    "data_gap": lambda: _("The values that are missing: bring them, or take a metric that has them."),
    "holiday_in_window": lambda: _(
        "A window clear of the holiday, or history that holds the same holiday a year before."
    ),
    "overlap": lambda: _("A group that got only one of the two, or a window that holds only one."),
    "no_base_for_relative": lambda: _("An expectation in the metric’s own unit."),
}
"""What would lift a result that something other than noise forbids, by the code of the reason."""


def figures(effect: Effect, metric_unit: str = "") -> list[tuple[str, str]]:
    """The diagnostics, label and value, for those who want to check."""
    found = effect.diagnostics
    rows = [
        (
            _("Method"),
            _("State-space model") if effect.method is Method.STATE_SPACE else _("Before and after"),
        ),
        (_("Values before the launch"), _of(found.n_pre, found.missing_pre)),
        (_("Values in the window"), _of(found.n_post, found.missing_post)),
        (_("Scale of the model"), _scale(effect.scale)),
    ]
    if effect.method is Method.STATE_SPACE:
        rows += _modelled(effect, found, metric_unit)
    rows += [(_("Holiday in the window"), notes.treated(note)) for note in found.holidays]
    return rows


def _modelled(effect: Effect, found: Diagnostics, unit: str) -> list[tuple[str, str]]:
    rows = [
        (_("Predictions tried on the past"), numbers.number(found.placebo_count, 0)),
        (
            _("How far they were off (1 = as the model says)"),
            "–" if found.placebo_rms_z is None else numbers.number(found.placebo_rms_z, 2),
        ),
        (_("Outside their own 95% interval"), numbers.number(found.placebo_outside, 0)),
        (_("Interval widened by"), "×" + numbers.number(found.inflation, 2)),
        (_("Days far out of line before the launch"), numbers.number(found.outliers, 0)),
        (
            _("Left-over correlation from day to day"),
            "–"
            if found.residual_autocorrelation is None
            else numbers.number(found.residual_autocorrelation, 2),
        ),
    ]
    if found.df is not None:
        rows.append((_("Degrees of freedom"), numbers.number(found.df, 1)))
    if effect.cumulative is not None and effect.unit != "share":
        total = numbers.amount(effect.cumulative.value, unit, signed=True)
        between = numbers.interval(effect.cumulative, SizeUnit.ABSOLUTE)
        rows.append((_("Sum over the window"), f"{total} {between}".strip()))
    return rows


def _scale(scale: Scale) -> str:
    return {
        Scale.LOG: _("per cent (logarithm)"),
        Scale.LOGIT: _("shares (log odds)"),
        Scale.LINEAR: _("the metric’s own unit"),
        Scale.AUTO: _("chosen by the values"),
    }[scale]


def _steps(count: int, step_days: int) -> str:
    if step_days == 1:
        return ngettext("%(n)s day", "%(n)s days", count) % {"n": numbers.number(count, 0)}
    return ngettext("%(n)s week", "%(n)s weeks", count) % {"n": numbers.number(count, 0)}


def _of(count: int, missing: int) -> str:
    if not missing:
        return numbers.number(count, 0)
    return _("%(count)s (%(missing)s missing)") % {
        "count": numbers.number(count, 0),
        "missing": numbers.number(missing, 0),
    }
