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


def test_a_minus_means_that_down_is_good(file):
    done = run(file, "--launch", LAUNCH.isoformat(), "--expect", "-5%", "--json", "--no-second-opinion")
    told = json.loads(done.stdout)["effect"]
    assert (told["spec"]["direction"], told["result"]) == ("down", "negative")


def test_an_open_question_names_the_option_that_answers_it():
    text = "day,rate\n" + "\n".join(
        f"2026-{4 + n // 28:02}-{n % 28 + 1:02},{'12%' if n % 3 else '0.13'}" for n in range(100)
    )
    done = run("-", "--launch", "2026-06-20", stdin=text)
    assert done.returncode == 2
    assert "--plain share" in done.stderr
    assert (
        run("-", "--launch", "2026-06-20", "--plain", "share", "--no-second-opinion", stdin=text).returncode
        == 0
    )


def test_days_twice_are_added_or_not_as_told():
    text = table() + "\n2026-05-05\t1000"
    means = {}
    for how in ("sum", "mean", "last"):
        done = run(
            "-", "--launch", LAUNCH.isoformat(), "--doubled", how, "--json", "--no-second-opinion", stdin=text
        )
        found = {f["code"]: f for f in json.loads(done.stdout)["findings"]}
        means[how] = found["doubled_days"]["params"]["how"]
    assert means == {"sum": "sum", "mean": "mean", "last": "last"}


@pytest.mark.parametrize(
    ("stdin", "arguments", "says"),
    [
        ("", (), "no rows"),
        ("just words\nand more", (), "No column"),
        (table(), ("--launch", "2031-01-01"), "must lie within the data"),
        (table(), ("--expect", "+5pts"), "Percentage points only make sense"),
        (table(), ("--expect", "2%", "--worth", "5%"), "cannot be above the expected"),
        (table(), ("--country", "XX"), "No holidays are known"),
        (table(), ("--expect", "lots"), "is no size"),
        (
            "day,value\n" + "\n".join(f"2026-01-{n + 10},{'x' if n > 6 else n}" for n in range(10)),
            (),
            "rows 9, 10, 11",
        ),
    ],
)
def test_what_is_wrong_is_said_on_standard_error(stdin, arguments, says):
    launch = () if "--launch" in arguments else ("--launch", LAUNCH.isoformat())
    done = run("-", *launch, *arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
