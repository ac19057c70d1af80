"""Reading the outline of a statement."""

from __future__ import annotations

import pytest

from tongpin.kernel.store.multipart import parse
from tongpin.kernel.store.statement import (
    Kind,
    answers_rows,
    data_insert,
    first_word,
    kind_of,
    trailing_format,
)


@pytest.mark.parametrize(
    ("sql", "statement", "input_format", "data"),
    [
        (b"INSERT INTO t (`a`, `b`) FORMAT Native\n\x00\x01", b"INSERT INTO t (`a`, `b`)", "Native", b"\x00\x01"),
        (b"insert into t format JSONEachRow {\"a\":1}", b"insert into t", "JSONEachRow", b'{"a":1}'),
        (b"INSERT INTO t FORMAT CSV\r\n1\n", b"INSERT INTO t", "CSV", b"1\n"),
        (b"INSERT INTO t FORMAT TSV\n\n\t1", b"INSERT INTO t", "TSV", b"\n\t1"),
        (
            b"/* FORMAT */ INSERT INTO `FORMAT` (format) FORMAT CSV\n",
            b"/* FORMAT */ INSERT INTO `FORMAT` (format)",
            "CSV",
            b"",
        ),
        (
            b"INSERT INTO t SETTINGS async_insert = 1 FORMAT CSV\nx",
            b"INSERT INTO t SETTINGS async_insert = 1",
            "CSV",
            b"x",
        ),
    ],
)  # fmt: skip
def test_rows_that_follow_an_insert(sql: bytes, statement: bytes, input_format: str, data: bytes) -> None:
    found = data_insert(sql)
    assert found is not None
    assert (found.statement, found.input_format, sql[found.data_at :]) == (statement, input_format, data)


@pytest.mark.parametrize(
    "sql",
    [
        b"INSERT INTO t VALUES (1, ' FORMAT CSV\n')",
        b"INSERT INTO t SELECT 1 FORMAT CSV",
        b"INSERT INTO t WITH 1 AS x SELECT x",
        b"INSERT INTO t FROM INFILE 'x' FORMAT CSV",
        b"SELECT 1 FORMAT CSV",
        b"",
        b"INSERT INTO t",
    ],
)
def test_statements_without_rows_behind_them(sql: bytes) -> None:
    assert data_insert(sql) is None


@pytest.mark.parametrize(
    ("sql", "kind", "answers"),
    [
        (b" -- a comment\n # ! no\n", Kind.OTHER, False),
        (b"-- INSERT\nSELECT 1", Kind.READ, True),
        (b"(SELECT 1) UNION ALL (SELECT 2)", Kind.READ, True),
        (b"with x as (select 1) select * from x", Kind.READ, True),
        (b"/* SELECT */ Insert INTO t VALUES (1)", Kind.WRITE, False),
        (b"CREATE TABLE t (n Int8) ENGINE = Memory", Kind.OTHER, False),
        (b"KILL QUERY WHERE 1", Kind.OTHER, True),
    ],
)
def test_kinds(sql: bytes, kind: Kind, answers: bool) -> None:
    assert (kind_of(sql), answers_rows(sql)) == (kind, answers)


def test_the_format_at_the_end() -> None:
    assert trailing_format(b"SELECT 1\n FORMAT Native") == "Native"
    assert trailing_format(b"SELECT 1 format JSON ;\n") == "JSON"
    assert trailing_format(b"SELECT 'FORMAT CSV'") is None
    assert first_word(b"") == ""


def test_forms() -> None:
    body = (
        b'--xx\r\nContent-Disposition: form-data; name="query"\r\n\r\nSELECT 1\r\n'
        b'--xx\r\nContent-Disposition: form-data; name="t"; filename="t.csv"\r\nContent-Type: a/b\r\n\r\n'
        b"1\r\n--x\r\n\r\n"
        b"--xx--\r\n"
    )
    form = parse('multipart/form-data; boundary="xx"', body)
    assert (form.fields, form.files) == ({"query": "SELECT 1"}, {"t": b"1\r\n--x\r\n"})
    for broken in (b"", body[:-8], b"--xx\r\n\r\nno name\r\n--xx--"):
        with pytest.raises(ValueError, match="form"):
            parse("multipart/form-data; boundary=xx", broken)
