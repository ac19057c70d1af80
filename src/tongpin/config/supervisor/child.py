"""What a supervisor is told about a process, and what it knows about it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count


class CannotStart(Exception):
    """A process can't be started now; ``hint`` says what to do. It is tried again later."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())


def _at_once() -> bool:
    return True


@dataclass(frozen=True)
class Child:
    """One process to keep running.

    ``needs`` names children that must be ready before this one is started; when one of them dies later this
    one stays. ``ready`` is asked in a thread until it says yes. ``once`` marks a step that has to end with
    status 0 (migrations) instead of staying. ``before`` may refuse a start with CannotStart. ``stop`` lists
    signals and the seconds each is given; SIGKILL follows. ``last`` is stopped after everything else.
    ``start_seconds`` without readiness end in a restart; None waits for ever.
    """

    name: str
    command: Sequence[str] = ()
    ready: Callable[[], bool] = _at_once
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    once: bool = False
    before: Callable[[], None] | None = None
    spawn: Callable[[], subprocess.Popen[bytes]] | None = None  # instead of ``command``; must die with us
    explain: Callable[[], str] | None = None  # why it died, from its own log
    doing: Callable[[], str] | None = None  # what it is doing while it starts
    address: Callable[[], str] | None = None  # where it listens, for state.json
    stop: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 10.0),)
    last: bool = False
    start_seconds: float | None = 120.0


@dataclass(frozen=True)
class Pace:
    """How quickly a dead process is started again, in seconds.

    The first time at once, then after ``first``, doubled up to ``cap``. ``quick`` failures in a row, none
    of which lived for ``steady`` seconds, are said plainly and followed by a try every ``slow`` seconds. A
    process that had become ready and was killed from outside never waits longer than ``cap``.
    """

    first: float = 0.1
    cap: float = 5.0
    steady: float = 5.0
    quick: int = 5
    slow: float = 30.0

    def delay(self, failures: int, was_ready: bool, killed: bool) -> float:
        """Seconds to wait after the ``failures``-th failure in a row (counted from 1)."""
        if failures <= 1 and was_ready:
            return 0.0
        if failures >= self.quick and not (was_ready and killed):
            return self.slow
        return float(min(self.cap, self.first * 2 ** (failures - 1)))


class State(StrEnum):
    """Where a process is in its life."""

    WAITING = "waiting"  # for what it needs, or for its next try
    STARTING = "starting"
    READY = "ready"
    DONE = "done"  # a step that has succeeded
    STOPPED = "stopped"


_generations = count(1)


@dataclass
class Slot:
    """The present of one child. Times are monotonic seconds."""

    child: Child
    state: State = State.WAITING
    process: subprocess.Popen[bytes] | None = None
    generation: int = 0  # tells an answer about an earlier process from one about this
    created: float = 0.0  # the process's own start time (epoch), to recognise it after our death
    started: float = 0.0
    ready_at: float | None = None
    next_start: float = 0.0
    told: float = 0.0
    failures: int = 0
    restarts: int = -1
    message: str = ""
    changed: str = ""  # ISO time of the last change of state
    stop_stage: int = -1
    stop_deadline: float = 0.0
    cancelled: list[bool] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.child.name

    @property
    def alive(self) -> bool:
        return self.process is not None

    @property
    def satisfied(self) -> bool:
        """Whether those who need it may start."""
        return self.state in {State.READY, State.DONE}

    def begin(self, process: subprocess.Popen[bytes], now: float) -> None:
        self.process = process
        self.generation = next(_generations)
        self.started = self.told = now
        self.ready_at = None
        self.restarts += 1
        self.state = State.STARTING
