"""Killed at any moment, it comes back with everything committed and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from tongpin.kernel.postgres import Cluster, PostgresError, command_for, holder
from tongpin.kernel.postgres.leftovers import of_cluster

from .conftest import answer, start

pytestmark = pytest.mark.processes

SERVE = """
    import json, os, sys
    from pathlib import Path
    from tongpin.kernel.postgres import Cluster
    cluster = Cluster(Path(sys.argv[1]))
    cluster.prepare()
    process = cluster.spawn()
    cluster.wait_ready(timeout=120)
    print(json.dumps([os.getpid(), process.pid]), flush=True)
    sys.stdin.read()
"""


def test_killed_server_comes_back_with_what_was_committed(running: Cluster) -> None:
    process = running.process
    assert process is not None
    with psycopg.connect(running.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
        process.kill()
        process.wait()
        assert running.failure().code == "killed"
    began = time.monotonic()
    running.spawn()
    running.wait_ready(timeout=120)
    print(f"back after kill -9 in {time.monotonic() - began:.2f} s")
    with psycopg.connect(running.url()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_a_busy_child_of_the_killed_server_does_not_keep_the_next_one_out(running: Cluster) -> None:
    process = running.process
    assert process is not None
    connection = psycopg.connect(running.url(), autocommit=True)
    connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000000000)")
    _until(lambda: any("SELECT" in " ".join(child.cmdline()) for child in _processes(running)))
    process.kill()
    process.wait()
    running.spawn()
    running.wait_ready(timeout=120)
    connection.close()
    with psycopg.connect(running.url()) as second:
        assert second.execute("SELECT 1").fetchone() == (1,)


def test_it_stops_when_its_supervisor_is_killed_and_the_next_one_starts_at_once(
    cluster_in: Callable[..., Cluster], in_process: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    supervisor = in_process(SERVE, tmp_path / "pg")
    pid, server = answer(supervisor)
    assert holder(tmp_path / "pg" / "lock") == pid
    os.kill(pid, signal.SIGKILL)
    supervisor.wait()
    assert holder(tmp_path / "pg" / "lock") is None
    cluster = start(cluster_in(tmp_path / "pg"))  # while the old one is still on its way out
    assert not psutil.pid_exists(server) or psutil.Process(server).status() == psutil.STATUS_ZOMBIE
    with psycopg.connect(cluster.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_an_orphan_goes_without_a_successor(
    in_process: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    supervisor = in_process(SERVE, tmp_path / "pg")
    pid, _server = answer(supervisor)
    cluster = Cluster(tmp_path / "pg")
    assert _processes(cluster)
    os.kill(pid, signal.SIGKILL)
    supervisor.wait()
    _until(lambda: not _processes(cluster))


def test_stopping_leaves_nothing_behind(running: Cluster) -> None:
    folder = running.socket_folder()
    assert _processes(running)
    running.stop()
    assert _processes(running) == []
    assert not folder.exists()
    assert holder(running.home / "lock") is None
    assert not (running.data / "postmaster.pid").exists()


def test_stopping_does_not_wait_for_clients(running: Cluster) -> None:
    with psycopg.connect(running.url()) as connection:
        connection.execute("CREATE TABLE unfinished (number int)")  # an open transaction
        running.stop(timeout=30)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    start(running)
    with psycopg.connect(running.url()) as connection:
        assert connection.execute("SELECT to_regclass('unfinished')").fetchone() == (None,)


def test_lock_files_with_a_number_now_used_by_another_program_do_not_matter(
    running: Cluster,
) -> None:
    process = running.process
    assert process is not None
    folder = running.socket_folder()
    process.kill()
    process.wait()
    _until(lambda: not _processes(running))
    stale = running.data / "postmaster.pid"
    owner = running.data.stat()
    as_server = (owner.st_uid, owner.st_gid) if os.geteuid() == 0 else None
    stranger = subprocess.Popen(command_for(["sleep", "600"], run_as=as_server))
    try:
        lines = stale.read_text().splitlines()
        stale.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        lock = folder / ".s.PGSQL.5432.lock"
        lock.write_text("\n".join([str(stranger.pid), *lock.read_text().splitlines()[1:]]) + "\n")
        _until(lambda: "sleep" in psutil.Process(stranger.pid).cmdline()[0])
        running.spawn()
        running.wait_ready(timeout=120)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_database_half_made_is_made_again(cluster_in: Callable[..., Cluster], tmp_path: Path) -> None:
    draft = tmp_path / "pg" / "data.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    cluster = start(cluster_in(tmp_path / "pg"))
    assert not draft.exists()
    assert cluster.prepared


def test_a_killed_child_of_the_server_is_survived(running: Cluster) -> None:
    assert running.process is not None
    connection = psycopg.connect(running.url())
    os.kill(connection.info.backend_pid, signal.SIGKILL)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    _until(lambda: _answers(running))
    assert running.process.poll() is None


def test_a_command_dies_with_its_parent(in_process: Callable[..., subprocess.Popen[str]]) -> None:
    parent = in_process(
        """
        import json, subprocess, sys
        from tongpin.kernel.postgres import command_for
        child = subprocess.Popen(command_for(["sleep", "600"]))
        print(json.dumps(child.pid), flush=True)
        sys.stdin.read()
        """
    )
    child = psutil.Process(answer(parent))
    _until(lambda: "sleep" in "".join(child.cmdline()[:1]))  # while it becomes another there is none
    parent.kill()
    parent.wait()
    _until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def _processes(cluster: Cluster) -> list[psutil.Process]:
    return of_cluster(cluster.name, cluster.data.stat().st_uid)


def _answers(cluster: Cluster) -> bool:
    with contextlib.suppress(PostgresError):
        return cluster.answers()
    return False


def _until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
