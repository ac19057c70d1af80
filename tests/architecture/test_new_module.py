"""``bin/new-module`` writes a module that passes every check."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .sources import ROOT

BIN = Path(sys.executable).parent
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "__pycache__", ".data", ".*_cache", "tests", "*.egg-info"
)


@pytest.mark.processes
@pytest.mark.parametrize("tier", ["T4", "T3"])
def test_a_new_module_passes_every_check(tmp_path, tier):
    tree = tmp_path / "tree"
    shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("TONGPIN_", "PYTEST_"))}
    environment |= {
        "PYTHONPATH": str(tree / "src"),
        "TONGPIN_DATA": str(tmp_path / "data"),
        "TONGPIN_TESTING": "1",
    }

    def run(*command: str | Path) -> str:
        done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout

    run(sys.executable, "bin/new-module", "almanac", tier)
    module = tree / "src" / "tongpin" / "modules" / "almanac"
    run(BIN / "ruff", "check", "src/tongpin/modules/almanac", "src/tongpin/config")
    run(BIN / "ruff", "format", "--check", "src/tongpin/modules/almanac", "src/tongpin/config")
    run(BIN / "lint-imports", "--no-cache")
    run(BIN / "djlint", module, "--lint", "--quiet")
    run(sys.executable, "bin/messages", "check")
    run(
        sys.executable,
        "-m",
        "django",
        "makemigrations",
        "--check",
        "--dry-run",
        "--settings",
        "tongpin.config.settings",
    )
    said = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(module))
    assert "5 passed" in said


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("Bad Name", 2, "lower-case"),
        ("class", 1, "Python"),
        ("search", 1, "app"),
        ("goals", 1, "there already"),
    ],
)
def test_a_bad_name_is_refused(name, code, said):
    done = subprocess.run(
        [sys.executable, ROOT / "bin" / "new-module", name, "T4"], capture_output=True, text=True
    )
    assert done.returncode == code
    assert said in done.stderr
