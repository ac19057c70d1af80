"""The process: killed, restarted, refused, limited, left by its clients."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from tongpin.kernel.store import address as addresses
from tongpin.kernel.store.tests.conftest import StoreProcess

pytestmark = pytest.mark.processes

HEAVY = "SELECT count() FROM (SELECT number % 5000011 AS k, count() FROM numbers(100000000000) GROUP BY k)"
ENDLESS = "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))"
TABLE = (
    "CREATE TABLE kept.t (batch UInt32, n UInt32) ENGINE = MergeTree PARTITION BY n % 2 ORDER BY n"
    " SETTINGS fsync_after_insert = 1, non_replicated_deduplication_window = 10000"
)
BATCH = 20


def _put(client: Client, batch: int) -> None:
    client.insert(
        "kept.t",
        [[batch, n] for n in range(BATCH)],
        column_names=["batch", "n"],
        column_type_names=["UInt32", "UInt32"],
        settings={"insert_deduplication_token": f"batch-{batch}"},
    )


def test_killed_in_the_middle_of_inserts_it_has_all_it_acknowledged_and_retries_double_nothing(
    own: StoreProcess,
) -> None:
    first = own.connect()
    first.command("CREATE DATABASE kept ENGINE = Atomic")
    first.command(TABLE)
    next_batch, tried, acknowledged = iter(range(100_000)), [], []
    lock = threading.Lock()

    def writer() -> None:
        client = own.connect()
        while True:
            with lock:
                batch = next(next_batch)
                tried.append(batch)
            try:
                _put(client, batch)
            except Exception:  # the store is dead
                return
            with lock:
                acknowledged.append(batch)
                if len(acknowledged) % 15 == 0:
                    assert own.process is not None
                    own.process.kill()

    for _round in range(2):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: writer(), range(4)))
        assert own.process is not None
        assert own.process.wait(30) == -signal.SIGKILL
        own.start()
        client = own.connect()
        full = client.query(
            "SELECT batch FROM kept.t GROUP BY batch HAVING count() = {n:UInt8}", parameters={"n": BATCH}
        )
        assert set(acknowledged) <= {batch for (batch,) in full.result_rows}

        unsure = set(tried) - set(acknowledged)
        for batch in [*sorted(unsure), *acknowledged[-5:]]:
            _put(client, batch)
        rows = client.query(
            "SELECT batch, count(), uniqExact(n) FROM kept.t GROUP BY batch ORDER BY batch"
        ).result_rows
        assert rows == [(batch, BATCH, BATCH) for batch in sorted(tried)]


def test_an_insert_cut_off_between_its_token_and_its_rows_can_be_repeated(own: StoreProcess) -> None:
    client = own.connect()
    client.command("CREATE DATABASE kept ENGINE = Atomic")
    client.command(TABLE)
    for batch in range(4):
        _put(client, batch)
        if batch == 2:
            client.command("OPTIMIZE TABLE kept.t FINAL")  # merged away is not lost
    own.stop(signal.SIGKILL)
    # The state a kill leaves between the engine's two writes: the token is in the log, the part is not in place.
    (part,) = own.folder.glob("engine/store/*/*/1_8_8_0")
    shutil.rmtree(part)
    (noted,) = own.folder.glob("engine/store/*/*/deduplication_logs/*.txt")
    with noted.open("a") as file:
        file.write("1\t1_9_9_0\t1_cut o")

    own.start()
    client = own.connect()
    for batch in range(4):
        _put(client, batch)

    rows = client.query(
        "SELECT batch, count(), uniqExact(n) FROM kept.t GROUP BY batch ORDER BY batch"
    ).result_rows
    assert rows == [(batch, BATCH, BATCH) for batch in range(4)]


def test_a_second_process_is_refused_with_the_reason(own: StoreProcess) -> None:
    assert own.process is not None
    second = subprocess.run(own.line(), capture_output=True, text=True, timeout=60)
    assert second.returncode == 3
    assert f"already served by process {own.process.pid}" in second.stderr
    assert own.connect().command("SELECT 1") == 1


def test_it_keeps_token_and_port_and_data_over_a_restart(own: StoreProcess) -> None:
    before = addresses.read(own.folder)
    own.connect().command("CREATE DATABASE kept ENGINE = Atomic")
    assert own.stop() == 0
    after = own.start()
    assert before is not None
    assert (after.url, after.token) == (before.url, before.token)
    assert own.connect().command("EXISTS DATABASE kept") == 1


def test_it_listens_on_loopback_only(own: StoreProcess) -> None:
    other = subprocess.run([*own.line(), "--host", "0.0.0.0"], capture_output=True, text=True, timeout=60)
    assert other.returncode == 2
    assert "loopback" in other.stderr


def test_a_stop_lets_running_work_finish(own: StoreProcess) -> None:
    client = own.connect()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(
            client.command, "SELECT sleepEachRow(0.5) FROM numbers(2) FORMAT Null SETTINGS max_block_size = 1"
        )
        _until(own, "sleepEachRow", 1)
        assert own.stop() == 0
        running.result(timeout=30)


@pytest.mark.parametrize(
    ("sql", "settings", "name", "code"),
    [
        (ENDLESS, {}, "TIMEOUT_EXCEEDED", 159),
        (f"{ENDLESS} SETTINGS max_execution_time = 0", {}, "QUERY_WAS_CANCELLED", 394),
        (
            "SELECT length(groupArray(toString(number))) FROM numbers(100000000)",
            {"max_memory_usage": 10**12, "max_execution_time": 120},
            "MEMORY_LIMIT_EXCEEDED",
            241,
        ),
    ],
)
def test_too_much_time_or_memory_is_refused(
    own: StoreProcess, sql: str, settings: dict[str, object], name: str, code: int
) -> None:
    client = own.connect()
    with pytest.raises(DatabaseError, match=name) as caught:
        client.query(sql, settings=settings)
    assert caught.value.code == code
    assert client.command("SELECT 1") == 1


def test_inserts_go_on_beside_as_many_heavy_questions_as_there_are_places(own: StoreProcess) -> None:
    client = own.connect()
    client.command("CREATE DATABASE kept ENGINE = Atomic")
    client.command(TABLE)
    stop = threading.Event()
    met: list[int] = []

    def heavy() -> None:
        mine = own.connect()
        while not stop.is_set():
            try:
                mine.query(HEAVY)
            except DatabaseError as problem:
                met.append(problem.code or 0)

    threads = [threading.Thread(target=heavy) for _ in range(5)]
    for thread in threads:
        thread.start()
    try:
        for batch in range(30):
            _put(client, batch)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert client.command("SELECT count() FROM kept.t") == 30 * BATCH
    assert set(met) <= {159, 202, 241, 394}  # time, no place, memory, stopped: refusals, no crash


def test_somebody_with_many_questions_leaves_a_place_to_others(own: StoreProcess) -> None:
    def endless() -> None:
        with suppress(Exception):  # the store is killed in the end
            own.connect().query(ENDLESS, settings={"quota_key": "greedy", "max_execution_time": 600})

    threads = [threading.Thread(target=endless) for _ in range(4)]
    for thread in threads:
        thread.start()
    _until(own, "sipHash64", 2)
    other = own.connect()
    assert other.query("SELECT 1", settings={"quota_key": "other"}).result_rows == [(1,)]
    running = (
        "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%processes%'"
    )
    assert other.query(running).result_rows == [(2,)], "the others wait for a place of their own"
    assert own.process is not None
    own.process.kill()
    for thread in threads:
        thread.join(60)


def test_a_question_ends_when_its_asker_has_gone(tmp_path: object, own: StoreProcess) -> None:
    address = addresses.read(own.folder)
    assert address is not None
    gone = http.client.HTTPConnection(address.host, address.port)
    options = urlencode({"max_execution_time": 600, "wait_end_of_query": 1})
    gone.request("POST", f"/?{options}", body=ENDLESS, headers={"X-ClickHouse-Key": address.token})
    _until(own, "sipHash64", 1)

    gone.close()

    _until(own, "sipHash64", 0)


def test_an_insert_cut_off_half_way_puts_nothing_in(own: StoreProcess) -> None:
    client = own.connect()
    client.command("CREATE DATABASE kept ENGINE = Atomic")
    client.command(TABLE)
    address = addresses.read(own.folder)
    assert address is not None
    gone = http.client.HTTPConnection(address.host, address.port)
    gone.putrequest("POST", f"/?{urlencode({'query': 'INSERT INTO kept.t FORMAT JSONEachRow'})}")
    gone.putheader("X-ClickHouse-Key", address.token)
    gone.putheader("Transfer-Encoding", "chunked")
    gone.endheaders()
    line = json.dumps({"batch": 1, "n": 1}).encode() + b"\n"
    gone.send(b"%x\r\n%s\r\n" % (len(line), line))
    gone.close()

    assert own.stop() == 0  # waits for the connection's thread
    own.start()
    assert own.connect().command("SELECT count() FROM kept.t") == 0


def _until(store: StoreProcess, word: str, count: int) -> None:
    """Wait until ``count`` statements with ``word`` run."""
    watcher = store.connect()
    sql = "SELECT count() FROM system.processes WHERE position(query, {a:String}) > 0 AND query NOT LIKE '%processes%'"
    end = time.monotonic() + 30
    while watcher.query(sql, parameters={"a": word}).result_rows != [(count,)]:
        assert time.monotonic() < end, f"not {count} of {word} within 30 s"
        time.sleep(0.05)
