"""The word of a result, its evidence, and the one sentence that answers "did it work?"."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tongpin.lib.effects import Direction, Effect, Evidence, Result
from tongpin.modules.goals import sizes
from tongpin.modules.goals.wording import notes, numbers


def word(result: Result) -> str:
    """The result in a word or two (product rule 6)."""
    return {
        Result.MET: _("Met"),
        Result.PARTLY: _("Partly met"),
        Result.MISSED: _("Missed"),
        Result.MISSED_TOO_SMALL: _("Missed: too small to matter"),
        Result.NEGATIVE: _("Negative"),
        Result.CANT_TELL: _("Can’t tell yet"),
    }[result]


def evidence(grade: Evidence) -> str:
    """What the result rests on."""
    return {
        Evidence.A: _("A randomised"),
        Evidence.B: _("B comparison group"),
        Evidence.C: _("C modelled from its own past"),
        Evidence.D: _("D before and after only"),
    }[grade]


def evidence_long(grade: Evidence) -> str:
    """How far that may be trusted, in a sentence."""
    return {
        Evidence.A: _("People were assigned at random, so the difference is the effect."),
        Evidence.B: _("Measured against a group that did not get it."),
        Evidence.C: _(
            "Measured against what the metric’s own past made likely. Anything else that changed on the same days"
            " would be in this number too."
        ),
        Evidence.D: _(
            "A plain comparison of the days before and after. It describes what happened; it is not"
            " evidence of cause."
        ),
    }[grade]


def answer(effect: Effect, metric: str, metric_unit: str = "") -> str:
    """Did it work? One sentence."""
    lead = sizes.lead(effect, metric_unit)
    if lead is None:
        return notes.say(effect.reasons[0]) if effect.reasons else _("Nothing could be measured.")
    rose = lead.estimate.value >= 0
    size = lead.say(abs(lead.estimate.value), signed=False)
    said = {"metric": metric, "size": size, "interval": lead.interval}
    expected = effect.spec.expected
    said["expected"] = sizes.asked(expected, effect.spec.direction, metric_unit) if expected else ""
    if effect.evidence is Evidence.D:
        return (
            _("%(metric)s was %(size)s higher after than before. That alone does not say why.")
            if rose
            else _("%(metric)s was %(size)s lower after than before. That alone does not say why.")
        ) % said
    moved = (_("rose by %(size)s") if rose else _("fell by %(size)s")) % said
    return _sentence(effect, expected is not None) % (said | {"moved": moved})


def _sentence(effect: Effect, has_expectation: bool) -> str:
    match effect.result:
        case Result.MET if has_expectation:
            return _("It worked: %(metric)s %(moved)s, at least the %(expected)s you expected.")
        case Result.MET:
            return _("It worked: %(metric)s %(moved)s.")
        case Result.PARTLY if has_expectation:
            return _("It worked, but less than expected: %(metric)s %(moved)s, you expected %(expected)s.")
        case Result.PARTLY:
            return _("It worked, but less than it should: %(metric)s %(moved)s.")
        case Result.MISSED if has_expectation:
            return _(
                "It did not do what was expected: %(expected)s is ruled out. The best guess is that"
                " %(metric)s %(moved)s."
            )
        case Result.MISSED:
            return _(
                "It did not do enough: the smallest change worth having is ruled out. The best guess"
                " is that %(metric)s %(moved)s."
            )
        case Result.MISSED_TOO_SMALL:
            return _("It moved %(metric)s, but too little to matter: %(metric)s %(moved)s.")
        case Result.NEGATIVE if effect.spec.direction is Direction.UP:
            return _("It made things worse: %(metric)s %(moved)s.")
        case Result.NEGATIVE:
            return _("It made things worse: %(metric)s %(moved)s, and lower would be better.")
        case _other if _is_blocked(effect):
            return _(
                "We can’t tell yet. %(metric)s %(moved)s against the forecast, but that need not be the"
                " launch’s doing."
            )
        case _other:
            return _(
                "We can’t tell yet. The best guess is that %(metric)s %(moved)s, but anything within"
                " %(interval)s fits the data."
            )


def _is_blocked(effect: Effect) -> bool:
    """Whether something other than noise (a holiday, another launch) forbids a word."""
    return effect.result is Result.CANT_TELL and all(
        note.code != "interval_too_wide" for note in effect.reasons
    )


def chances(effect: Effect) -> list[tuple[str, str]]:
    """What is said beside the estimate: label and value."""
    said: list[tuple[str, str]] = []
    # They are chances given that nothing else happened; beside "can't tell" they would claim the opposite.
    if _is_blocked(effect):
        return said
    if effect.p_positive is not None:
        said.append((_("Chance it helped at all"), numbers.chance(effect.p_positive)))
    if effect.p_expected is not None:
        said.append((_("Chance it reached the expectation"), numbers.chance(effect.p_expected)))
    # Less than nothing of an expectation is no share of it.
    if effect.attainment is not None and effect.attainment > 0 and effect.evidence is not Evidence.D:
        said.append((_("Reached of the expectation"), numbers.percent(effect.attainment, digits=0)))
    return said
