"""``tongpin bet evaluate``: in a process of its own, with no server, no database and no settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tongpin.modules.goals.tests.sample import LAUNCH, table

PROGRAM = "from tongpin.modules.goals.cli import bet; bet(prog_name='tongpin bet')"


def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a person runs it, far from any configuration."""
    keep = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    env = (
        keep
        | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1", "LANG": "en_GB.UTF-8"}
        | environment
    )
    command = [sys.executable, "-W", "error", "-c", PROGRAM, "evaluate", *arguments]
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, env=env, check=False, timeout=120
    )


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "排班.csv"
    path.write_text(table().replace("\t", ","))
    return str(path)


def test_the_json_has_its_pinned_shape(file):
    done = run(
        file,
        "--launch",
        LAUNCH.isoformat(),
        "--expect",
        "+8%",
        "--worth",
        "2%",
        "--json",
        "--no-second-opinion",
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["schema"] == "tongpin.look_back/1"
    assert list(told) == ["schema", "file", "series", "findings", "questions", "words", "effect"]
    assert list(told["series"]) == ["name", "unit", "step_days", "start", "end", "observed", "missing"]
    assert list(told["words"]) == ["result", "evidence", "answer", "reasons", "next_steps", "warnings"]
    assert told["effect"]["version"] == 1
    assert set(told["effect"]) >= {
        "result",
        "evidence",
        "relative",
        "absolute",
        "p_positive",
        "p_expected",
        "days",
        "spec",
    }
    assert (told["effect"]["result"], told["effect"]["evidence"]) == ("met", "C")
    assert set(told["findings"][0]) >= {"code", "severity", "text"}


def test_people_read_it_in_their_language(file):
    arguments = (file, "--launch", LAUNCH.isoformat(), "--expect", "+8%", "--no-second-opinion")
    english = run(*arguments)
    assert english.returncode == 0, english.stderr
    assert english.stdout.startswith(
        "Met  ·  C modelled from its own past\nIt worked: 每日发布排班数 rose by"
    )
    assert "not locked before the launch" in english.stdout
    chinese = run(*arguments, LANG="zh_CN.UTF-8")
    assert chinese.stdout.startswith("达成  ·  C 趋势推算\n有效：每日发布排班数提升了")
    assert run(*arguments, "--language", "en", LANG="zh_CN.UTF-8").stdout == english.stdout


def test_what_is_wrong_is_said_on_standard_error():
    done = run("-", "--launch", "2031-01-01", stdin=table())
    assert (done.returncode, done.stdout) == (2, "")
    assert "must lie within the data" in done.stderr
    assert "Traceback" not in done.stderr
