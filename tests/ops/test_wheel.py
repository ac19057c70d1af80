"""What is shipped: the built wheel, in an environment outside the checkout, has everything and serves."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
import requests

from tests.ops.drill import database, until
from tests.serving import Served

pytestmark = [pytest.mark.processes]
ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "tongpin"


def run(*command: str | Path, **more) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=600, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    run(*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", folder, ROOT)
    (built,) = folder.glob("tongpin-*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> Path:
    """An interpreter that has the wheel, and the installed dependencies without the checkout's own tongpin."""
    home = tmp_path_factory.mktemp("env") / "env"
    run(sys.executable, "-m", "venv", "--without-pip", home)
    own = home / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", own, "install", "-q", "--no-deps", "--no-index", wheel)
    (packages,) = home.glob("lib/python*/site-packages")
    # A path in a .pth file is searched, but the .pth files in it are not read: the editable install stays out.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return own


def test_the_wheel_has_what_runs_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = run("git", "ls-files", "src/tongpin", cwd=ROOT).splitlines()
    for name in tracked:
        path = Path(name).relative_to("src")
        if "tests" in path.parts or path.suffix in {".ts", ".po"} or "css" in path.parts:
            assert path.as_posix() not in names, path
        elif path.suffix in {".py", ".html", ".sql", ".txt"} and (ROOT / name).exists():
            assert path.as_posix() in names, path
        if path.suffix == ".po" and "tests" not in path.parts:
            assert path.with_suffix(".mo").as_posix() in names, path
    assert "tongpin/ui/static/tongpin/manifest.json" in names
    assert [
        name for name in names if name.startswith("tongpin/ui/static/tongpin/app-") and name.endswith(".css")
    ]
    assert [name for name in names if name.startswith("tongpin/kernel/store/migrations/0001_")]
    assert all(name.split("/")[0] in {"tongpin"} or ".dist-info/" in name for name in names)


def test_it_serves_outside_the_checkout(python, tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(tmp_path)
    place = Path(run(python, "-c", "import tongpin; print(tongpin.__file__)").strip())
    assert place.is_relative_to(python.parents[1])
    assert run(python.parent / "tongpin", "--version").startswith("tongpin, version ")
    served = Served(tmp_path / "data", python=str(python))
    served.start(300)
    try:
        page = requests.get(
            f"{served.address}/accounts/login/", headers={"Accept-Language": "zh-CN"}, timeout=60
        )
        assert page.status_code == 200
        assert "登录" in page.text
        styles = [
            part.split('"')[0] for part in page.text.split('href="')[1:] if ".css" in part.split('"')[0]
        ]
        assert styles
        for style in styles:
            assert requests.get(served.address + style, timeout=60).status_code == 200
        until(lambda: requests.get(f"{served.address}/readyz", timeout=30).json()["checks"]["store"] == "ok")
        said = served.run("doctor", check=False)
        assert said.returncode == 0, said.stdout + said.stderr
        with database(served) as connection:
            assert connection.execute("SELECT count(*) > 20 FROM django_migrations").fetchone() == (True,)
    finally:
        assert served.stop(150) == 0
