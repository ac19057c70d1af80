"""Files of every kind and condition, row by row."""

from __future__ import annotations

import gzip
import subprocess
import sys
from datetime import UTC, datetime
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tongpin.modules.analytics.enums import FileKind
from tongpin.modules.analytics.importing import reading
from tongpin.modules.analytics.importing.mapping import Columns, Rows
from tongpin.modules.analytics.importing.reading import FileRefused, about, lines, shape


@pytest.fixture
def file(tmp_path):
    def write(data: bytes | str, name: str = "events.csv"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


def read(path, separator=""):
    of = shape(path, separator)
    return of, list(lines(path, of))


TABLE = "user,event,at\nu1,看课,2026-03-01\nu2,付款,2026-03-02\n"


@pytest.mark.parametrize(
    "data",
    [
        TABLE.encode(),
        b"\xef\xbb\xbf" + TABLE.encode(),
        TABLE.encode("gb18030"),
        TABLE.encode("utf-16"),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace(",", "\t").encode(),
        TABLE.replace(",", ";").encode(),
        gzip.compress(TABLE.encode(), mtime=0),
        TABLE.replace("\n", "\n\n").encode(),
        TABLE.rstrip("\n").encode(),
    ],
)
def test_one_table_however_it_was_saved(file, data):
    of, found = read(file(data))
    assert (of.kind, of.columns) == (FileKind.CSV, ("user", "event", "at"))
    assert [(line.number, line.cells) for line in found] == [
        (1, {"user": "u1", "event": "看课", "at": "2026-03-01"}),
        (2, {"user": "u2", "event": "付款", "at": "2026-03-02"}),
    ]


def test_runs_of_spaces_separate_cells_when_asked(file):
    _of, found = read(file(" id   day  amount\n 1  19970101   29.33 \n 2 19970102 5\n"), " ")
    assert [line.cells for line in found] == [
        {"id": "1", "day": "19970101", "amount": "29.33"},
        {"id": "2", "day": "19970102", "amount": "5"},
    ]


def test_a_row_of_another_width_is_told_and_the_next_is_read(file):
    _of, found = read(file('a,b\n1\n2,3\n4,5,6\n"7,\n8",9\n'))
    assert [(line.number, line.cells, line.trouble) for line in found] == [
        (1, None, "1 cells where the heading has 2"),
        (2, {"a": "2", "b": "3"}, ""),
        (3, None, "3 cells where the heading has 2"),
        (4, {"a": "7,\n8", "b": "9"}, ""),
    ]


def test_an_empty_cell_is_no_value(file):
    _of, found = read(file("a,b\n1,\n"))
    assert found[0].cells == {"a": "1"}


def test_json_lines(file):
    data = '{"user": "u1", "n": 1.5}\nnot json\n\n[1]\n{"user": "u2", "tags": ["a"], "event": "x"}'
    of, found = read(file(data, "x.jsonl"))
    assert (of.kind, of.columns) == (FileKind.JSON_LINES, ("user", "n", "tags", "event"))
    assert [line.cells for line in found] == [
        {"user": "u1", "n": 1.5}, None, None, {"user": "u2", "tags": ["a"], "event": "x"},
    ]  # fmt: skip
    assert found[1].trouble.startswith("not JSON")
    assert (found[2].number, found[2].trouble) == (3, "not a JSON object")


WRITE = """
import chdb
chdb.query('''INSERT INTO FUNCTION file('{path}', Parquet) SELECT 'u' || toString(number) AS user, 'view' AS event,
  toDateTime64('2026-03-01 08:00:00.250', 3, 'UTC') + number AS at, 9007199254740993 + number AS big,
  if(number = 1, NULL, 1.5) AS price, [1, 2] AS list FROM numbers(3)''')
"""


def test_parquet(tmp_path):
    path, written = tmp_path / "it's {a,b} of *.parquet", tmp_path / "plain.parquet"
    subprocess.run([sys.executable, "-c", WRITE.format(path=written)], check=True)
    written.rename(path)
    of, found = read(path)
    assert (of.kind, of.columns) == (FileKind.PARQUET, ("user", "event", "at", "big", "price", "list"))
    assert found[1].cells == {
        "user": "u1", "event": "view", "at": "2026-03-01T08:00:01.250Z", "big": 9007199254740994, "price": None,
        "list": [1, 2],
    }  # fmt: skip
    assert len(found) == 3


def test_parquet_times_without_a_zone_are_the_clock_on_the_wall(tmp_path):
    """Written by the library that data teams write Parquet with; the engine itself takes such times for UTC."""
    path, at = tmp_path / "walls.parquet", datetime(2026, 3, 1, 8, 0, 0, 250_000)
    table = pa.table(
        {
            "user": ["u1"],
            "wall`s": pa.array([at], pa.timestamp("us")),
            "utc": pa.array([at], pa.timestamp("ms", "UTC")),
            "in": pa.array([{"wall": at}]),
        }
    )
    pq.write_table(table, path)
    of, found = read(path)
    cells = found[0].cells
    assert (cells["wall`s"], cells["utc"]) == ("2026-03-01 08:00:00.250000", "2026-03-01T08:00:00.250Z")
    assert about(path, of) == 1
    columns = Columns(name="paid", user="user", time="wall`s", zone="Asia/Shanghai")
    record = Rows(columns, uuid4(), uuid4()).record(cells)
    assert record.at == datetime(2026, 3, 1, 0, 0, 0, 250_000, UTC)


def test_a_line_without_an_end_is_not_kept_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "LONGEST_LINE", 100)
    path = tmp_path / "bomb.gz"
    path.write_bytes(
        gzip.compress(b'{"a": 1}\n{"a": "' + b"x" * 1000 + b'"}\n{"a": 3}\n{"a": "' + b"x" * 500)
    )
    _of, found = read(path)
    assert [(line.number, line.cells) for line in found] == [
        (1, {"a": 1}),
        (2, None),
        (3, {"a": 3}),
        (4, None),
    ]
    assert found[1].trouble == "larger than 1 MiB"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n3," + b"x" * 350 + b"\n5,6\n"))
    _of, found = read(path)
    assert found[0].cells == {"a": "1", "b": "2"}
    assert found[-1].cells == {"a": "5", "b": "6"}
    assert max(len(str(line.cells)) for line in found) < 200


def test_of_a_large_file_the_rest_is_taken_to_be_alike(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "HEAD", 1000)
    monkeypatch.setattr(reading, "COUNTED", 2000)
    plain, packed = tmp_path / "plain", tmp_path / "packed.gz"
    content = b"a,b\n" + b"1,2\n" * 9999
    plain.write_bytes(content)
    packed.write_bytes(gzip.compress(content))
    assert (about(plain, shape(plain)), about(packed, shape(packed))) == (10_000, 0)


@pytest.mark.parametrize(
    ("content", "count"),
    [("a,b\n1,2\n3,4", 2), ("a,b\n1,2\n", 1), ("a,b\n", 0), ('{"a": 1}\n{"a": 2}', 2)],
)
def test_about_how_many_rows_there_are(tmp_path, content, count):
    plain, packed = tmp_path / "plain", tmp_path / "packed.gz"
    plain.write_text(content)
    packed.write_bytes(gzip.compress(content.encode()))
    assert [about(path, shape(path)) for path in (plain, packed)] == [count, count]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\xff\xfe", "no_columns"),
        (b"only one column\n1\n", "no_columns"),
        (b"a,a\n1,2\n", "no_columns"),
        (b"\x89PNG\r\n\x1a\n\x00\xff\xff\xff", "encoding"),
        (b"PAR1 and nothing of it", "parquet"),
    ],
)
def test_what_is_no_table_is_refused_as_a_whole(file, data, code):
    with pytest.raises(FileRefused) as refused:
        shape(file(data))
    assert refused.value.code == code


def test_a_packed_file_that_breaks_off_says_so_after_its_whole_rows(file):
    rows = "".join(f"u{n},view,{n * 7919}\n" for n in range(300_000))
    whole = gzip.compress(f"user,event,n\n{rows}".encode())
    path = file(whole[: len(whole) // 2])
    of, read_ = shape(path), 0
    with pytest.raises(FileRefused) as refused:
        for _line in lines(path, of):
            read_ += 1
    assert refused.value.code == "damaged"
    assert 0 < read_ < 300_000


@pytest.mark.parametrize("separator", ["||", "\\t"])
def test_a_separator_is_one_character(file, separator):
    with pytest.raises(FileRefused) as refused:
        shape(file(TABLE), separator)
    assert refused.value.code == "separator"
