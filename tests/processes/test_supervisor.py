"""The supervisor, with tiny scripts for children."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tongpin.config.supervisor import Child, Pace, Supervisor, read_state

from .conftest import Supervised, gone, until

pytestmark = pytest.mark.processes

Start = Callable[..., Supervised]

DEAF = """
    import signal, sys, time
    from pathlib import Path
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (Path(sys.argv[1]) / "deaf.ready").touch()
    while True:
        time.sleep(60)
"""
CRASHING = "import sys; print('no luck', file=sys.stderr); sys.exit(7)"


def two(**more: Any) -> list[dict[str, Any]]:
    return [{"name": "base", "marks": True, **more}, {"name": "top", "marks": True, "needs": ["base"]}]


def test_starts_in_order_and_stops_in_reverse(supervise: Start) -> None:
    run = supervise([{"name": "first", "marks": True, "last": True}, *two()])
    run.wait_ready()
    until(lambda: "ALL READY" in run.output)
    assert run.stop() == 0
    started = [line.split()[0] for line in run.events if line.endswith("started")]
    stopped = [line.split()[0] for line in run.events if line.endswith("stopped")]
    assert started.index("base") < started.index("top")
    assert stopped == ["top", "base", "first"]
    assert all(gone(pid) for pid in run.seen)
    assert read_state(run.data) is None
    assert not (run.data / "run" / "state.json").exists()


def test_what_children_print_is_passed_on_marked_and_json_untouched(supervise: Start) -> None:
    source = """
        import sys, time
        print("plain words 同频", flush=True)
        print('{"event": "structured", "n": 1}', file=sys.stderr, flush=True)
        print("no newline at the end", end="", flush=True)
        time.sleep(0.2)
    """
    run = supervise([{"name": "talker", "source": source, "once": True}, {"name": "steady", "marks": True}])
    run.wait_ready()
    until(lambda: "no newline" in run.output)
    lines = run.output.splitlines()
    assert "talker | plain words 同频" in lines
    assert '{"event": "structured", "n": 1}' in lines
    assert "talker | no newline at the end" in lines
    assert "steady | hello from steady" in lines


@pytest.mark.parametrize("victim", ["base", "top"])
def test_a_killed_child_comes_back_alone(supervise: Start, victim: str) -> None:
    run = supervise(two())
    run.wait_ready()
    before = {name: run.pid(name) for name in ("base", "top")}
    os.kill(before[victim], signal.SIGKILL)
    back = run.wait_back(victim, before[victim])
    other = "top" if victim == "base" else "base"
    assert run.pid(other) == before[other]
    assert run.child(victim)["restarts"] == 1
    assert "SIGKILL" in run.output
    assert not gone(back)


def test_a_child_killed_again_and_again_always_comes_back(supervise: Start) -> None:
    run = supervise([{"name": "one", "marks": True}], pace={"first": 0.01, "cap": 0.1, "slow": 1000})
    run.wait_ready()
    pid = run.pid("one")
    for _ in range(8):
        os.kill(pid, signal.SIGKILL)
        pid = run.wait_back("one", pid)
    assert run.child("one")["restarts"] == 8


def test_no_orphan_survives_a_killed_supervisor(supervise: Start) -> None:
    grandparent = """
        import subprocess, sys, time
        from pathlib import Path
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        (Path(sys.argv[1]) / "grandchild").write_text(str(child.pid))
        (Path(sys.argv[1]) / "parent.ready").touch()
        time.sleep(600)
    """
    run = supervise([*two(), {"name": "deaf", "source": DEAF, "marks": True}])
    run.wait_ready()
    assert len(run.seen) == 3
    run.process.kill()
    run.process.wait()
    until(lambda: all(gone(pid) for pid in run.seen))
    again = supervise([{"name": "parent", "source": grandparent, "marks": True}])
    again.wait_ready()
    parent, grandchild = again.pid("parent"), int((again.data / "grandchild").read_text())
    os.kill(parent, signal.SIGKILL)  # what a killed child had started goes with it
    again.wait_back("parent", parent)
    until(lambda: gone(grandchild))


def test_the_next_supervisor_ends_what_was_left(supervise: Start) -> None:
    run = supervise([{"name": "old", "marks": True}])
    run.wait_ready()
    state = run.state()
    assert run.stop() == 0
    # As where the system does not end children with their parent: one is left, known by number and start time.
    left = subprocess.Popen(["sleep", "600"], start_new_session=True)
    bystander = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        old = state["children"]["old"]
        created = psutil.Process(left.pid).create_time()
        state["children"] = {
            "old": old | {"pid": left.pid, "created": created},
            "reused": old | {"pid": bystander.pid, "created": created - 100},
        }
        (run.data / "run" / "state.json").write_text(json.dumps(state))
        again = supervise([{"name": "new", "marks": True}])
        again.wait_ready()
        assert left.wait(10) == -signal.SIGKILL
        assert bystander.poll() is None, "a number used by another program since is not touched"
    finally:
        for process in (left, bystander):
            process.kill()
            process.wait()


def test_a_second_supervisor_is_refused_with_the_reason(supervise: Start) -> None:
    run = supervise(two())
    run.wait_ready()
    second = supervise(two())
    assert second.process.wait(30) == 3
    said = json.loads(second.output.splitlines()[-1])
    assert said["pid"] == run.process.pid
    assert str(run.data) in said["message"]
    assert f"kill {run.process.pid}" in said["hint"]
    run.wait_ready()
    assert run.process.poll() is None
    run.process.kill()
    run.process.wait()
    third = supervise(two())  # the lock went with its holder
    third.wait_ready()


def test_a_child_that_keeps_failing_is_said_plainly_and_tried_on(supervise: Start) -> None:
    run = supervise(
        [{"name": "steady", "marks": True}, {"name": "hopeless", "source": CRASHING, "marks": True}],
        pace={"first": 0.01, "cap": 0.05, "quick": 5, "slow": 0.3},
    )
    until(lambda: "hopeless failed 5 times in a row" in run.output)
    assert "hopeless failed 4 times" not in run.output
    assert "ended with status 7" in run.child("hopeless")["message"]
    until(lambda: "hopeless failed 7 times in a row" in run.output)
    assert run.ready("steady")
    assert run.state()["status"] == "starting"
    assert "hopeless | no luck" in run.output
    assert run.stop() == 0


def test_a_step_has_to_succeed_before_what_needs_it_starts(supervise: Start) -> None:
    step = """
        import sys
        from pathlib import Path
        tries = Path(sys.argv[1]) / "tries"
        tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
        sys.exit(0 if tries.read_text() == "xxx" else 1)
    """
    run = supervise(
        [
            {"name": "step", "source": step, "once": True},
            {"name": "after", "marks": True, "needs": ["step"]},
        ],
        pace={"first": 0.01, "cap": 0.05},
    )
    run.wait_ready()
    assert (run.data / "tries").read_text() == "xxx"
    assert run.child("step")["state"] == "done"
    pid = run.pid("after")
    os.kill(pid, signal.SIGKILL)
    run.wait_back("after", pid)
    assert (run.data / "tries").read_text() == "xxx", "a step that succeeded is not repeated"


def test_what_does_not_stop_is_killed(supervise: Start) -> None:
    run = supervise(
        [{"name": "deaf", "source": DEAF, "marks": True, "grace": 0.3}, {"name": "ok", "marks": True}]
    )
    run.wait_ready()
    assert run.stop() == 1
    assert "ok stopped" in run.events
    assert all(gone(pid) for pid in run.seen)


def test_a_second_signal_makes_it_impatient(supervise: Start) -> None:
    run = supervise([{"name": "deaf", "source": DEAF, "marks": True, "grace": 3600}])
    run.wait_ready()
    run.process.send_signal(signal.SIGINT)
    until(lambda: run.state()["status"] == "stopping")
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(30) == 1


def test_stopping_while_starting_and_while_waiting_to_try_again(supervise: Start) -> None:
    sleeping = "import time; time.sleep(600)"
    run = supervise(
        [
            {"name": "never ready", "source": sleeping, "marks": True},
            {"name": "hopeless", "source": CRASHING, "marks": True},
            {"name": "waiting", "needs": ["never ready"]},
        ],
        pace={"first": 600, "cap": 600, "slow": 600},
    )
    until(lambda: "ended with status 7" in run.output)
    until(lambda: run.child("never ready").get("pid"))
    assert run.stop(30) == 0
    assert all(gone(pid) for pid in run.seen)


def test_a_child_that_never_becomes_ready_is_started_again(supervise: Start) -> None:
    source = """
        import sys, time
        from pathlib import Path
        tries = Path(sys.argv[1]) / "tries"
        first = not tries.exists()
        tries.touch()
        if not first:
            (Path(sys.argv[1]) / "stuck.ready").touch()
        time.sleep(600)
    """
    run = supervise([{"name": "stuck", "source": source, "marks": True, "start_seconds": 0.5}])
    run.wait_ready()
    assert "not ready in time" in run.output


def test_ctrl_c_reaches_children_through_the_supervisor_only(supervise: Start) -> None:
    run = supervise(two())
    run.wait_ready()
    groups = {os.getpgid(pid) for pid in (run.process.pid, run.pid("base"), run.pid("top"))}
    assert len(groups) == 3


def test_systemd_is_told(supervise: Start, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("\0tongpin-test-" + str(os.getpid()))
        systemd.settimeout(60)
        run = supervise(two(), environment={"NOTIFY_SOCKET": f"@tongpin-test-{os.getpid()}"})
        assert b"READY=1" in systemd.recv(4096)
        assert b"NOTIFY_SOCKET" not in Path(f"/proc/{run.pid('top')}/environ").read_bytes()
        run.process.send_signal(signal.SIGTERM)
        assert b"STOPPING=1" in systemd.recv(4096)


def test_state_says_where_everything_is(supervise: Start) -> None:
    run = supervise(two())
    run.wait_ready()
    state = run.state()
    assert state["pid"] == run.process.pid
    assert state["started_at"].endswith("+00:00")
    assert set(state["children"]) == {"base", "top"}
    assert (run.data / "run" / "state.json").stat().st_mode & 0o077 == 0
    run.process.kill()
    run.process.wait()
    assert read_state(run.data) is None, "the file of a dead supervisor is not the present"


def test_a_need_nobody_meets_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nobody starts"):
        Supervisor(tmp_path, [Child("top", ["true"], needs=("base",))])


@pytest.mark.parametrize(
    ("failures", "was_ready", "killed", "expected"),
    [
        (1, True, True, 0.0),
        (1, False, False, 0.1),
        (2, True, True, 0.2),
        (4, False, False, 0.8),
        (5, False, False, 30.0),
        (5, True, False, 30.0),
        (5, True, True, 1.6),
        (50, True, True, 5.0),
    ],
)
def test_pace(failures: int, was_ready: bool, killed: bool, expected: float) -> None:
    assert Pace().delay(failures, was_ready, killed) == pytest.approx(expected)


def test_a_broken_wanted_child_holds_nobody_up(supervise: Start) -> None:
    run = supervise(
        [
            {"name": "wanted", "source": CRASHING, "marks": True},
            {"name": "wanting", "marks": True, "wants": ["wanted"]},
        ],
        pace={"first": 0.01, "cap": 0.05, "slow": 600},
    )
    run.pid("wanting")
    assert run.output.count("no luck") >= 2
