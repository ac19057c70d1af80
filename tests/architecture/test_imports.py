"""The import contracts hold, and a planted violation breaks each of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .sources import ROOT

LINTER = Path(sys.executable).parent / "lint-imports"

PLANTED = {
    "config > modules > ui > kernel > lib": ("kernel/planted.py", "from tongpin.ui import access\n"),
    "modules by tier": ("modules/workspaces/planted.py", "from tongpin.modules.goals import public\n"),
    "inside a module": ("modules/goals/models.py", "from tongpin.modules.goals import views\n"),
    "only public and events of workspaces": (
        "modules/goals/queries.py",
        "from tongpin.modules.workspaces import models\n",
    ),
    "no cycles inside kernel": ("kernel/clock.py", "from tongpin.kernel import objects\n"),
    "only kernel.store imports chdb": ("modules/goals/queries.py", "import chdb\n"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / ".importlinter", folder / ".importlinter")
    shutil.copytree(
        ROOT / "src" / "tongpin",
        folder / "tongpin",
        ignore=shutil.ignore_patterns("__pycache__", "static", "*.po", "tests", "testing"),
    )
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINTER, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
    )


def test_the_contracts_hold(copy):
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_import_breaks_its_contract(copy, contract):
    name, text = PLANTED[contract]
    target = copy / "tongpin" / name
    before = target.read_text() if target.exists() else None
    target.write_text((before or "") + "\n" + text)
    try:
        done = lint(copy)
    finally:
        target.write_text(before) if before is not None else target.unlink()
    assert done.returncode != 0
    broken = [line for line in done.stdout.splitlines() if "BROKEN" in line]
    assert any(contract in line for line in broken), done.stdout


def test_an_unplaced_module_is_refused(copy):
    new = copy / "tongpin" / "modules" / "unplaced"
    new.mkdir()
    (new / "__init__.py").write_text("")
    try:
        done = lint(copy)
    finally:
        shutil.rmtree(new)
    assert "unplaced" in done.stdout
    assert done.returncode != 0
