"""What stands in the way is named, with what to do about it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tongpin.kernel.postgres import Cluster, PostgresError
from tongpin.kernel.postgres.errors import from_log

from .conftest import answer, start

pytestmark = pytest.mark.processes

HOLD = """
    import json, os, sys
    from pathlib import Path
    from tongpin.kernel.postgres import Cluster
    Cluster(Path(sys.argv[1])).prepare()
    print(json.dumps(os.getpid()), flush=True)
    sys.stdin.read()
"""


def refusal(act: Callable[[], object]) -> PostgresError:
    with pytest.raises(PostgresError) as refused:
        act()
    assert refused.value.message
    assert refused.value.hint
    return refused.value


def test_a_second_one_on_the_folder_is_refused_and_says_who_has_it(
    cluster_in: Callable[..., Cluster], in_process: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    holder = in_process(HOLD, tmp_path / "pg")
    pid = answer(holder)
    cluster = cluster_in(tmp_path / "pg")
    error = refusal(cluster.prepare)
    assert error.code == "held"
    assert f"process {pid}" in error.message
    holder.kill()
    holder.wait()
    start(cluster)


def test_two_in_one_process_are_refused_too(running: Cluster, cluster_in: Callable[..., Cluster]) -> None:
    error = refusal(cluster_in(running.home).prepare)
    assert error.code == "held"
    assert str(os.getpid()) in error.message


def test_a_server_started_by_hand_is_left_alone_and_named(
    cluster_in: Callable[..., Cluster], tmp_path: Path
) -> None:
    cluster = start(cluster_in(tmp_path / "pg"))
    command = [word.replace("cluster_name=tongpin-", "cluster_name=by-hand-") for word in cluster.command()]
    cluster.stop()
    cluster.prepare()  # makes the socket's folder again
    by_hand = subprocess.Popen(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until(lambda: "ready" in _text(cluster.data / "postmaster.pid"))
        error = refusal(cluster.spawn)
        assert error.code == "in_use"
        assert str(by_hand.pid) in error.message
        assert by_hand.poll() is None
    finally:
        by_hand.kill()
        by_hand.wait()


def test_another_major_version_is_named_with_the_way_out(
    cluster_in: Callable[..., Cluster], tmp_path: Path
) -> None:
    cluster = cluster_in(tmp_path / "pg")
    cluster.prepare()
    (cluster.data / "PG_VERSION").write_text("16\n")
    error = refusal(cluster.prepare)
    assert error.code == "version"
    assert "PostgreSQL 16" in error.message
    assert "PostgreSQL 18" in error.message
    assert "tongpin backup" in error.hint


def test_a_folder_that_holds_something_else_is_not_overwritten(
    cluster_in: Callable[..., Cluster], tmp_path: Path
) -> None:
    (tmp_path / "pg" / "data").mkdir(parents=True)
    (tmp_path / "pg" / "data" / "thesis.txt").write_text("years of work")
    assert refusal(cluster_in(tmp_path / "pg").prepare).code == "damaged"
    assert (tmp_path / "pg" / "data" / "thesis.txt").read_text() == "years of work"


def test_a_data_folder_open_to_others_is_refused(cluster_in: Callable[..., Cluster], tmp_path: Path) -> None:
    cluster = cluster_in(tmp_path / "pg")
    cluster.prepare()
    cluster.data.chmod(0o755)
    error = refusal(cluster.prepare)
    assert error.code == "permissions"
    assert "755" in error.message
    assert error.hint == f"chmod 700 '{cluster.data}'"


def test_a_path_postgresql_would_cut_off_is_refused(
    cluster_in: Callable[..., Cluster], tmp_path: Path
) -> None:
    path = tmp_path.joinpath(*["x" * 200] * 6)
    assert refusal(cluster_in(path).prepare).code == "path_too_long"
    assert not (tmp_path / ("x" * 200)).exists()


def test_a_setting_that_is_wrong_is_named(cluster_in: Callable[..., Cluster], tmp_path: Path) -> None:
    cluster = cluster_in(tmp_path / "pg")
    cluster.prepare()
    (cluster.data / "local.conf").write_text("work_mem = 'a lot'\n")
    (cluster.data / "local.conf").chmod(0o644)
    cluster.spawn()
    error = refusal(lambda: cluster.wait_ready(timeout=60))
    assert error.code == "configuration"
    assert "work_mem" in error.message or "local.conf" in error.message


def test_a_lost_password_is_named(cluster_in: Callable[..., Cluster], tmp_path: Path) -> None:
    cluster = start(cluster_in(tmp_path / "pg"))
    (cluster.home / "password").write_text("another")
    assert refusal(cluster.answers).code == "password"
    cluster.stop()
    (cluster.home / "password").unlink()
    assert refusal(cluster.prepare).code == "password"


def test_too_little_space_is_seen_before_starting(cluster_in: Callable[..., Cluster], tmp_path: Path) -> None:
    error = refusal(cluster_in(tmp_path / "new", free_to_create=1 << 60).prepare)
    assert error.code == "disk_full"
    assert not (tmp_path / "new" / "data").exists()
    old = cluster_in(tmp_path / "old", free_to_start=1 << 60)
    old.prepare()
    assert refusal(old.spawn).code == "disk_full"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 30 MB, where mounting one is permitted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", str(disk)]
    if (
        os.geteuid() != 0
        or not shutil.which("mount")
        or subprocess.run(mount, capture_output=True).returncode
    ):
        pytest.skip("mounting a small disk is not permitted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_disk_that_fills_up_is_named_and_nothing_half_made_stays(
    cluster_in: Callable[..., Cluster], small_disk: Path
) -> None:
    cluster = cluster_in(small_disk / "pg", free_to_create=0, free_to_start=0)
    assert refusal(cluster.prepare).code == "disk_full"
    assert not cluster.prepared
    assert not (cluster.home / "data.new").exists()
    subprocess.run(["mount", "-o", "remount,size=400m", str(small_disk)], check=True)
    start(cluster)


def test_a_disk_filled_while_running_loses_nothing_committed(
    cluster_in: Callable[..., Cluster], small_disk: Path
) -> None:
    subprocess.run(["mount", "-o", "remount,size=160m", str(small_disk)], check=True)
    cluster = start(cluster_in(small_disk / "pg", free_to_create=0, free_to_start=0))
    kept = 0
    with contextlib.suppress(psycopg.Error), psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE filler (number int, text text)")
        connection.execute("ALTER TABLE filler ALTER COLUMN text SET STORAGE PLAIN")
        for number in range(100_000):
            connection.execute("INSERT INTO filler VALUES (%s, repeat('x', 7000))", [number])
            kept = number + 1
    assert 0 < kept < 100_000, "the disk never filled"
    if cluster.process is not None and cluster.process.poll() is not None:
        assert cluster.failure().code == "disk_full"
    cluster.stop()
    subprocess.run(["mount", "-o", "remount,size=600m", str(small_disk)], check=True)
    start(cluster)
    with psycopg.connect(cluster.url()) as connection:
        row = connection.execute("SELECT count(*) FROM filler").fetchone()
    assert row is not None
    assert row[0] >= kept


def test_a_socket_folder_taken_by_somebody_else_is_avoided(
    cluster_in: Callable[..., Cluster], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = Path("/tmp") / f"s{os.getpid()}"
    parent.mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(parent))
    cluster = cluster_in(tmp_path / "pg")
    try:
        parent.chmod(0o755)
        (parent / cluster.name).mkdir(mode=0o777)
        (parent / cluster.name).chmod(0o777)
        start(cluster)
        assert cluster.socket_folder() != parent / cluster.name
        assert cluster.socket_folder().stat().st_mode & 0o077 == 0
        assert list((parent / cluster.name).iterdir()) == []
    finally:
        cluster.stop()
        shutil.rmtree(parent)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('PANIC:  could not write to file "pg_wal/xlogtemp.9": No space left on device', "disk_full"),
        ("DETAIL:  The data directory was initialized by PostgreSQL version 16, which", "version"),
        ('FATAL:  data directory "/x" has invalid permissions', "permissions"),
        ('FATAL:  data directory "/x" has wrong ownership', "permissions"),
        ('FATAL:  lock file "postmaster.pid" already exists', "in_use"),
        ("FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use", "in_use"),
        ('FATAL:  lock file "/t/.s.PGSQL.5432.lock" already exists', "socket_taken"),
        ("FATAL:  could not map anonymous shared memory: Cannot allocate memory", "memory"),
        ("PANIC:  could not locate a valid checkpoint record at 0/1", "damaged"),
        ('FATAL:  could not open file "x": Read-only file system', "read_only"),
        ("FATAL:  something never seen before", "failed"),
    ],
)
def test_the_servers_own_words_are_understood(line: str, code: str) -> None:
    error = from_log(f"LOG:  starting\n{line}\nLOG:  database system is shut down\n")
    assert error.code == code
    assert line[:60] in error.message


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _until(condition: Callable[[], bool], seconds: float = 60) -> None:
    import time

    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
