"""The supervisor with the real PostgreSQL and a client that only retries."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tongpin.kernel.postgres import Cluster
from tongpin.kernel.postgres.leftovers import of_cluster

from .conftest import Supervised, gone, until

pytestmark = pytest.mark.processes

Serve = Callable[..., Supervised]

RUN = """
import sys
from pathlib import Path
from tongpin.config.supervisor import Child, Pace, Supervisor, postgres
from tongpin.kernel.postgres import Cluster
CLIENT = '''
import sys, time
from pathlib import Path
import psycopg
from tongpin.kernel.postgres import Cluster
data = Path(sys.argv[1])
cluster = Cluster(data / "postgres")
number = 0
while True:
    try:
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS written (number int primary key)")
            while True:
                connection.execute("INSERT INTO written VALUES (%s) ON CONFLICT DO NOTHING", [number])
                number += 1
                with (data / "acknowledged").open("a") as file: file.write(".")
                time.sleep(0.002)
    except psycopg.Error:
        time.sleep(0.05)
'''
data = Path(sys.argv[1])
cluster = Cluster(data / "postgres")
cluster.prepare()
client = Child("client", [sys.executable, "-c", CLIENT, str(data)], needs=("postgres",))
status = Supervisor(data, [postgres(cluster), client], pace=Pace(slow=1)).run()
cluster.stop()
sys.exit(status)
"""

SERVE = """
    import sys
    from pathlib import Path
    from tongpin.config import supervisor
    from tongpin.kernel.postgres import PostgresError
    try:
        sys.exit(supervisor.serve(Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]) if sys.argv[2:] else 0))
    except (supervisor.AlreadyServing, supervisor.CannotStart, PostgresError) as refused:
        print(f"REFUSED {type(refused).__name__}: {refused}", flush=True)
        sys.exit(3)
"""


def acknowledged(run: Supervised) -> int:
    file = run.data / "acknowledged"
    return file.stat().st_size if file.exists() else 0


def written(run: Supervised) -> int:
    with psycopg.connect(Cluster(run.data / "postgres").url()) as connection:
        row = connection.execute("SELECT count(*) FROM written").fetchone()
    assert row is not None
    return int(row[0])


def processes(run: Supervised) -> list[int]:
    cluster = Cluster(run.data / "postgres")
    return [process.pid for process in of_cluster(cluster.name, cluster.data.stat().st_uid)]


def test_postgresql_killed_again_and_again_loses_nothing(serve: Serve, tmp_path: Path) -> None:
    run = serve(RUN, tmp_path / "data")
    run.wait_ready()
    client, server = run.pid("client"), run.pid("postgres")
    for _ in range(3):
        before = acknowledged(run)
        until(lambda before=before: acknowledged(run) > before + 20)
        began = time.monotonic()
        os.kill(server, signal.SIGKILL)
        server = run.wait_back("postgres", server)
        print(f"PostgreSQL back {time.monotonic() - began:.2f} s after kill -9")
    before = acknowledged(run)
    until(lambda: acknowledged(run) > before)
    assert run.pid("client") == client, "the others reconnect by themselves"
    promised = acknowledged(run)
    assert written(run) >= promised
    assert run.stop() == 0
    assert processes(run) == []


def test_stopping_ends_postgresql_last_and_cleanly(serve: Serve, tmp_path: Path) -> None:
    run = serve(RUN, tmp_path / "data with spaces")
    run.wait_ready()
    until(lambda: acknowledged(run) > 5)
    assert run.stop() == 0
    assert processes(run) == []
    log = "".join(path.read_text() for path in (run.data / "postgres" / "data" / "log").glob("*.log"))
    assert "database system is shut down" in log
    assert "terminating connection due to administrator command" not in log, "a client outlived the server"


def test_a_killed_supervisor_takes_postgresql_along_and_the_next_one_starts(
    serve: Serve, tmp_path: Path
) -> None:
    run = serve(RUN, tmp_path / "data")
    run.wait_ready()
    until(lambda: acknowledged(run) > 20)
    promised = acknowledged(run)
    run.process.kill()
    run.process.wait()
    again = serve(RUN, tmp_path / "data")  # at once: the old server may still be on its way out
    again.wait_ready()
    assert all(gone(pid) for pid in run.seen)
    assert written(again) >= promised
    assert again.stop() == 0


def test_an_orphan_postgresql_ends_by_itself(serve: Serve, tmp_path: Path) -> None:
    run = serve(RUN, tmp_path / "data")
    run.wait_ready()
    assert processes(run)
    run.process.kill()
    run.process.wait()
    until(lambda: not processes(run))
    assert all(gone(pid) for pid in run.seen)


def test_postgresql_that_cannot_start_again_is_said_with_the_reason(serve: Serve, tmp_path: Path) -> None:
    run = serve(RUN, tmp_path / "data")
    run.wait_ready()
    conf = run.data / "postgres" / "data" / "local.conf"
    conf.write_text("work_mem = 'a lot'\n")
    conf.chmod(0o644)
    os.kill(run.pid("postgres"), signal.SIGKILL)
    until(lambda: "invalid value for parameter" in run.output)
    conf.unlink()
    until(lambda: run.ready("postgres"))


def test_a_second_serve_is_refused_before_anything_else(serve: Serve, tmp_path: Path) -> None:
    run = serve(RUN, tmp_path / "data")
    run.wait_ready()
    second = serve(SERVE, tmp_path / "data")
    assert second.process.wait(60) == 3
    assert "REFUSED AlreadyServing" in second.output
    assert f"process {run.process.pid}" in second.output
    assert run.ready("postgres")


def test_a_taken_port_is_named_before_anything_is_started(serve: Serve, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        run = serve(SERVE.replace("int(sys.argv[2]) if sys.argv[2:] else 0", str(port)), tmp_path / "data")
        assert run.process.wait(60) == 3
    assert "REFUSED CannotStart" in run.output
    assert f"127.0.0.1:{port}" in run.output
    assert "TONGPIN_PORT" in run.output
    assert not (tmp_path / "data" / "postgres").exists()


def test_what_postgresql_refuses_is_said_at_once(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "data" / "postgres" / "data").mkdir(parents=True)
    (tmp_path / "data" / "postgres" / "data" / "PG_VERSION").write_text("12\n")
    run = serve(SERVE, tmp_path / "data")
    assert run.process.wait(60) == 3
    assert "REFUSED PostgresError" in run.output
    assert "PostgreSQL 12" in run.output
