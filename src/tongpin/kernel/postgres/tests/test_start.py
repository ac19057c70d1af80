"""Starting on every kind of path, reached by every kind of client."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tongpin.kernel.postgres import DATABASE, Cluster, PostgresError

from .conftest import start

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "with  two spaces",
        "同频 数据 é",
        'it\'s, 100% "odd" #1 = a;b',
        "/".join(["a-rather-long-folder-name-of-forty-letters"] * 12),
    ],
    ids=["plain", "spaces", "unicode", "punctuation", "long"],
)
def test_starts_and_answers_on_any_path(
    cluster_in: Callable[..., Cluster], tmp_path: Path, name: str
) -> None:
    cluster = start(cluster_in(tmp_path / name / "pg"))
    with psycopg.connect(cluster.url()) as connection:
        assert connection.execute("SELECT current_database(), current_user").fetchone() == (
            DATABASE,
            "tongpin",
        )
        assert connection.execute("SHOW data_directory").fetchone() == (str(cluster.data),)
        assert connection.execute("SELECT lower('ÄÉ同'), 'a' < 'é'").fetchone() == ("äé同", True)


def test_only_its_own_user_with_the_password_gets_in(running: Cluster) -> None:
    folder = running.socket_folder()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((running.home / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE(running.home.stat().st_mode) == 0o700
    with psycopg.connect(running.url()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        methods = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
        assert methods == [("scram-sha-256",)]
    wrong = running.connection_settings() | {"PASSWORD": "guess"}
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(
            host=wrong["HOST"],
            port=wrong["PORT"],
            user=wrong["USER"],
            password=wrong["PASSWORD"],
            dbname="tongpin",
        )


def test_settings_can_be_read_before_there_is_a_database(tmp_path: Path) -> None:
    settings = Cluster(tmp_path / "nothing").connection_settings()
    assert settings["NAME"] == DATABASE
    assert settings["PASSWORD"] == ""
    assert not (tmp_path / "nothing").exists()


def test_another_process_finds_the_server(
    running: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # its environment may differ from the server's
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    other = Cluster(running.home)
    assert other.connection_settings() == running.connection_settings()
    with psycopg.connect(other.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_the_administrators_settings_win_over_ours(
    cluster_in: Callable[..., Cluster], tmp_path: Path
) -> None:
    cluster = cluster_in(tmp_path / "pg")
    cluster.prepare()
    (cluster.data / "local.conf").write_text("work_mem = '11MB'\nlisten_addresses = '*'\n")
    (cluster.data / "local.conf").chmod(0o644)
    start(cluster)
    with psycopg.connect(cluster.url()) as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("11MB",)
        assert connection.execute("SHOW jit").fetchone() == ("off",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",), "no file may open a port"


def test_a_dump_holds_the_data_and_is_private(running: Cluster, tmp_path: Path) -> None:
    import subprocess

    with psycopg.connect(running.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE note (text text)")
        connection.execute("INSERT INTO note VALUES ('留住')")
        connection.execute("CREATE DATABASE second")
    running.dump(tmp_path / "all.dump")
    assert stat.S_IMODE((tmp_path / "all.dump").stat().st_mode) == 0o600
    subprocess.run(
        [running.bin("pg_restore"), "--dbname=second", tmp_path / "all.dump"],
        env=running.client_environment(),
        check=True,
    )
    with psycopg.connect(running.url("second")) as connection:
        assert connection.execute("SELECT text FROM note").fetchone() == ("留住",)


def test_a_dump_that_fails_says_so(tmp_path: Path) -> None:
    with pytest.raises(PostgresError, match="could not be dumped"):
        Cluster(tmp_path / "nothing").dump(tmp_path / "x.dump")


def test_waiting_tells_what_is_going_on_and_gives_up(
    running: Cluster, cluster_in: Callable[..., Cluster], tmp_path: Path
) -> None:
    idle = cluster_in(tmp_path / "never started")
    idle.prepare()
    with pytest.raises(PostgresError) as refused:
        idle.wait_ready(timeout=0.2)
    assert refused.value.code == "timeout"
