"""Tables that can be read wrongly without anybody noticing: each is asked about, said, or refused."""

from __future__ import annotations

import csv
import math
from datetime import date, timedelta

import pytest

from tongpin.lib.series import SeriesError, Severity, Unit, read_file, read_text
from tongpin.lib.series.tests.test_files import workbook
from tongpin.lib.series.tests.test_text import DAYS, VALUES, asked, expect_plain, found, lines, read


def european(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def test_points_that_group_beside_numbers_without_any_must_be_answered() -> None:
    text = lines(date.isoformat, lambda v: european(v - 30))
    draft = read(text)
    assert [q.code for q in draft.open_questions] == ["decimal"]
    with pytest.raises(SeriesError, match="question_open"):
        draft.resolve()
    assert draft.resolve({"decimal": "comma"}).values[0] == VALUES[0] - 30
    small = read(
        "\n".join(f"{d}\t{v}" for d, v in zip(DAYS, ["1.234", "2", "3.456", "99"] * 13, strict=False))
    )
    assert (asked(small), small.open_questions) == (["decimal"], ())


@pytest.mark.parametrize(("day", "separator"), [("%Y-%m-%d", ";"), ("%d.%m.%Y", "\t")])
def test_a_european_table_has_decimal_commas(day: str, separator: str) -> None:
    text = "\n".join(f"{d:{day}}{separator}{european(v)}" for d, v in zip(DAYS, VALUES, strict=True))
    draft = read(text)
    assert next(q for q in draft.questions if q.code == "decimal").default == "comma"
    expect_plain(draft.resolve())
    halves = "\n".join(
        f"{d:{day}}{separator}{v // 1000},{v % 1000:03}" for d, v in zip(DAYS, VALUES, strict=True)
    )
    assert read(halves).resolve().values[0] == 1.0


def hourly(last: int, hours: range = range(24)) -> str:
    """Ten days of a value an hour, the last one until ``last``."""
    rows = [f"{DAYS[d]} {h:02}:00\t{10 + h}" for d in range(9) for h in hours]
    return "\n".join(rows + [f"{DAYS[9]} {h:02}:00\t{10 + h}" for h in range(last)])


@pytest.mark.parametrize("how", ["sum", "mean", "last"])
def test_a_day_cut_short_is_missing_and_not_small(how: str) -> None:
    draft = read(hourly(last=9), several_times_a_day=how)
    assert draft.resolve().end == DAYS[8]
    note = found(draft, "incomplete_days")
    assert (note.severity, note.params, note.count) == (
        Severity.WARNING,
        {"days": [DAYS[9].isoformat()], "usual": 24},
        1,
    )
    assert read(hourly(last=23)).resolve().end == DAYS[9], "a clock put forward is no gap"


def test_a_day_with_a_hole_in_it_is_missing_too() -> None:
    rows = [row for row in hourly(last=24).splitlines() if not row.startswith(f"{DAYS[4]} 1")]
    series = read("\n".join(rows)).resolve()
    assert series.missing_days() == [DAYS[4]]


def test_rows_at_any_time_have_no_usual_number() -> None:
    orders = "\n".join(f"{DAYS[d]} {9 + n}:30\t5" for d in range(10) for n in range(1 + d * 3 % 7))
    draft = read(orders)
    assert "incomplete_days" not in [f.code for f in draft.findings]
    assert draft.resolve().values[:3] == (5, 20, 35)


def test_two_exports_that_overlap_must_be_answered() -> None:
    again = "\n".join(f"{d}\t{v + 1}" for d, v in zip(DAYS[40:], VALUES[40:], strict=True))
    draft = read(lines(date.isoformat) + "\n" + again)
    assert [q.code for q in draft.open_questions] == ["doubled_days"]
    assert draft.resolve({"doubled_days": "last"}).values[45] == VALUES[45] + 1
    every = "\n".join(f"{d}\t{v + 1}" for d, v in zip(DAYS, VALUES, strict=True))
    assert read(lines(date.isoformat) + "\n" + every).open_questions == (), "two rows for each day is a table"


@pytest.mark.parametrize("form", ["{y}/{m}/{d}", "{y}-{m:02}-{d:02}", "{y}.{m}.{d}"])
def test_two_digits_of_a_year_may_come_first(form: str) -> None:
    text = lines(lambda d: form.format(y=d.year % 100, m=d.month, d=d.day))
    expect_plain(read(text).resolve())
    assert (DAYS[0].month, DAYS[0].day) == (9, 1)
    with pytest.raises(SeriesError):
        read(text, date_order="mdy").resolve()


def test_what_is_answered_unasked_is_followed_and_shown() -> None:
    rates = lines(date.isoformat, lambda v: str(v / 50))
    assert "unit" not in asked(read(rates))
    draft = read(rates, unit="percent")
    assert "unit" in asked(draft)
    assert (draft.resolve().unit, draft.resolve().values[0]) == (Unit.SHARE, VALUES[0] / 5000)
    with pytest.raises(SeriesError, match="unknown_answer"):
        read(lines(date.isoformat), unit="share")
    grouped = lines(date.isoformat, lambda v: f"{v},5")
    assert read(grouped, decimal="comma").resolve().values[0] == VALUES[0] + 0.5
    with pytest.raises(SeriesError, match="too_many_bad_rows"):
        read(grouped, decimal="dot").resolve()


@pytest.mark.parametrize("value", ["1e999", "9" * 400, "1" + "0" * 160, "-1e200"])
def test_what_no_number_can_hold_is_no_number(value: str) -> None:
    rows = lines(date.isoformat).splitlines()
    rows[20] = f"{DAYS[20]}\t{value}"
    draft = read("\n".join(rows))
    assert found(draft, "not_a_number").rows == (21,)
    assert math.isnan(draft.resolve().values[20])


def test_line_ends_of_old_macs_and_endless_cells() -> None:
    expect_plain(
        read_file("a.csv", lines(date.isoformat, separator=",").replace("\n", "\r").encode()).resolve()
    )
    for broken in ("a" * 200_000, '"' + "2026-01-01,5 words words\n" * 8000):
        with pytest.raises(SeriesError) as raised:
            read("date,v\n2026-01-01," + broken)
        assert raised.value.code == "broken_csv"
        assert raised.value.hint


def test_a_limit_that_others_raised_is_not_ours() -> None:
    before = csv.field_size_limit(1 << 20)
    try:
        with pytest.raises(SeriesError) as raised:
            read("date,v\n2026-01-01," + "a" * 200_000)
    finally:
        csv.field_size_limit(before)
    assert raised.value.code == "broken_csv"


def test_columns_that_are_not_read_are_said() -> None:
    wide = lines(date.isoformat, lambda v: ",".join([str(v)] * 900), ",")
    note = found(read(wide), "columns_cut")
    assert (note.severity, note.params) == (Severity.WARNING, {"columns": 901, "limit": 800})
    sheet = [
        ["date", *range(900)],
        *([d.isoformat(), *([v] * 900)] for d, v in zip(DAYS[:9], VALUES, strict=False)),
    ]
    assert found(read_file("a.xlsx", workbook(("s", sheet))), "columns_cut").params["columns"] == 901


@pytest.mark.parametrize("gap", [28, 30])
def test_every_four_weeks_is_monthly(gap: int) -> None:
    first = date(2022, 1, 3)
    text = "\n".join(f"{first + timedelta(days=gap * i)}\t{50 + i % 4}" for i in range(30))
    with pytest.raises(SeriesError, match="monthly"):
        read(text).resolve()


def test_formulas_nobody_calculated_are_not_empty_cells() -> None:
    some = [
        ["date", "v"],
        *(
            [d.isoformat(), f"={v}" if i % 9 == 0 else v]
            for i, (d, v) in enumerate(zip(DAYS, VALUES, strict=True))
        ),
    ]
    draft = read_file("a.xlsx", workbook(("s", some)))
    assert (found(draft, "uncalculated").severity, found(draft, "uncalculated").count) == (
        Severity.WARNING,
        6,
    )
    assert found(draft, "uncalculated").params["examples"][0] == "=1000"  # type: ignore[index]
    for column in (0, 1):
        cells = [["date", "v"], *([d.isoformat(), v] for d, v in zip(DAYS, VALUES, strict=True))]
        for row in cells[1:]:
            row[column] = f'="{row[column]}"'
        with pytest.raises(SeriesError) as raised:
            read_file("a.xlsx", workbook(("s", cells))).resolve()
        assert (raised.value.code, raised.value.hint) == ("uncalculated", "calculate_and_save")


def test_a_year_is_still_asked_of_days_without_one() -> None:
    assert read_text(lines(lambda d: f"{d.month}/{d.day}")).open_questions[0].code in {"year", "date_order"}


def test_numbers_with_a_decimal_are_no_months() -> None:
    text = lines(date.isoformat, lambda v: f"{v + 100}.{v % 9 + 1}")
    assert asked(read(text)) == [], "1234.5 is no May of 1234"
