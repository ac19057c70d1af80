"""Pasted text, the way people paste it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tongpin.lib.series import Finding, Series, SeriesDraft, SeriesError, Severity, Unit, read_text

TODAY = date(2026, 11, 22)
DAYS = [date(2026, 9, 1) + timedelta(days=i) for i in range(50)]
VALUES = [1000 + (i * 37) % 91 for i in range(50)]


def lines(day: Callable[[date], str], value: Callable[[int], str] = str, separator: str = "\t") -> str:
    return "\n".join(separator.join((day(d), value(v))) for d, v in zip(DAYS, VALUES, strict=True))


def found(draft: SeriesDraft, code: str) -> Finding:
    return next(f for f in draft.findings if f.code == code)


def asked(draft: SeriesDraft) -> list[str]:
    return [q.code for q in draft.questions]


def read(text: str, **answers: str) -> SeriesDraft:
    return read_text(text, today=TODAY, answers=answers)


def expect_plain(series: Series) -> None:
    assert (series.start, series.end, series.step_days) == (DAYS[0], DAYS[-1], 1)
    assert series.values == tuple(float(v) for v in VALUES)


@pytest.mark.parametrize(
    "day",
    [
        lambda d: d.isoformat(),
        lambda d: f"{d.year}/{d.month}/{d.day}",
        lambda d: f"{d:%Y%m%d}",
        lambda d: f"{d.year}.{d.month}.{d.day}",
        lambda d: f"{d.year}年{d.month}月{d.day}日",
        lambda d: f"{d.isoformat()} 周{'一二三四五六日'[d.weekday()]}",
        lambda d: f"{d:%m/%d/%Y}",
        lambda d: f"{d:%d.%m.%y}",
        lambda d: f"{d:%b} {d.day}, {d.year}",
        lambda d: f"{d:%a}, {d.day} {d:%B} {d.year}",
        lambda d: f"{d:%d-%b-%Y}",
        lambda d: f"{d.isoformat()}T00:00:00+08:00",
        lambda d: str((d - date(1899, 12, 30)).days),
        lambda d: f"{d.month}月{d.day}日",
    ],
)
@pytest.mark.parametrize("separator", ["\t", ";", "  "])
def test_dates_in_every_dress(day: Callable[[date], str], separator: str) -> None:
    expect_plain(read(lines(day, separator=separator)).resolve())


@pytest.mark.parametrize("separator", [",", "|", " "])
def test_other_separators(separator: str) -> None:
    draft = read(lines(date.isoformat, separator=separator))
    expect_plain(draft.resolve())
    names = {",": "comma", "|": "pipe", " ": "spaces"}
    assert found(draft, "separator").params["separator"] == names[separator]


@pytest.mark.parametrize(
    "value",
    [
        lambda v: f"{v:,}",
        lambda v: f"{v}.0",
        lambda v: f"¥{v:,}.00",
        lambda v: f"{v / 10000:.4f}万",
        lambda v: f"{v / 1000:.3f}k",
        lambda v: f"{v} 人次",
        lambda v: "".join(chr(ord(c) + 0xFEE0) for c in str(v)),
        lambda v: f"{v // 1000} {v % 1000:03d}",
        lambda v: f"{v}".replace(".", ","),
        lambda v: f"{v:e}",
        lambda v: f"${v}",
    ],
)
def test_numbers_in_every_dress(value: Callable[[int], str]) -> None:
    expect_plain(read(lines(date.isoformat, value)).resolve())


def test_decimal_commas_of_a_whole_column() -> None:
    draft = read(lines(date.isoformat, lambda v: f"{v:,}.5".translate(str.maketrans(",.", ".,")), ";"))
    assert draft.resolve().values[0] == VALUES[0] + 0.5
    assert found(draft, "decimal_comma")
    assert "decimal" not in asked(draft), "both marks in one number leave nothing open"


def test_three_digits_behind_a_dot_are_asked_about() -> None:
    text = lines(date.isoformat, lambda v: f"{v / 1000:.3f}")
    draft = read(text)
    assert "decimal" in asked(draft)
    assert draft.resolve().values[0] == 1.0
    assert read(text, decimal="comma").resolve().values[0] == 1000


def test_commas_that_separate_and_group_at_once() -> None:
    draft = read("date,v\n" + lines(date.isoformat, lambda v: f"{v:,}", ","))
    expect_plain(draft.resolve())
    assert found(draft, "thousands_in_commas").severity is Severity.WARNING


def test_percent_becomes_a_share() -> None:
    draft = read(lines(date.isoformat, lambda v: f"{v / 100:.2f}%"))
    series = draft.resolve()
    assert series.unit is Unit.SHARE
    assert series.values[:2] == (0.1, 0.1037)


def test_percent_beside_plain_numbers_must_be_answered() -> None:
    rows = [
        f"{d}\t{v / 100}{'' if i == 3 else '%'}" for i, (d, v) in enumerate(zip(DAYS, VALUES, strict=True))
    ]
    draft = read("\n".join(rows))
    assert [q.code for q in draft.open_questions] == ["plain_beside_percent"]
    with pytest.raises(SeriesError, match="question_open"):
        draft.resolve()
    assert draft.resolve({"plain_beside_percent": "percent"}).values[3] == pytest.approx(VALUES[3] / 10000)


def test_values_between_zero_and_one_are_asked_about() -> None:
    text = lines(date.isoformat, lambda v: str(v / 10000))
    assert read(text).resolve().unit is Unit.SHARE
    assert read(text, unit="number").resolve().unit is Unit.NUMBER


def test_header_choice_of_columns_and_total_row() -> None:
    rows = ["运营日报", "日期\t新增\t激活率(%)"]
    rows += [f"{d}\t{v}\t{v / 100}" for d, v in zip(DAYS, VALUES, strict=True)]
    rows += ["合计\t99999\t"]
    draft = read("\n".join(rows))
    expect_plain(draft.resolve())
    assert draft.resolve().name == "新增"
    assert found(draft, "total_rows_skipped").rows == (53,)
    assert found(draft, "rows_before_header").rows == (1,)
    assert asked(draft) == ["value_column"]
    other = draft.resolve({"value_column": "2"})
    assert (other.name, other.unit) == ("激活率(%)", Unit.SHARE)


def test_days_across_the_top() -> None:
    text = "日期\t" + "\t".join(map(str, DAYS)) + "\n日活\t" + "\t".join(map(str, VALUES))
    draft = read(text)
    expect_plain(draft.resolve())
    assert draft.resolve().name == "日活"
    assert found(draft, "transposed")


def test_order_of_day_and_month_is_asked_when_open() -> None:
    days = [date(2026, 9, i) for i in range(1, 13)]
    text = "\n".join(f"{d:%d/%m/%Y}\t{i}" for i, d in enumerate(days))
    draft = read(text)
    question = next(q for q in draft.questions if q.code == "date_order")
    assert (question.default, question.required) == ("dmy", False), "daily steps speak for day first"
    assert draft.resolve().end == date(2026, 9, 12)
    # Four days that follow each other under neither order: no guess is better than a coin.
    coin = read(
        "\n".join(f"{d}\t{i}" for i, d in enumerate(("02/02/2026", "01/03/2026", "05/04/2026", "02/06/2026")))
    )
    assert [q.code for q in coin.open_questions] == ["date_order"]
    shown = [choice.params["example"] for choice in coin.open_questions[0].choices]
    assert shown == ["2026-03-01", "2026-01-03"], "02/02 would read the same either way"


def test_days_that_read_the_same_either_way_raise_no_question() -> None:
    days = [date(2026, m, m) for m in range(1, 5)]
    draft = read("\n".join(f"{d:%d/%m/%Y}\t{i}" for i, d in enumerate(days)))
    assert "date_order" not in asked(draft)
    assert [row.day for row in draft.rows] == days


def test_a_missing_year_is_inferred_across_new_year() -> None:
    days = [date(2025, 12, 10) + timedelta(days=i) for i in range(50)]
    text = "\n".join(f"{d.month}月{d.day}日\t{i}" for i, d in enumerate(days))
    series = read(text).resolve()
    assert (series.start, series.end) == (days[0], days[-1])
    assert read(text, year="2025").resolve().end == date(2025, 1, 28)
    newest_first = "\n".join(reversed(text.splitlines()))
    assert read(newest_first).resolve() == series
    unknown = read_text(text)
    assert [q.code for q in unknown.open_questions] == ["year"]
    assert unknown.resolve({"year": "2024"}).end == date(2024, 1, 28)


def test_doubled_days_are_asked_about() -> None:
    text = lines(date.isoformat) + "\n2026-09-03\t77"
    draft = read(text)
    question = next(q for q in draft.questions if q.code == "doubled_days")
    assert {c.key: c.params["value"] for c in question.choices} == {
        "sum": VALUES[2] + 77,
        "last": 77,
        "mean": (VALUES[2] + 77) / 2,
    }
    assert question.rows == (3, 51)
    assert (question.default, question.required) == ("sum", True), "an overlap of two exports looks the same"
    assert draft.resolve({"doubled_days": "sum"}).values[2] == VALUES[2] + 77
    assert draft.resolve({"doubled_days": "last"}).values[2] == 77


def test_rows_pasted_twice_are_left_out_and_only_those_that_differ_asked_about() -> None:
    copied = f"\n2026-09-03\t{VALUES[2]}\n2026-09-05\t{VALUES[4]}"
    draft = read(lines(date.isoformat) + copied)
    assert asked(draft) == []
    assert (found(draft, "repeated_rows").rows, found(draft, "repeated_rows").severity) == (
        (51, 52),
        Severity.WARNING,
    )
    expect_plain(draft.resolve())
    mixed = read(lines(date.isoformat) + copied + "\n2026-09-10\t77")
    assert (found(mixed, "repeated_rows").count, mixed.questions[0].rows) == (2, (10, 53))
    assert mixed.questions[0].default == "last", "of two pastes the later one is the newer"
    assert mixed.resolve({"doubled_days": "last"}).values[9] == 77
    assert mixed.resolve({"doubled_days": "sum"}).values[2] == VALUES[2], (
        "no spike where a row was only copied"
    )


def test_in_a_table_of_many_rows_a_day_equal_rows_are_real() -> None:
    orders = "\n".join(f"{d}\t{price}" for d in DAYS for price in ((5, 5) if d.day == 9 else (5, 7)))
    draft = read(orders)
    assert asked(draft) == ["doubled_days"]
    assert set(draft.resolve({"doubled_days": "sum"}).values) == {12.0, 10.0}


def test_more_days_than_can_be_read_are_cut_when_the_person_says_so() -> None:
    first = date(2015, 1, 1)
    text = "\n".join(f"{first + timedelta(days=i)}\t{i % 97}" for i in range(4000))
    draft = read(text)
    assert [q.code for q in draft.open_questions] == ["too_long"]
    with pytest.raises(SeriesError, match="question_open"):
        draft.resolve()
    series = draft.resolve({"too_long": "recent"})
    assert (series.end, len(series)) == (first + timedelta(days=3999), 731)
    assert found(read(text, too_long="recent"), "history_cut").params["days"] == 4000


@pytest.mark.parametrize("odd", ["header", "note"])
def test_tabs_part_the_columns_however_wide_the_heading_or_one_row_is(odd: str) -> None:
    rows = ["日期\t订单数" + "\t备注" * (odd == "header"), *lines(date.isoformat).splitlines()]
    rows[20] += "\t大促 第一天" * (odd == "note")
    draft = read("\n".join(rows))
    assert found(draft, "separator").params["separator"] == "tab"
    assert draft.series.name == "订单数"
    expect_plain(draft.resolve())


def test_hours_are_added_up_by_question() -> None:
    text = "\n".join(f"{d} {h}:00,{v}" for d, v in zip(DAYS, VALUES, strict=True) for h in ("08", "20"))
    draft = read(text)
    assert asked(draft) == ["several_times_a_day"]
    assert draft.resolve().values[0] == 2 * VALUES[0]
    assert draft.resolve({"several_times_a_day": "mean"}).values[0] == VALUES[0]


def test_missing_days_stay_missing_and_are_named() -> None:
    kept = [row for i, row in enumerate(lines(date.isoformat).splitlines()) if i not in (5, 6)]
    kept[10] = kept[10].split("\t")[0] + "\tN/A"
    draft = read("\n".join(kept))
    series = draft.resolve()
    assert series.missing_days() == [DAYS[5], DAYS[6], DAYS[12]]
    assert found(draft, "missing_days").params["days"] == [d.isoformat() for d in series.missing_days()]
    assert found(draft, "missing_days").severity is Severity.WARNING, "one missing day is said as well"
    assert found(draft, "empty_values").rows == (11,)
    assert 0.0 not in series.values


def test_bad_rows_are_named_and_too_many_refuse_the_whole() -> None:
    text = lines(date.isoformat) + "\n2026-13-40\t5\n2026-10-21\tabc"
    draft = read(text)
    assert found(draft, "bad_date").rows == (51,)
    assert found(draft, "not_a_number").rows == (52,)
    assert draft.rows[50].problem == "bad_date"
    rows = [f"{d}\t{'?' if i % 3 == 0 else i}" for i, d in enumerate(DAYS)]
    with pytest.raises(SeriesError) as raised:
        read("\n".join(rows)).resolve()
    assert raised.value.code == "too_many_bad_rows"
    assert any(f.code == "not_a_number" for f in raised.value.findings)


def test_future_running_and_unsorted_rows() -> None:
    days = [TODAY - timedelta(days=30 - i) for i in range(40)]
    draft = read("\n".join(f"{d}\t{(i * 7) % 11}" for i, d in enumerate(days)))
    assert found(draft, "future_days").count == 9
    assert found(draft, "running_day").rows == (31,)
    assert draft.resolve().end == TODAY
    newest_first = read("\n".join(reversed(lines(date.isoformat).splitlines())))
    expect_plain(newest_first.resolve())
    assert found(newest_first, "newest_first")


def test_weekly_data_are_said_to_be_weekly() -> None:
    monday = date(2026, 1, 5)
    draft = read("\n".join(f"{monday + timedelta(weeks=i)}\t{50 + i % 4}" for i in range(30)))
    assert draft.resolve().step_days == 7
    assert found(draft, "weekly").severity is Severity.WARNING
    weeks = read("\n".join(f"2026-W{i:02d}\t{50 + i % 4}" for i in range(2, 30)))
    assert weeks.resolve().start == monday


def test_weekends_that_never_come_are_one_finding() -> None:
    rows = [row for d, row in zip(DAYS, lines(date.isoformat).splitlines(), strict=True) if d.weekday() < 5]
    codes = [f.code for f in read("\n".join(rows)).findings]
    assert "weekdays_only" in codes
    assert "missing_days" not in codes


def test_running_totals_are_asked_about() -> None:
    text = "\n".join(f"{d}\t{1000 + i * 13 + i % 3}" for i, d in enumerate(DAYS))
    draft = read(text)
    assert asked(draft) == ["running_total"]
    assert found(draft, "looks_like_running_total")
    assert draft.resolve({"running_total": "difference"}).values[:3] == (14, 14, 11)


def test_negative_values_are_kept_and_said() -> None:
    draft = read(lines(date.isoformat, lambda v: f"({v})" if v % 2 else str(v)))
    assert min(draft.resolve().values) < 0
    assert found(draft, "negative_values").severity is Severity.WARNING


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_rows"),
        (" \n\t\n", "no_rows"),
        ("just some words\nand more words", "no_date_column"),
        ("1\n2\n3\n4", "one_column"),
        ("2026-01-01\tx\n2026-01-02\ty\n2026-01-03\tz", "no_value_column"),
        ("2026-01\t1\n2026-02\t2\n2026-03\t4\n2026-04\t3", "monthly"),
        ("x" * 5_000_001, "too_large"),
    ],
)
def test_hopeless_input_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(SeriesError) as raised:
        read(text)
    assert raised.value.code == code
    assert raised.value.hint


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-01-01\t1\n2026-01-02\t2\n2026-01-03\t4", "too_short"),
        ("\n".join(f"{y}-{m:02d}-01\t{m}" for y in (2024, 2025) for m in range(1, 13)), "monthly"),
    ],
)
def test_a_draft_says_why_there_is_no_series(text: str, code: str) -> None:
    draft = read(text)
    assert draft.series is None
    with pytest.raises(SeriesError) as raised:
        draft.resolve()
    assert raised.value.code == code


def test_the_cell_that_is_no_number_is_named() -> None:
    with pytest.raises(SeriesError) as raised:
        read("日期\t订单数\n2026-01-01\t\n2026-01-02\t1010👍\n2026-01-03\t1020👍")
    assert (raised.value.code, raised.value.params["row"], raised.value.params["cell"]) == (
        "no_value_column",
        3,
        "1010👍",
    )


def test_an_answer_that_is_no_choice_is_refused() -> None:
    with pytest.raises(SeriesError, match="unknown_answer"):
        read(lines(date.isoformat) + "\n2026-09-03\t77", doubled_days="guess")


def test_a_draft_is_plain_json_for_a_screen() -> None:
    draft = read(lines(date.isoformat) + "\n2026-09-03\t77")
    shown = draft.to_json(rows=5)
    assert len(shown["rows"]) == 5
    assert shown["row_count"] == 51
    assert shown["questions"][0]["code"] == "doubled_days"
    assert Series.from_json(shown["series"]) == draft.resolve({"doubled_days": "sum"})


def test_a_series_survives_json_and_csv() -> None:
    series = Series.from_days({DAYS[0]: 1.5, DAYS[3]: 2.0}, name="收入")
    assert Series.from_json(series.to_json()).to_json() == series.to_json()
    assert series.to_csv().splitlines() == [
        "date,value",
        "2026-09-01,1.5",
        "2026-09-02,",
        "2026-09-03,",
        "2026-09-04,2.0",
    ]
    with pytest.raises(SeriesError, match="unknown_version"):
        Series.from_json({"version": 9})
