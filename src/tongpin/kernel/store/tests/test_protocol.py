"""The unmodified clickhouse-connect client against the store: types, inserts, parameters, errors, many threads."""

from __future__ import annotations

import gzip
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import urllib3
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError
from clickhouse_connect.driver.external import ExternalData

from tongpin.kernel.store import address as addresses

WHEN = datetime(2026, 2, 28, 23, 59, 59, 123000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("String", ["", "plain", "同频 🎉 \t\n\\'\"", "\x00null"]),
        ("UInt64", [0, 2**64 - 1]),
        ("Int64", [-(2**63), 2**63 - 1]),
        ("Float64", [0.1, -1e300]),
        ("Bool", [True, False]),
        ("Decimal(18, 4)", [Decimal("123.4567"), Decimal("-0.0001")]),
        ("Date", [date(1970, 1, 1), date(2149, 6, 6)]),
        ("DateTime64(3, 'UTC')", [WHEN]),
        ("UUID", [uuid.UUID(int=1), uuid.uuid4()]),
        ("Nullable(String)", [None, "", "x"]),
        ("Nullable(Float64)", [None, 1.5]),
        ("LowCardinality(String)", ["a", "b", "a"]),
        ("LowCardinality(Nullable(String))", [None, "b"]),
        ("Array(String)", [[], ["a", "同"]]),
        ("Array(Nullable(Int32))", [[None, 1], []]),
        ("Map(String, UInt8)", [{}, {"k": 1}]),
        ("Tuple(String, UInt8)", [("a", 1)]),
        ("JSON", [{"k": 1, "nested": {"名": ["x"]}}, {}]),
        ("Enum8('on' = 1, 'off' = 2)", ["on", "off"]),
        ("IPv4", ["10.0.0.1"]),
    ],
)
def test_every_type_comes_back_as_it_went_in(raw: Client, kind: str, values: list[Any]) -> None:
    raw.command(f"CREATE TABLE t (n UInt32, v {kind}) ENGINE = MergeTree ORDER BY n")
    raw.insert("t", list(enumerate(values)), column_names=["n", "v"])

    answer = raw.query("SELECT v FROM t ORDER BY n", query_tz=None).result_rows

    got = [v.replace(tzinfo=UTC) if isinstance(v, datetime) else v for (v,) in answer]
    assert [str(v) for v in got] == [str(v) for v in values] if kind == "IPv4" else got == values


def test_fifty_thousand_rows_go_in_and_come_back(raw: Client) -> None:
    raw.command("CREATE TABLE t (n UInt64, s String, a Array(String)) ENGINE = MergeTree ORDER BY n")
    rows = [[n, f"行 {n}", ["x"] * (n % 3)] for n in range(50_000)]

    summary = raw.insert("t", rows, column_names=["n", "s", "a"])

    assert summary.written_rows == 50_000
    assert [list(row) for row in raw.query("SELECT * FROM t ORDER BY n").result_rows] == rows
    with raw.query_row_block_stream("SELECT n FROM t ORDER BY n") as blocks:
        assert [n for block in blocks for (n,) in block] == list(range(50_000))


@pytest.mark.parametrize("compress", [False, "lz4", "zstd", "gzip"])
def test_compressed_inserts_are_understood(shared: Any, raw: Client, compress: Any) -> None:
    raw.command("CREATE TABLE t (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
    client = shared.connect(compress=compress, database="scratch")

    client.insert("t", [[n, "z" * 50] for n in range(30_000)], column_names=["n", "s"])

    assert client.query("SELECT count(), sum(n) FROM t").result_rows == [(30_000, sum(range(30_000)))]


def test_rows_as_json_lines_and_csv(raw: Client) -> None:
    raw.command("CREATE TABLE t (n UInt64, s String) ENGINE = MergeTree ORDER BY n")

    raw.raw_insert("t", ["n", "s"], b'{"n":1,"s":"a"}\n{"n":2,"s":"\xf0\x9f\x8e\x89"}\n', fmt="JSONEachRow")
    raw.raw_insert("t", ["n", "s"], gzip.compress(b'3,"c"\n'), fmt="CSV", compression="gzip")
    raw.command("INSERT INTO t VALUES (4, 'it''s; FORMAT x')")
    raw.command("INSERT INTO t SELECT n + 4, s FROM t WHERE n = 1")

    lines = raw.raw_query("SELECT * FROM t ORDER BY n", fmt="JSONEachRow").decode().splitlines()
    assert lines == [
        '{"n":1,"s":"a"}',
        '{"n":2,"s":"🎉"}',
        '{"n":3,"s":"c"}',
        '{"n":4,"s":"it\'s; FORMAT x"}',
        '{"n":5,"s":"a"}',
    ]
    assert raw.raw_query("SELECT n, s FROM t WHERE n < 3 ORDER BY n", fmt="CSV") == '1,"a"\n2,"🎉"\n'.encode()
    assert raw.raw_query("SELECT 1 AS x, 2 AS y FORMAT CSVWithNames") == b'"x","y"\n1,2\n'


def test_empty_answers_keep_their_columns(raw: Client) -> None:
    raw.command("CREATE TABLE t (n UInt64, s LowCardinality(Nullable(String))) ENGINE = MergeTree ORDER BY n")

    none = raw.query(
        "SELECT n, s AS `名`, now64(3, 'UTC') AS at FROM t WHERE n > {n:UInt8}", parameters={"n": 1}
    )

    assert none.result_rows == []
    assert none.column_names == ("n", "名", "at")
    assert [each.name for each in none.column_types][:2] == ["UInt64", "LowCardinality(Nullable(String))"]
    assert raw.raw_query("SELECT n FROM t", fmt="JSONEachRow") == b""
    assert raw.query("SELECT count() FROM t").result_rows == [(0,)]
    assert raw.query("SHOW TABLES LIKE 'nothing'").result_rows == []
    with raw.query_rows_stream("SELECT n FROM t") as stream:
        assert list(stream) == []


def test_values_are_parameters_never_text(raw: Client) -> None:
    nasty = "'; DROP TABLE t --\\ \n\t{x:String} 同"
    got = raw.query(
        "SELECT {s:String}, {a:Array(String)}, {u:UUID}, {t:DateTime64(3, 'UTC')}, {n:Nullable(String)}",
        parameters={"s": nasty, "a": [nasty, ""], "u": uuid.UUID(int=7), "t": WHEN, "n": None},
    ).result_rows[0]
    assert got == (nasty, [nasty, ""], uuid.UUID(int=7), WHEN.replace(tzinfo=None), None)
    long = "长" * 100_000
    assert raw.query("SELECT length({s:String})", parameters={"s": long}).result_rows == [(300_000,)]


def test_external_tables_and_settings(shared: Any, raw: Client) -> None:
    people = ExternalData(
        file_name="people.csv", fmt="CSV", structure="id UInt8, name String", data=b'1,"a"\n2,"b"\n'
    )
    assert raw.query("SELECT name FROM people ORDER BY id DESC", external_data=people).result_rows == [
        ("b",),
        ("a",),
    ]
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
        raw.query("SELECT name FROM people")  # it went with its request

    short = raw.query("SELECT number FROM numbers(100) ORDER BY number", settings={"limit": 3})
    assert short.result_rows == [(0,), (1,), (2,)]
    assert len(raw.query("SELECT number FROM numbers(100)").result_rows) == 100  # and so did the setting

    form = shared.connect(form_encode_query_params=True)
    assert form.query("SELECT {s:String}", parameters={"s": "é\r\n--"}).result_rows == [("é\r\n--",)]


@pytest.mark.parametrize(
    ("sql", "code", "name"),
    [
        ("SELEC 1", 62, "SYNTAX_ERROR"),
        ("SELECT * FROM nowhere", 60, "UNKNOWN_TABLE"),
        ("SELECT nothing FROM system.one", 47, "UNKNOWN_IDENTIFIER"),
        ("SELECT throwIf(number = 3) FROM numbers(10)", 395, "FUNCTION_THROW_IF"),
        ("SELECT {missing:String}", 456, "UNKNOWN_QUERY_PARAMETER"),
    ],
)
def test_errors_arrive_with_their_code(raw: Client, sql: str, code: int, name: str) -> None:
    with pytest.raises(DatabaseError, match=name) as caught:
        raw.query(sql)
    assert caught.value.code == code
    assert raw.query("SELECT 1").result_rows == [(1,)]


def test_an_error_in_the_middle_of_a_stream_is_not_a_short_answer(raw: Client) -> None:
    with (
        pytest.raises(StreamFailureError, match="throwIf"),
        raw.query_row_block_stream("SELECT throwIf(number = 3000000) FROM numbers(4000000)") as blocks,
    ):
        for _ in blocks:
            pass


def test_a_bad_row_puts_nothing_in(raw: Client) -> None:
    raw.command("CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n")
    with pytest.raises(DatabaseError, match="row 2"):
        raw.raw_insert("t", ["n"], b'{"n":1}\n{"n":"x"}\n', fmt="JSONEachRow")
    assert raw.command("SELECT count() FROM t") == 0


def test_commands_answer_as_a_server_does(raw: Client) -> None:
    assert raw.command("CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n").written_rows == 0  # type: ignore[union-attr]
    assert raw.command("EXISTS TABLE t") == 1
    assert raw.command("SELECT 'a', 'b'") == ["a", "b"]
    assert raw.query("DESCRIBE TABLE t").result_rows[0][:2] == ("n", "UInt64")
    assert raw.server_version.startswith("26.9")
    assert raw.ping()


def test_eight_threads_at_once(shared: Any, raw: Client) -> None:
    raw.command("CREATE TABLE t (thread UInt8, n UInt64) ENGINE = MergeTree ORDER BY n")

    def work(thread: int) -> list[int]:
        client = shared.connect(database="scratch")
        seen = []
        for step in range(10):
            client.insert("t", [[thread, step]], column_names=["thread", "n"])
            seen += client.query(
                "SELECT count(), {me:UInt8} FROM t WHERE thread = {me:UInt8}", parameters={"me": thread}
            ).result_rows[0]
        return seen

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(8)))

    assert results == [[value for step in range(10) for value in (step + 1, me)] for me in range(8)]


def test_without_the_token_nothing_is_told(shared: Any) -> None:
    address = addresses.read(shared.folder)
    assert address is not None
    assert (shared.folder / addresses.FILE).stat().st_mode & 0o777 == 0o600
    with pytest.raises(DatabaseError, match="AUTHENTICATION_FAILED") as caught:
        shared.connect(password=address.token[:-1] + "?")
    assert caught.value.code == 516

    pool = urllib3.PoolManager()
    for headers in (
        {},
        {"Authorization": "Basic broken"},
        {"Authorization": "Bearer wrong"},
        {"X-ClickHouse-Key": "wrong"},
        {"X-ClickHouse-Key": "wröng".encode().decode("latin-1")},
    ):
        answer = pool.request("POST", address.url, body=b"SELECT 1", headers=headers, retries=False)
        assert (answer.status, b"version" in answer.data) == (401, False)
    for headers in (
        {"X-ClickHouse-User": "me", "X-ClickHouse-Key": address.token},
        {"Authorization": f"Bearer {address.token}"},
    ):
        assert pool.request("POST", address.url, body=b"SELECT 1", headers=headers).data == b"1\n"
    assert pool.request("GET", f"{address.url}/ping").data == b"Ok.\n"


def test_get_is_for_reading(shared: Any) -> None:
    address = addresses.read(shared.folder)
    assert address is not None
    pool, headers = urllib3.PoolManager(), {"X-ClickHouse-Key": address.token}
    read = pool.request("GET", f"{address.url}/?query=SELECT+2&default_format=JSONEachRow", headers=headers)
    assert (read.status, read.data, read.headers["X-ClickHouse-Format"]) == (200, b'{"2":2}\n', "JSONEachRow")
    write = pool.request("GET", f"{address.url}/?query=CREATE+DATABASE+sneaky", headers=headers)
    assert (write.status, write.headers["X-ClickHouse-Exception-Code"]) == (403, "164")
    assert pool.request("GET", f"{address.url}/elsewhere", headers=headers).status == 404
