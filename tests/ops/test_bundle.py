"""The bundle for machines without registries refuses what it was not made for, before it makes anything."""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "bin" / "install-bundle"


@pytest.mark.parametrize(
    ("made_for", "said"),
    [
        (f"3.99 {platform.machine()}", "made for Python 3.99"),
        ("3.11 vax", "made for vax"),
    ],
)
def test_another_python_or_processor_is_refused(tmp_path: Path, made_for: str, said: str) -> None:
    """With a clear sentence, an exit code, and no half-made folder."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    shutil.copy(SCRIPT, folder / "install.sh")
    (folder / "made-for").write_text(made_for + "\n")
    target = tmp_path / "target"
    ran = subprocess.run(["sh", folder / "install.sh", target], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert said in ran.stderr
    assert not target.exists()
