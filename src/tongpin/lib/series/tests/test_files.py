"""Uploaded files: encodings, workbooks, and what is no table."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta

import pytest
from openpyxl import Workbook

from tongpin.lib.series import SeriesError, Unit, read_file

DAYS = [date(2026, 9, 1) + timedelta(days=i) for i in range(50)]
TEXT = "日期,收入\n" + "\n".join(f"{d.year}年{d.month}月{d.day}日,{100 + i % 9}" for i, d in enumerate(DAYS))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"]
)
def test_encodings(encoding: str) -> None:
    draft = read_file("收入.csv", TEXT.encode(encoding))
    series = draft.resolve()
    assert (series.start, series.values[1], series.name) == (DAYS[0], 101, "收入")
    named = [f.params["encoding"] for f in draft.findings if f.code == "encoding"]
    assert named == ([] if encoding.startswith("utf-8") else [{"gbk": "gb18030"}.get(encoding, encoding)])


def workbook(*sheets: tuple[str, list[list[object]]], percent: bool = False) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
            if percent and len(row) > 1 and isinstance(row[1], float):
                sheet.cell(sheet.max_row, 2).number_format = "0.0%"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows(scale: float = 1.0) -> list[list[object]]:
    return [
        ["日期", "值"],
        *([datetime(d.year, d.month, d.day), (100 + i % 9) * scale] for i, d in enumerate(DAYS)),
    ]


def test_the_first_sheet_with_a_series_is_taken_and_the_others_offered() -> None:
    data = workbook(("说明", [["这是说明"]]), ("日活", rows()), ("收入", rows(2)))
    draft = read_file("a.xlsx", data)
    question = next(q for q in draft.questions if q.code == "sheet")
    assert [c.params["name"] for c in question.choices] == ["说明", "日活", "收入"]
    assert draft.resolve().values[0] == 100
    assert draft.resolve({"sheet": "2"}).values[0] == 200


def test_cells_formatted_as_percent_are_shares() -> None:
    series = read_file("a.xlsx", workbook(("s", rows(0.001)), percent=True)).resolve()
    assert series.unit is Unit.SHARE
    assert series.values[:2] == (0.1, 0.101)


def test_serial_numbers_left_unformatted_in_a_workbook() -> None:
    table = [[(d - date(1899, 12, 30)).days, 100 + i % 9] for i, d in enumerate(DAYS)]
    assert read_file("a.xlsx", workbook(("s", table))).resolve().start == DAYS[0]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "no_rows"),
        (b"PK\x03\x04 not a workbook", "broken_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "old_excel"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (bytes(range(128, 256)) * 20, "unknown_encoding"),
        (b"x" * 5_000_001, "too_large"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(SeriesError) as raised:
        read_file("a.bin", data)
    assert raised.value.code == code


def test_an_empty_workbook() -> None:
    with pytest.raises(SeriesError, match="no_rows"):
        read_file("a.xlsx", workbook(("leer", [])))
