"""The answer as people read it and as programs do."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tongpin.kernel.i18n.countries import country_name
from tongpin.lib.effects import Effect, effect_to_json
from tongpin.lib.series import Question, Series, SeriesDraft
from tongpin.modules.goals import sizes
from tongpin.modules.goals.terminal.refusal import OPTIONS, SCHEMA, asked
from tongpin.modules.goals.wording import findings, method, notes, results

CHOICES_SHOWN = 6


def as_json(file: str, draft: SeriesDraft, series: Series, effect: Effect) -> dict[str, Any]:
    """Everything, under ``SCHEMA``."""
    return {
        "schema": SCHEMA,
        "file": file,
        "series": {
            "name": series.name,
            "unit": series.unit.value,
            "step_days": series.step_days,
            "start": series.start.isoformat(),
            "end": series.end.isoformat(),
            "observed": series.observed,
            "missing": len(series.missing_days()),
        },
        "findings": [{**finding.to_json(), "text": findings.say(finding)} for finding in draft.findings],
        "questions": [
            {**asked(question), "answer": draft.answers.get(question.code) or question.default}
            for question in draft.questions
        ],
        "words": {
            "result": results.word(effect.result),
            "evidence": results.evidence(effect.evidence),
            "answer": results.answer(effect, _name(series)),
            "reasons": [notes.say(note) for note in effect.reasons],
            "next_steps": [notes.say(note) for note in effect.next_steps],
            "warnings": [notes.say(note) for note in effect.warnings],
        },
        "effect": effect_to_json(effect),
    }


def lines(draft: SeriesDraft, series: Series, effect: Effect) -> list[str]:
    """The same in words: the answer first, then why, then what it rests on."""
    name = _name(series)
    out = [
        f"{results.word(effect.result)}  ·  {results.evidence(effect.evidence)}",
        results.answer(effect, name),
        "",
    ]
    lead = sizes.lead(effect)
    if lead is not None:
        label = _("Measured") if lead.has_interval else _("Observed change")
        out.append(f"{label}: {lead.value} {lead.interval}".rstrip())
    if effect.spec.expected:
        out.append(f"{_('Expected')}: {sizes.asked(effect.spec.expected, effect.spec.direction)}")
    out += [f"{label}: {value}" for label, value in results.chances(effect)]
    for title, said in (
        (_("Why"), effect.reasons),
        (_("What next"), effect.next_steps),
        (_("Mind that"), effect.warnings),
    ):
        if said:
            out += ["", title, *(f"  - {notes.say(note)}" for note in said)]
    out += ["", _("The data"), f"  {findings.overview(series)}", *_read(draft), f"  - {_holidays(effect)}"]
    out += ["", _("How it was computed"), *(f"  {text}" for text in method.paragraphs(effect, name) if text)]
    out += ["", _("Looked back on afterwards: the expectation was not locked before the launch.")]
    return out


def _read(draft: SeriesDraft) -> list[str]:
    """What may have been read wrongly: warnings, the columns where there were several, every guess."""
    chosen = {question.code for question in draft.questions} & {"date_column", "value_column"}
    out = [
        f"  - {findings.say(found)}"
        for found in draft.findings
        if found.severity.value != "info" or (found.code == "columns" and chosen)
    ]
    return out + [f"  - {_guess(question, draft)}" for question in draft.questions]


def _guess(question: Question, draft: SeriesDraft) -> str:
    """What was taken for the answer to a question, and how to say otherwise."""
    key = draft.answers.get(question.code) or question.default
    taken = next(findings.choice(question, one) for one in question.choices if one.key == key)
    said = {"question": findings.ask(question), "taken": taken}
    if draft.answers.get(question.code):
        return _("%(question)s As you said: %(taken)s.") % said
    keys = [_typed(question, one.key) for one in question.choices if one.key != key]
    others = " | ".join(keys[:CHOICES_SHOWN]) + (" | …" if len(keys) > CHOICES_SHOWN else "")
    said["option"] = f"{OPTIONS[question.code]} {others}"
    return _("%(question)s Taken: %(taken)s. Otherwise: %(option)s") % said


def _typed(question: Question, key: str) -> str:
    # Sheets and columns are counted from 1 by people, from 0 by the reader.
    counted = question.code in {"sheet", "date_column", "value_column"}
    return str(int(key) + 1) if counted else key


def _holidays(effect: Effect) -> str:
    country = effect.spec.country
    if country is None:
        return _("No holidays were taken into account; --country CODE says whose to.")
    return _("Holidays of: %(country)s") % {"country": country_name(country)}


def _name(series: Series) -> str:
    return series.name or _("the metric")
