"""Everything the reader and the engine can say, said once in each language: no text breaks while it is filled in."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from tongpin.lib.effects import Note, SpecError
from tongpin.lib.series import Choice, Finding, Question, SeriesError
from tongpin.modules.goals.wording import failures, findings, notes

DAY = "2026-03-01"
PARAMS = {
    **dict.fromkeys(("day", "start", "end", "last_day", "window_end", "ready_on", "today"), DAY),
    **{name: ["x", "y"] for name in ("examples", "values")},
    **dict.fromkeys(("bad", "gap", "have", "limit", "need", "row", "rows", "steps", "weeks", "year"), 7),
    **dict.fromkeys(("date_column", "value_column", "days_left", "days_so_far", "pre", "post", "step"), 7),
    **dict.fromkeys(("low", "high", "days", "columns", "usual", "ago", "safe"), 7),
    "encoding": "gb18030", "separator": "tab", "format": "iso", "common": "iso", "order": "dmy", "how": "sum",
    "label": "v3", "kind": "long_off", "answer": "x", "question": "unit", "name": "a.csv", "size": "5bp",
}  # fmt: skip
DAY_LISTS = {"incomplete_days", "missing_days", "off_grid_days", "weekdays_only"}
KEYS = {
    "date_order": ("dmy", "mdy", "ymd"), "decimal": ("dot", "comma"), "unit": ("share", "percent", "number"),
    "plain_beside_percent": ("share", "percent"), "running_total": ("keep", "difference"),
    "doubled_days": ("sum", "last", "mean"), "several_times_a_day": ("sum", "last", "mean"),
    "year": ("2026",), "too_long": ("recent",),
}  # fmt: skip


def asked(code: str) -> Question:
    """The question with every choice it can offer."""
    params = {"column": 2, "name": "visits", "rows": 9, "example": DAY, "year": 2026, "value": 1.5}
    choices = tuple(Choice(key, params) for key in KEYS.get(code, ("0",)))
    return Question(code, choices, choices[0].key, params=dict(PARAMS), rows=(1, 2))


def everything() -> dict[str, str]:
    """What is said in the active language, by kind and code."""
    said: dict[str, str] = {}
    for code in findings.CODES:
        params = PARAMS | ({"days": [DAY]} if code in DAY_LISTS else {})
        said[f"finding {code}"] = findings.say(Finding(code, params=params, rows=(1, 2), count=2))
    for code in findings.QUESTION_CODES:
        question = asked(code)
        said[f"question {code}"] = findings.ask(question)
        for one in question.choices:
            said[f"choice {code} {one.key}"] = findings.choice(question, one)
    for code in findings.ERROR_CODES:
        said[f"error {code}"] = findings.error(SeriesError(code, dict(PARAMS)))
    for code in findings.HINT_CODES:
        said[f"hint {code}"] = findings.hint(SeriesError("no_rows", hint=code))
    for code in failures.SPEC_CODES:
        said[f"spec {code}"] = failures.spec_error(SpecError(code, dict(PARAMS)))
        said[f"spec hint {code}"] = failures.spec_hint(code)
    for code in notes.CODES:
        said[f"note {code}"] = notes.say(Note(code, dict(PARAMS)))
    return said


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_everything_can_be_said(language):
    with translation.override(language):
        said = everything()
    assert len(said) > 150
    for what, text in said.items():
        assert text, what
        assert not re.search(r"%\(|%%|\{'|None", text), f"{what}: {text}"
        if language == "zh-hans" and not re.fullmatch(
            r"choice (year|sheet|date_column|value_column) \w+", what
        ):
            assert re.search("[一-鿿]", text), f"{what}: {text}"
