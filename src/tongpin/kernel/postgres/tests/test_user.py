"""As which user the server runs, and with which rights."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from tongpin.kernel.postgres import Cluster, PostgresError, binaries, owner
from tongpin.kernel.postgres.owner import CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_SETPCAP

from .conftest import NOBODY, answer, start

pytestmark = pytest.mark.processes
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

RUN = """
    import json, os, sys
    from pathlib import Path
    import psycopg
    from tongpin.kernel.postgres import Cluster, PostgresError
    cluster = Cluster(Path(sys.argv[1]))
    try:
        cluster.prepare()
        process = cluster.spawn()
        cluster.wait_ready(timeout=120)
        with psycopg.connect(cluster.url()) as connection:
            version = connection.execute("SHOW server_version_num").fetchone()[0]
        print(json.dumps({"uid": os.geteuid(), "pid": process.pid, "version": version}), flush=True)
        sys.stdin.readline()
        cluster.stop()
    except PostgresError as error:
        print(json.dumps({"code": error.code, "message": error.message, "hint": error.hint}), flush=True)
"""


def effective_capabilities(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return int(line.split()[1], 16)
    raise AssertionError("no CapEff")


def test_never_runs_as_root(running: Cluster) -> None:
    assert running.process is not None
    assert psutil.Process(running.process.pid).uids().effective != 0
    assert running.data.stat().st_uid == psutil.Process(running.process.pid).uids().effective


@as_root
def test_root_passes_closed_folders_without_opening_them(
    cluster_in: Callable[..., Cluster], tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    cluster = start(cluster_in(closed / "pg"))
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert closed.stat().st_uid == 0
    assert cluster.process is not None
    assert effective_capabilities(cluster.process.pid) == 1 << CAP_DAC_READ_SEARCH
    with psycopg.connect(cluster.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@as_root
def test_root_gives_no_right_where_none_is_needed(cluster_in: Callable[..., Cluster]) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        cluster = start(cluster_in(Path(name) / "pg"))
        reachable = owner._reachable(binaries.folder(), cluster._owner())
        assert cluster.process is not None
        expected = 0 if reachable else 1 << CAP_DAC_READ_SEARCH
        assert effective_capabilities(cluster.process.pid) == expected
        cluster.stop()


@as_root
def test_runs_as_an_ordinary_user(
    in_process: Callable[..., subprocess.Popen[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ordinary")
    os.chown(folder, NOBODY, NOBODY)
    process = in_process(RUN, folder / "pg", unprivileged=True)
    said = answer(process)
    assert said["uid"] == NOBODY
    assert psutil.Process(said["pid"]).uids().effective == NOBODY
    # Root's own commands reach a server somebody else runs.
    with psycopg.connect(Cluster(folder / "pg").url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    process.communicate("\n", timeout=60)
    assert process.returncode == 0


@as_root
def test_an_ordinary_user_is_refused_another_users_data(
    in_process: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    closed = tmp_path / "of root"
    closed.mkdir(mode=0o700)
    said = answer(in_process(RUN, closed, unprivileged=True))
    assert said["code"] == "permissions"
    assert str(closed) in said["message"]
    assert said["hint"]


@as_root
def test_root_keeps_the_owner_a_folder_has_and_adopts_what_root_copied(
    cluster_in: Callable[..., Cluster], tmp_path: Path
) -> None:
    first = start(cluster_in(tmp_path / "pg"))
    uid = first.data.stat().st_uid
    first.stop()
    for path in (first.data, *first.data.rglob("*")):
        os.chown(path, 0, 0, follow_symlinks=False)
    again = start(cluster_in(tmp_path / "pg"))
    assert again.data.stat().st_uid == uid
    again.stop()
    other_user = next(user for user in pwd.getpwall() if user.pw_uid not in {0, uid})
    for path in (again.home, *again.home.rglob("*")):
        os.chown(path, other_user.pw_uid, other_user.pw_gid, follow_symlinks=False)
    other = start(cluster_in(tmp_path / "pg"))
    assert other.process is not None
    assert psutil.Process(other.process.pid).uids().effective == other_user.pw_uid


@as_root
@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({CAP_SETPCAP, CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE}, CAP_DAC_READ_SEARCH),
        ({CAP_SETPCAP, CAP_DAC_OVERRIDE}, CAP_DAC_OVERRIDE),  # a container's usual set
        ({CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE}, None),
        (set(), None),
    ],
)
def test_of_the_rights_root_has_the_smallest_is_handed_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, held: set[int], expected: int | None
) -> None:
    monkeypatch.setattr(owner, "_permitted_capabilities", lambda: sum(1 << one for one in held))
    tmp_path.chmod(0o700)
    user = owner.owner_of(tmp_path / "pg")
    if expected is not None:
        assert owner.capability_for(user, binaries.folder(), [tmp_path]) == expected
        return
    with pytest.raises(PostgresError, match="does not run as root") as refused:
        owner.capability_for(user, binaries.folder(), [tmp_path])
    assert refused.value.code == "permissions"
    assert "TONGPIN_DATA" in refused.value.hint
