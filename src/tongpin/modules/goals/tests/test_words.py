"""Every code the engine and the reader can say has words, in both languages, and every result its sentence."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import translation

import tongpin.lib.effects
import tongpin.lib.series
from tongpin.lib.effects import Direction, Evidence, Note, Result, effect_from_json
from tongpin.lib.series import Series
from tongpin.modules.goals import export, interval_bar, outcome, sizes
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.wording import failures, findings, notes, numbers, results


def source(package) -> str:
    folder = Path(package.__file__).parent
    return "\n".join(file.read_text() for file in folder.glob("*.py"))


def test_every_code_of_the_engine_has_words():
    said = set(re.findall(r'Note\(\s*"(\w+)"', source(tongpin.lib.effects)))
    said |= set(re.findall(r'code = "(\w+)" if [^\n]+ else "(\w+)"', source(tongpin.lib.effects))[0])
    assert len(said) > 30
    assert said <= notes.CODES
    assert set(re.findall(r'SpecError\(\s*"(\w+)"', source(tongpin.lib.effects))) <= failures.SPEC_CODES


def test_every_code_of_the_reader_has_words():
    text = source(tongpin.lib.series)
    noted = set(re.findall(r'(?:note|Finding)\(\s*"(\w+)"', text))
    assert len(noted) > 25
    assert noted <= findings.CODES
    assert set(re.findall(r'ask\(\s*"(\w+)"', text)) <= findings.QUESTION_CODES
    assert set(re.findall(r'SeriesError\(\s*"(\w+)"', text)) <= findings.ERROR_CODES


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("word", list(Result))
def test_every_result_has_a_sentence_and_a_page(result, language, word):
    effect = replace(effect_from_json(result), result=word)
    with translation.override(language):
        sentence = results.answer(effect, "METRIC", "")
        assert "METRIC" in sentence
        assert "%(" not in sentence
        assert ("11.2%" in sentence) == (word is not None)
        row = LookBack(metric="METRIC", unit="", findings=[], result=result | {"result": word.value})
        told = outcome.tell(row)
    assert told.answer == sentence
    assert bool(re.search("[一-鿿]", told.word + told.change_our_mind)) == (language == "zh-hans")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_chances_beside_a_result_that_something_else_forbids(result, language):
    days = {"start": "2026-10-01", "end": "2026-10-07"}
    effect = replace(
        effect_from_json(result), result=Result.CANT_TELL, reasons=(Note("holiday_in_window", days),)
    )
    noisy = replace(effect, reasons=(Note("interval_too_wide"),))
    with translation.override(language):
        assert results.chances(effect) == []
        assert results.chances(noisy) != []
        sentence = results.answer(effect, "METRIC", "")
    assert sentence != results.answer(noisy, "METRIC", "")
    assert "[" not in sentence, "an interval would read as if the effect were sure"


@pytest.mark.parametrize(
    ("language", "says"), [("en", "18 days (2 missing), "), ("zh-hans", "18 天（缺 2 天），")]
)
def test_missing_days_stand_in_the_heading(language, says):
    days = {date(2026, 3, 2) + timedelta(days=i): 10.0 for i in range(20) if i not in (3, 4)}
    with translation.override(language):
        assert findings.overview(Series.from_days(days)).startswith(says)
        weekdays = {
            day: 1.0 for day in (date(2026, 3, 2) + timedelta(days=i) for i in range(26)) if day.weekday() < 5
        }
        assert "（" not in findings.overview(Series.from_days(weekdays)).replace("(", "（")


def test_before_and_after_only_never_claims_a_cause(result):
    effect = replace(
        effect_from_json(result),
        evidence=Evidence.D,
        result=Result.CANT_TELL,
        reasons=(Note("before_after_only"),),
    )
    assert "does not say why" in results.answer(effect, "m")


def test_down_is_good_mirrors_the_picture(result):
    effect = effect_from_json(result)
    down = replace(effect, spec=replace(effect.spec, direction=Direction.DOWN))
    lead = sizes.lead(down)
    assert lead.expected == -0.08
    drawing = interval_bar.bar(lead, Direction.DOWN).drawings[0]
    assert drawing.expected.x < drawing.zero.x < drawing.value.x
    assert (drawing.good_from, drawing.good_width) == (0.0, drawing.zero.x)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0618, "+6.2%"), (-0.02, "−2.0%"), (0, "0.0%"), (1.5, "+150%"), (0.00042, "+0.04%")],
)
def test_shares_read_as_people_write_them(value, text):
    assert numbers.percent(value, signed=True) == text


def test_no_chance_is_certain():
    assert (numbers.chance(1.0), numbers.chance(0.0), numbers.chance(0.5)) == (
        "over 99.9%",
        "under 0.1%",
        "50%",
    )


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "-2", "@sum", "\t=1", "\r=1"])
def test_the_export_runs_nothing_in_a_spreadsheet(result, name):
    text = export.days_csv(effect_from_json(result), name)
    assert text.startswith("\ufeff")
    for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
        assert not [cell for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))], row
    assert "'" + name[0] in text


def test_the_export_has_every_day_with_its_range(result):
    effect = effect_from_json(result)
    lines = export.days_csv(effect, "m").splitlines()
    assert len(lines) == len(effect.days) + 1
    inside = [line for line in lines if line.split(",")[5] == "1"]
    assert len(inside) == 14
    assert all(line.count(",") == 7 for line in lines)
