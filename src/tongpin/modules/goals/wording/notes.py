"""Reasons, warnings and next steps: the engine says a code, this says the words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongpin.lib.effects import HolidayNote, Note
from tongpin.modules.goals.wording.numbers import day, number, short_day

Params = dict[str, Any]


def _days(count: Any) -> str:
    return ngettext("%(n)s day", "%(n)s days", int(count)) % {"n": number(int(count), 0)}


def _weeks(count: Any) -> str:
    return ngettext("%(n)s week", "%(n)s weeks", int(count)) % {"n": number(int(count), 0)}


def _span(p: Params, name: str) -> str:
    """So many values, which are days or weeks; results of earlier versions have only days."""
    return _weeks(p[name]) if p.get("step") == 7 else _days(p[name])


def holiday(kind: str) -> str:
    """The name of a kind of special day."""
    names = {
        "spring_before": _("the week before Spring Festival"),
        "spring_festival": _("Spring Festival"),
        "spring_after": _("the week after Spring Festival"),
        "long_off": _("a long holiday"),
        "long_weekend": _("a long holiday"),
        "year_end": _("the end of the year"),
        "short_off": _("a short holiday"),
        "makeup_workday": _("a make-up workday"),
        "shopping_618": _("618"),
        "shopping_double11": _("Double 11"),
    }
    return names.get(kind, _("a holiday"))


def _overlap(p: Params) -> str:
    if p.get("label"):
        return _("“%(label)s” launched on %(day)s, too close to tell the two apart.") % {
            "label": p["label"],
            "day": day(p["day"]),
        }
    return _("Something else launched on %(day)s, too close to tell the two apart.") % {"day": day(p["day"])}


def _holiday_in_window(p: Params) -> str:
    if not p.get("start"):
        return _("Holidays fall into the window, and the past cannot say what they do to this metric.")
    said = {"holiday": holiday(str(p.get("kind"))), "start": day(p["start"]), "end": day(p["end"])}
    return (
        _(
            "The window holds %(holiday)s (%(start)s to %(end)s), and the history holds none like it to compare with."
        )
        % said
    )


def _window_not_over(p: Params) -> str:
    said = {"so_far": _days(p["days_so_far"]), "left": _days(p["days_left"]), "ready": day(p["ready_on"])}
    return (
        _("The window is not over: %(so_far)s seen, %(left)s to go. The result can be read from %(ready)s.")
        % said
    )


_SAY: dict[str, Callable[[Params], str]] = {
    # reasons
    "before_after_only": lambda p: _(
        "Only a before-and-after comparison was possible, and that is not evidence of cause."
    ),
    "guardrail_breached": lambda p: _("A guardrail metric got worse, so it counts as partly met at most."),
    "interval_below_zero": lambda p: _("The whole interval lies on the wrong side of zero."),
    "below_worth": lambda p: _(
        "There is an effect, but even its upper end is below the smallest size worth having."
    ),
    "above_zero_and_expected": lambda p: _(
        "The interval lies above zero and the estimate reaches the expectation."
    ),
    "above_zero_below_expected": lambda p: _(
        "The interval lies above zero, but the estimate stays below the expectation."
    ),
    "expected_ruled_out": lambda p: _("The interval includes zero and rules the expected size out."),
    "interval_too_wide": lambda p: _(
        "The interval includes both “no effect” and “as expected”: the metric’s normal noise is too"
        " large for this window."
    ),
    "no_expectation": lambda p: _(
        "No expectation was written down, so the result only says whether there was an effect."
    ),
    "no_days_after": lambda p: _("There are no days after the launch to look at."),
    "no_days_before": lambda p: _("There are no days before the launch to compare with."),
    "too_little_data": lambda p: (
        _("Too little history: %(have)s before the launch; the method needs %(need)s, better %(safe)s.")
        % {"have": _span(p, "have"), "need": _span(p, "need"), "safe": _span({"safe": p["need"]} | p, "safe")}
    ),
    "no_variation": lambda p: _(
        "Before the launch the values repeat exactly, so there is no noise to judge by."
    ),
    "no_base_for_relative": lambda p: _(
        "The metric is too near zero for a size in per cent; give the expectation in the metric’s unit."
    ),
    "window_not_over": _window_not_over,
    "data_end_early": lambda p: (
        _("The data end on %(last)s, before the window does on %(end)s.")
        % {"last": day(p["last_day"]), "end": day(p["window_end"])}
    ),
    "overlap": _overlap,
    "holiday_in_window": _holiday_in_window,
    "data_gap": lambda p: (
        _("Too much of the window has no value: %(have)s there, %(need)s needed.")
        % {"have": _span(p, "have"), "need": _span(p, "need")}
    ),
    # warnings
    "short_history": lambda p: (
        _(
            "Short history: %(have)s before the launch where %(need)s would be safe, so the interval was widened."
        )
        % {"have": _span(p, "have"), "need": _span(p, "need")}
    ),
    "window_cannot_confirm": lambda p: _("A window this short cannot confirm the size that was expected."),
    "mostly_zero": lambda p: _("Most days are zero, so a few days decide the result; take it with care."),
    "second_opinion_disagrees": lambda p: _(
        "The second method reads it differently; take the result with care."
    ),
    "second_opinion_size": lambda p: _(
        "The second method sees the same direction and a different size; take the size with care."
    ),
    "effect_fades": lambda p: _(
        "The effect faded within the window: the second half is weaker than the first."
    ),
    "effect_grows": lambda p: _(
        "The effect grew within the window: the second half is stronger than the first."
    ),
    "effect_turned": lambda p: _(
        "The effect turned within the window: up in one half, down in the other. Look at the days before"
        " believing the average."
    ),
    "level_shift": lambda p: (
        _("The metric jumped once before, around %(day)s, %(ago)s before this launch.")
        % {"day": day(p["day"]), "ago": _days(p["ago"])}
        if "ago" in p
        else _("The metric jumped once before, around %(day)s.") % {"day": day(p["day"])}
    ),
    "level_shift_near": lambda p: (
        _(
            "The metric jumped around %(day)s, only %(ago)s before this launch. Few days say what it was like"
            " since: doubt the result."
        )
        % {"day": day(p["day"]), "ago": _days(p["ago"])}
    ),
    "weekly_window": lambda p: (
        _("Whole weeks only: the window read is %(weeks)s, %(start)s to %(end)s.")
        % {"weeks": _weeks(p["weeks"]), "start": day(p["start"]), "end": day(p["end"])}
    ),
    "missing_days": lambda p: (
        _(
            "Days without a value: %(pre)s before, %(post)s within the window. They were left out, not counted as 0."
        )
        % {"pre": number(p["pre"], 0), "post": number(p["post"], 0)}
    ),
    "running_day_dropped": lambda p: (
        _("The day that is still running (%(day)s) was left out.") % {"day": day(p["day"])}
    ),
    "history_capped": lambda p: (
        _("Only the last %(steps)s values before the launch were used.") % {"steps": number(p["steps"], 0)}
    ),
    "partial_days_dropped": lambda p: (
        _("%(days)s of the roll-out were left out of both sides.") % {"days": _days(p["days"])}
    ),
    "linear_scale": lambda p: _(
        "The values include zero or near-zero days, so changes were measured in units and not in per cent."
    ),
    "told_in_units": lambda p: _(
        "The interval reaches to where nothing would be left without the launch, so the change is told in units"
        " and not in per cent."
    ),
    "linear_scale_share": lambda p: _("The shares touch 0% or 100%, so changes were measured in points."),
    "weekly_data": lambda p: _(
        "The values are weekly, so weekdays and single holidays could not be taken into account."
    ),
    "holidays_dropped": lambda p: (
        _("%(days)s of holidays in the window were left out.") % {"days": _days(p["days"])}
    ),
    # next steps
    "wait_for_window": lambda p: _("Wait until %(ready)s and look again.") % {"ready": day(p["ready_on"])},
    "launch_apart": lambda p: _("Next time, launch the two far enough apart, or judge them as one."),
    "window_beyond_holiday": lambda p: (
        _("Move the window behind %(end)s, clear of the holiday, and look again.")
        % {"end": short_day(p["end"])}
    ),
    "longer_window": lambda p: (
        _("Watch longer: about %(weeks)s would show the expected size.") % {"weeks": _weeks(p["weeks"])}
    ),
    "longer_window_not_enough": lambda p: (
        _("A longer window alone will not do: even %(weeks)s would be too noisy.")
        % {"weeks": _weeks(p["weeks"])}
    ),
    "write_an_expectation": lambda p: _(
        "Write down what you expected: then it can be said how long to watch for an effect of that size."
    ),
    "longer_history": lambda p: (
        _("Bring more history: %(need)s before the launch instead of %(have)s.")
        % {"need": _span(p, "need"), "have": _span(p, "have")}
    ),
    "nearer_metric": lambda p: _(
        "Take a metric nearer to the change, one that only it can move: first use, completion of the step."
    ),
    "give_to_a_part_first": lambda p: _(
        "Next time give it to a part first (some cities, some accounts): the rest is the comparison group."
    ),
}

CODES = frozenset(_SAY)
"""Every code that has words; a test holds it against the engine's."""


def say(note: Note) -> str:
    """The note in a sentence of the reader's language; an unknown code is shown as it is."""
    words = _SAY.get(note.code)
    return words(note.params) if words else note.code.replace("_", " ")


def why_left_out(code: str) -> str:
    """Why a day did not count: no value, the roll-out, a weekday the history never has, or a holiday."""
    words = {
        "missing": _("no value"),
        "partial": _("roll-out"),
        "new_weekday": _("weekday never seen before"),
    }
    return words[code] if code in words else holiday(code)


def treated(note: HolidayNote) -> str:
    """A holiday of the window and what was done about it."""
    said = {"holiday": holiday(note.kind), "start": day(note.start), "end": day(note.end)}
    match note.treatment:
        case "modelled":
            return _("%(holiday)s, %(start)s to %(end)s: its usual effect is part of the forecast.") % said
        case "dropped":
            return _("%(holiday)s, %(start)s to %(end)s: left out.") % said
        case _other:
            return (
                _("%(holiday)s, %(start)s to %(end)s: nothing like it in the history, so no result.") % said
            )
