"""A concluded look back as its page tells it: the word, the picture, the numbers, the reasons, the method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tongpin.lib.effects import Effect, Estimate, Evidence, Result, SizeUnit
from tongpin.lib.series import Finding, Severity
from tongpin.modules.goals import charts, interval_bar, sizes
from tongpin.modules.goals.follow_ups import FollowUp, follow_ups
from tongpin.modules.goals.interval_bar import IntervalBar
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.told import CHIP
from tongpin.modules.goals.wording import findings, method, notes, numbers, results


@dataclass(frozen=True, slots=True)
class Told:
    """Everything the result page shows, in the reader's language."""

    chip: str
    word: str
    too_small: bool
    evidence: str
    evidence_long: str
    answer: str
    answer_with_interval: str
    expected: str
    worth: str
    measured: str
    interval: str
    observed_only: bool
    chances: list[tuple[str, str]]
    bar: IntervalBar | None
    chart: dict[str, Any]
    window: str
    reasons: list[str]
    next_steps: list[str]
    warnings: list[str]
    method: list[str]
    change_our_mind: str
    follow_ups: list[FollowUp]
    left_out: int
    halves: list[tuple[str, str]]
    halves_differ: bool
    opinion: str
    opinion_agrees: bool | None
    opinion_says: str
    figures: list[tuple[str, str]]
    weeks: list[dict[str, Any]]
    days: list[dict[str, Any]]
    data_notes: list[str]
    data_warnings: list[str]


def tell(row: LookBack) -> Told:
    """The page of a concluded look back. Raises UnknownVersion for a result of a newer program."""
    effect = row.to_effect()
    assert effect is not None, "only a concluded look back has an outcome"
    lead = sizes.lead(effect, row.unit)
    metric = numbers.clamped(row.metric)
    spec = effect.spec
    expected = sizes.asked(spec.expected, spec.direction, row.unit) if spec.expected else ""
    worth = sizes.asked(spec.worth, spec.direction, row.unit) if spec.worth else ""
    answer = results.answer(effect, metric, row.unit)
    bar = interval_bar.bar(lead, spec.direction, expected, worth) if lead else None
    kept = [_finding(found) for found in row.findings]
    return Told(
        chip=CHIP[effect.result],
        word=results.word(effect.result),
        too_small=effect.result is Result.MISSED_TOO_SMALL,
        evidence=effect.evidence.value,
        evidence_long=results.evidence_long(effect.evidence),
        answer=answer,
        answer_with_interval=f"{answer} {bar.says}" if bar else answer,
        expected=expected,
        worth=worth,
        measured=lead.value if lead else "",
        interval=lead.interval if lead else "",
        observed_only=effect.evidence is Evidence.D,
        chances=results.chances(effect),
        bar=bar,
        chart=charts.of_effect(effect, row.to_series(), metric),
        window=_("%(start)s to %(end)s")
        % {"start": numbers.day(spec.window_start), "end": numbers.day(spec.window_end)},
        reasons=[notes.say(note) for note in effect.reasons],
        next_steps=[notes.say(note) for note in effect.next_steps],
        warnings=[notes.say(note) for note in effect.warnings],
        method=[text for text in method.paragraphs(effect, metric, row.unit) if text],
        change_our_mind=method.change_our_mind(effect),
        follow_ups=follow_ups(row, effect),
        left_out=sum(day.in_window and not day.used for day in effect.days),
        halves=halves(effect, row.unit),
        halves_differ=bool(effect.halves_differ),
        opinion=_opinion(effect, row.unit),
        opinion_agrees=effect.second_opinion.agrees if effect.second_opinion else None,
        opinion_says=method.opinion_says(effect),
        figures=method.figures(effect, row.unit),
        weeks=_weeks(effect, row.unit),
        days=days(effect, row.unit),
        data_notes=[findings.say(found) for found in kept if found.severity is Severity.INFO],
        data_warnings=[findings.say(found) for found in kept if found.severity is not Severity.INFO],
    )


def _finding(data: dict[str, Any]) -> Finding:
    return Finding(
        data["code"], Severity(data["severity"]), data["params"], tuple(data["rows"]), data["count"]
    )


def halves(effect: Effect, unit: str) -> list[tuple[str, str]]:
    """The first and the last half of the window, to see whether the effect wears off."""
    lead = sizes.lead_unit(effect)
    found = (effect.first_half_absolute, effect.last_half_absolute)
    if None in found or (lead is SizeUnit.RELATIVE and effect.relative is not None):
        found = (effect.first_half, effect.last_half)
        lead = SizeUnit.RELATIVE if effect.relative is not None else lead
    return [
        (label, _said(half, lead, unit))
        for label, half in zip((_("First half"), _("Second half")), found, strict=True)
        if half is not None
    ]


def _said(estimate: Estimate, unit: SizeUnit, metric_unit: str) -> str:
    return f"{numbers.size(estimate.value, unit, metric_unit)} {numbers.interval(estimate, unit)}".strip()


def _opinion(effect: Effect, metric_unit: str) -> str:
    second = sizes.second(effect)
    if second is None:
        return ""
    return _said(*second, metric_unit)


def _weeks(effect: Effect, unit: str) -> list[dict[str, Any]]:
    share = effect.unit == "share"
    return [
        {
            "start": numbers.day(week.start),
            "actual": numbers.level(week.actual, unit, share=share),
            "expected": numbers.level(week.expected, unit, share=share),
            "range": _range(week.low, week.high, unit, share),
            "in_window": week.in_window,
        }
        for week in effect.weeks
    ]


def days(effect: Effect, unit: str) -> list[dict[str, Any]]:
    """The table beside the chart: every day of the window and the two weeks before."""
    share = effect.unit == "share"
    first = next((i for i, point in enumerate(effect.days) if point.in_window), 0)
    return [
        {
            "day": numbers.day(point.day),
            "actual": numbers.level(point.actual, unit, share=share),
            "expected": numbers.level(point.expected, unit, share=share),
            "range": _range(point.low, point.high, unit, share),
            "in_window": point.in_window,
            "why": notes.why_left_out(point.why) if point.why and not point.used else "",
        }
        for point in effect.days[max(0, first - 14) :]
    ]


def _range(low: float | None, high: float | None, unit: str, share: bool) -> str:
    if low is None or high is None:
        return "–"
    return f"{numbers.level(low, unit, share=share)} – {numbers.level(high, unit, share=share)}"
