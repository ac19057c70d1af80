"""Every code the engine and the reader can say has words, in both languages, and every result its sentence."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from django.utils import translation

import tongpin.lib.effects
import tongpin.lib.series
from tongpin.lib.effects import (
    Direction,
    Estimate,
    Evidence,
    Note,
    Result,
    Size,
    SizeUnit,
    effect_from_json,
)
from tongpin.lib.series import Series
from tongpin.modules.goals import charts, export, interval_bar, outcome, sizes, spark
from tongpin.modules.goals.follow_ups import follow_ups
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.tests.sample import LAUNCH, values
from tongpin.modules.goals.wording import failures, findings, method, notes, numbers, results


def source(package) -> str:
    folder = Path(package.__file__).parent
    return "\n".join(file.read_text() for file in folder.glob("*.py"))


def kept(result, **more) -> LookBack:
    """A look back with this result, without a database."""
    series = Series.from_days(dict(values())).to_json()
    return LookBack(
        **{"metric": "METRIC", "findings": [], "series": series, "launch": LAUNCH, "result": result} | more
    )


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
        told = outcome.tell(kept(result | {"result": word.value}))
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


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.234e30, "1.23 × 10^30"), (-5e-7, "−5 × 10^−7"), (1234, "1,234"), (0, "0"), (math.inf, "–")],
)
def test_no_number_takes_dozens_of_digits(value, text):
    assert numbers.number(value).replace("\u00a0", " ") == text
    assert len(numbers.percent(value)) < 20


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
    inside = [line for line in lines if line.split(",")[5] == "yes"]
    assert len(inside) == 14
    assert all(line.count(",") == 7 for line in lines)


def test_the_export_speaks_the_reader_s_language(result):
    with translation.override("zh-hans"):
        head, *lines = export.days_csv(effect_from_json(result), "订单数").removeprefix("\ufeff").splitlines()
    assert head == "日期,订单数,推算（没有上线时）,区间下限,区间上限,在观察期内,是否计入,未计入原因"
    assert {line.split(",")[6] for line in lines} == {"是"}


def test_halves_are_told_in_the_unit_of_the_headline(result):
    effect = effect_from_json(result)
    points = replace(
        effect,
        unit="share",
        spec=replace(effect.spec, expected=Size(6, SizeUnit.POINTS)),
        absolute=Estimate(0.08, 0.06, 0.1),
        first_half_absolute=Estimate(0.085, 0.06, 0.11),
        last_half_absolute=Estimate(0.075, 0.05, 0.1),
    )
    assert [said for _label, said in outcome.halves(points, "")] == [
        "+8.5 pts [+6.0,\u00a0+11.0]",
        "+7.5 pts [+5.0,\u00a0+10.0]",
    ]
    # Saved before halves had an absolute change: in per cent still, never one unit's number with another's name.
    old = replace(points, first_half_absolute=None, last_half_absolute=None)
    assert all("%" in said for _label, said in outcome.halves(old, ""))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_would_change_the_result_follows_from_what_forbids_it(result, language):
    effect = replace(effect_from_json(result), result=Result.CANT_TELL)
    with translation.override(language):
        said = {
            code: method.change_our_mind(replace(effect, reasons=(Note(code),)))
            for code in ("holiday_in_window", "overlap", "window_not_over", "data_gap", "interval_too_wide")
        }
    assert len(set(said.values())) == len(said)


def test_days_left_out_of_the_window_are_counted_and_named(result):
    effect = effect_from_json(result)
    assert method.left_out(effect) == ""
    days = [
        replace(day, used=False, why="long_off") if day.in_window and day.day >= date(2026, 8, 12) else day
        for day in effect.days
    ]
    said = method.left_out(replace(effect, days=tuple(days)))
    assert said == "Of the 14 days of the window 5 days did not count: a long holiday 5 days."


def test_a_second_reading_of_another_size_is_no_agreement(result):
    effect = effect_from_json(result)
    other = replace(effect.second_opinion, agrees=False, same_direction=True)
    assert "different size" in method.opinion_says(replace(effect, second_opinion=other))


def test_a_long_name_is_clamped_in_the_headline(result):
    assert numbers.clamped("订单数") == "订单数"
    assert (
        numbers.clamped("华东区新签约门店每日完成首次排班发布的数量") == "华东区新签约门店每日完成首次排班…"
    )
    told = outcome.tell(kept(result, metric="每日发布排班" * 7))
    assert "每日发布排班" * 4 not in told.answer + "".join(told.method)
    assert told.chart["names"]["value"].endswith("…")


def test_the_chart_shows_every_day_the_result_leans_on_and_those_after(result):
    row = kept(result)
    row.series = Series.from_days(dict(values(days=200))).to_json()
    effect = row.to_effect()
    days = [replace(day, used=False, why="long_off") if day.day == LAUNCH else day for day in effect.days]
    chart = charts.of_effect(replace(effect, days=tuple(days)), row.to_series(), "m")
    shown = [point["date"] for point in chart["rows"]]
    assert shown[0] == effect.diagnostics.pre_start.isoformat()
    assert shown[-1] == row.to_series().end.isoformat() > effect.spec.window_end.isoformat()
    assert [(point["date"], point["out"]) for point in chart["rows"] if "out" in point] == [
        (LAUNCH.isoformat(), "a long holiday")
    ]
    assert chart["names"]["out"]


@pytest.mark.parametrize(
    ("step", "asks"),
    [
        (Note("window_beyond_holiday", {"end": "2026-08-10"}), {"partial_days": "8"}),
        (Note("longer_window", {"weeks": 5}), {"window_days": "35"}),
        (Note("wait_for_window", {"ready_on": "2026-09-01"}), {}),
    ],
)
def test_a_cant_tell_opens_the_desk_on_what_would_settle_it(result, step, asks):
    effect = replace(effect_from_json(result), result=Result.CANT_TELL, next_steps=(step,))
    first, *others = follow_ups(kept(result), effect)
    query = dict(parse_qsl(first.query))
    assert query.pop("from")
    assert query == asks
    assert len({one.text for one in (first, *others)}) == len(others) + 1 >= 3


def test_a_concluded_result_is_there_to_be_sent_on(result):
    first, twice, _history = follow_ups(kept(result), effect_from_json(result))
    assert (first.query, dict(parse_qsl(twice.query))["window_days"]) == ("", "28")


def test_an_expectation_never_crosses_the_number_at_the_end_of_the_interval(result):
    effect = effect_from_json(result)
    lead = sizes.lead(effect)
    narrow = [
        interval_bar.bar(replace(lead, expected=at), Direction.UP).drawings[1]
        for at in (lead.estimate.value, 0.145)
    ]
    assert [drawing.expected_top for drawing in narrow] == [26, 68]


def test_a_row_s_line_shows_the_metric_around_its_launch(result):
    effect = effect_from_json(result)
    kept_line = spark.of(effect)
    assert (min(kept_line["levels"]), max(kept_line["levels"])) == (0, 100)
    assert len(kept_line["levels"]) <= spark.POINTS
    line = spark.drawn({"spark": kept_line})
    assert len(line.points.split()) == len(kept_line["levels"])
    # Six weeks before, two after: the launch stands three quarters along.
    assert 0.7 < line.launch / spark.WIDTH < 0.8
    assert spark.drawn({}) is None
