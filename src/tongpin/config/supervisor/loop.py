"""The supervisor: one loop in the main thread that starts, watches, restarts and stops."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

import psutil
import structlog

from tongpin.kernel import clock
from tongpin.kernel.postgres import PostgresError, command_for

from . import orphans
from .child import CannotStart, Child, Pace, Slot, State
from .notify import notify
from .output import Pipe
from .state import RunFolder
from .wake import Wake

log = structlog.get_logger("tongpin.serve")

_STILL_STARTING = 10.0  # seconds between words about a process that is not ready yet
_LEFT_AFTER_KILL = 10.0
_GIVEN_UP_WANTING = 2  # failures of a wanted child


class Supervisor:
    """Keeps ``children`` running on the data folder ``data`` until SIGTERM or SIGINT.

    Children die with us even when we are killed (Linux); what does survive is ended by the next supervisor.
    What they print goes to our own output, or to ``output``. A second SIGINT makes stopping impatient.
    ``on_ready`` is called once, when everything is ready for the first time.
    """

    def __init__(
        self,
        data: Path,
        children: Sequence[Child],
        *,
        pace: Pace | None = None,
        environment: dict[str, str] | None = None,
        on_ready: Callable[[], None] | None = None,
        folder: RunFolder | None = None,
        output: IO[bytes] | None = None,
    ) -> None:
        self.slots = {child.name: Slot(child) for child in children}
        for child in children:
            unknown = {*child.needs, *child.wants} - set(self.slots)
            if unknown:
                raise ValueError(f"{child.name} needs {', '.join(sorted(unknown))}, which nobody starts")
        self._folder = folder or RunFolder(data)
        self._pace = pace or Pace()
        self._environment = {**os.environ, **(environment or {}), "TONGPIN_DATA": str(data)}
        # Ours; a child that took systemd's address would speak in our name.
        self._environment.pop("NOTIFY_SOCKET", None)
        self._on_ready = on_ready
        self._output = output
        self._width = max((len(name) for name in self.slots), default=0)
        self._selector = selectors.DefaultSelector()
        self._pipes: dict[str, list[Pipe]] = {}
        self._answers: SimpleQueue[tuple[str, int, bool]] = SimpleQueue()
        self._wake = Wake()
        self._selector.register(self._wake.reader, selectors.EVENT_READ, None)
        self._hurried = 0
        self._was_ready = False
        self._started_at = ""
        self._written: Any = None

    @property
    def stopping(self) -> bool:
        return self._wake.stop_requests > 0

    def run(self) -> int:
        """Run until told to stop; 0 when everything ended in time, 1 when something had to be killed.

        Only from the main thread: signals are handled there, and children live as long as the thread that
        started them. Raises AlreadyServing when another supervisor has the folder.
        """
        self._folder.take()
        self._started_at = clock.now().isoformat()
        try:
            with self._wake.on_signals():
                spare = {name for name, slot in self.slots.items() if slot.child.spawn is not None}
                for name in orphans.clear(self._folder.left(), spare):
                    log.warning("ended what a killed supervisor had left", child=name)
                return self._loop()
        finally:
            for slot in self.slots.values():  # alive only through an error in ourselves
                if slot.process is not None and slot.child.spawn is None:
                    self._kill(slot)  # what was spawned elsewhere is stopped there, or dies with us
            self._folder.remove()
            self._folder.release()
            self._selector.close()
            self._wake.close()

    # ── The loop ──

    def _loop(self) -> int:
        killed = False
        while True:
            now = time.monotonic()
            self._take_answers(now)
            for slot in self.slots.values():
                if slot.process is not None and _ended(slot.process):
                    self._buried(slot, now)
            if self.stopping:
                killed = self._stop_on(now) or killed
                if not any(slot.alive for slot in self.slots.values()):
                    break
            else:
                self._start_due(now)
                self._tell_slow(now)
            self._report()
            for key, _ in self._selector.select(self._pause(time.monotonic())):
                if isinstance(key.data, Pipe):
                    self._read(key.data)
                else:
                    self._wake.drain()
        log.info("stopped")
        return int(killed)

    def _pause(self, now: float) -> float:
        """Seconds until something is due; signals, deaths, answers and output wake us before."""
        due = [now + 5.0]
        for slot in self.slots.values():
            if self.stopping and slot.alive and slot.stop_stage >= 0:
                due.append(slot.stop_deadline)
            elif not self.stopping and slot.state is State.WAITING and self._may_start(slot):
                due.append(slot.next_start)
            elif slot.state is State.STARTING and slot.child.start_seconds is not None:
                due.append(slot.started + slot.child.start_seconds)
        return max(0.0, min(due) - now)

    # ── Starting ──

    def _may_start(self, slot: Slot) -> bool:
        wanted = (self.slots[name] for name in slot.child.wants)
        return all(self.slots[name].satisfied for name in slot.child.needs) and all(
            one.satisfied or one.failures >= _GIVEN_UP_WANTING for one in wanted
        )

    def _start_due(self, now: float) -> None:
        for slot in self.slots.values():
            if slot.state is State.WAITING and slot.next_start <= now and self._may_start(slot):
                self._start(slot)

    def _start(self, slot: Slot) -> None:
        child = slot.child
        try:
            if child.before is not None:
                child.before()
            process = child.spawn() if child.spawn is not None else self._spawn(child)
        except (CannotStart, PostgresError, OSError) as refused:
            self._failed(slot, str(refused), time.monotonic(), was_ready=False, killed=False)
            return
        slot.begin(process, time.monotonic())
        slot.changed = clock.now().isoformat()
        with contextlib.suppress(psutil.Error):
            slot.created = psutil.Process(process.pid).create_time()
        for source, target in ((process.stdout, sys.stdout), (process.stderr, sys.stderr)):
            if source is not None:
                people = self._output is None and target.isatty()
                pipe = Pipe(slot.name, source, self._output or _binary(target), self._width, people)
                self._pipes.setdefault(slot.name, []).append(pipe)
                self._selector.register(source, selectors.EVENT_READ, pipe)
        if not child.once:
            slot.cancelled = [False]
            threading.Thread(
                target=self._ask, args=(slot, slot.generation, slot.cancelled), daemon=True
            ).start()

    def _spawn(self, child: Child) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command_for(child.command),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl+C is ours: we stop them in order
        )

    def _ask(self, slot: Slot, generation: int, cancelled: list[bool]) -> None:
        """In a thread: ask until the child is ready or this process of it is gone."""
        began = time.monotonic()
        while not cancelled[0]:
            try:
                if slot.child.ready():
                    self._answers.put((slot.name, generation, True))
                    self._wake.wake()
                    return
            except PostgresError as error:
                slot.message = str(error)
            except Exception as error:  # noqa: BLE001  whatever a probe raises means: not ready
                slot.message = f"{type(error).__name__}: {error}"
            time.sleep(0.03 if time.monotonic() - began < 3 else 0.25)

    def _take_answers(self, now: float) -> None:
        while not self._answers.empty():
            name, generation, _yes = self._answers.get()
            slot = self.slots[name]
            if slot.generation == generation and slot.process is not None and slot.state is State.STARTING:
                slot.ready_at = now
                slot.message = ""
                self._become(slot, State.READY)
                log.info("ready", child=name, seconds=round(now - slot.started, 2))
        if not self._was_ready and not self.stopping and all(s.satisfied for s in self.slots.values()):
            self._was_ready = True
            notify(READY=1, STATUS="Serving")
            if self._on_ready is not None:
                self._on_ready()

    def _tell_slow(self, now: float) -> None:
        for slot in self.slots.values():
            if slot.state is not State.STARTING:
                continue
            if now - slot.told >= _STILL_STARTING:
                slot.told = now
                doing = slot.child.doing() if slot.child.doing is not None else slot.message
                said = {"doing": doing} if doing else {}
                log.info("still starting", child=slot.name, seconds=round(now - slot.started), **said)
                notify(STATUS=f"{slot.name}: {doing}", EXTEND_TIMEOUT_USEC=60_000_000)
            limit = slot.child.start_seconds
            if limit is not None and now - slot.started >= limit and slot.process is not None:
                log.warning("not ready in time, starting again", child=slot.name, seconds=round(limit))
                self._kill(slot)

    # ── Dying ──

    def _buried(self, slot: Slot, now: float) -> None:
        """Take leave of a process that has ended: its group, its output, its state; plan its return."""
        process = slot.process
        assert process is not None
        # Before it is reaped, while its number can't be another group's: what it had started and left.
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        status = process.wait()
        for pipe in self._pipes.pop(slot.name, []):
            with contextlib.suppress(KeyError):
                self._selector.unregister(pipe.source)
            pipe.close()
        slot.process = None
        if slot.cancelled:
            slot.cancelled[0] = True
        was_ready, ready_at = slot.ready_at is not None, slot.ready_at
        if self.stopping:
            self._become(slot, State.STOPPED)
        elif slot.child.once and status == 0:
            slot.message, slot.failures = "", 0
            self._become(slot, State.DONE)
            log.info("done", child=slot.name, seconds=round(now - slot.started, 2))
        else:
            if ready_at is not None and now - ready_at >= self._pace.steady:
                slot.failures = 0
            reason = slot.child.explain() if slot.child.explain is not None else _said(status)
            self._failed(slot, reason, now, was_ready=was_ready, killed=status == -signal.SIGKILL)

    def _failed(self, slot: Slot, reason: str, now: float, *, was_ready: bool, killed: bool) -> None:
        slot.failures += 1
        slot.message = reason
        delay = self._pace.delay(slot.failures, was_ready, killed)
        slot.next_start = now + delay
        self._become(slot, State.WAITING)
        if delay >= self._pace.slow:
            log.error(
                f"{slot.name} failed {slot.failures} times in a row; trying again every {delay:.0f} s",
                child=slot.name,
                reason=reason,
            )
            notify(STATUS=f"{slot.name} keeps failing: {reason}")
        else:
            log.warning("ended, starting again", child=slot.name, reason=reason, wait=round(delay, 2))

    def _kill(self, slot: Slot) -> None:
        if slot.process is not None:
            with contextlib.suppress(OSError):
                os.killpg(slot.process.pid, signal.SIGKILL)
            slot.process.kill()

    # ── Stopping ──

    def _stop_on(self, now: float) -> bool:
        """Move stopping one step on; True when something had to be killed."""
        if self._hurried < self._wake.stop_requests:
            if self._hurried == 0:
                log.info("stopping")
                notify(STOPPING=1, STATUS="Stopping")
            else:
                for slot in self.slots.values():
                    slot.stop_deadline = now  # asked again: do not wait for the rest of this step
            self._hurried = self._wake.stop_requests
        for slot in self.slots.values():
            if not slot.alive and slot.state is not State.STOPPED:
                self._become(slot, State.STOPPED)
        killed = False
        for slot in self._wave():
            if slot.stop_stage >= 0 and now < slot.stop_deadline:
                continue
            slot.stop_stage += 1
            if slot.stop_stage < len(slot.child.stop):
                ask, seconds = slot.child.stop[slot.stop_stage]
                slot.stop_deadline = now + seconds
                assert slot.process is not None
                slot.process.send_signal(ask)
            elif slot.stop_stage > len(slot.child.stop) + 1:
                log.error("can't be killed, left to the system", child=slot.name)
                slot.process = None
            else:
                log.warning("did not stop in time, killed", child=slot.name)
                slot.stop_deadline = now + _LEFT_AFTER_KILL
                self._kill(slot)
                killed = True
        return killed

    def _wave(self) -> list[Slot]:
        """Those to stop now: nobody alive needs them; what is marked ``last`` only when nothing else lives."""
        alive = [slot for slot in self.slots.values() if slot.alive]
        needed = {name for slot in alive for name in (*slot.child.needs, *slot.child.wants)}
        others = [slot for slot in alive if not slot.child.last]
        return [slot for slot in (others or alive) if slot.name not in needed]

    # ── Output, state ──

    def _read(self, pipe: Pipe) -> None:
        if not pipe.pass_on():
            self._selector.unregister(pipe.source)

    def _become(self, slot: Slot, state: State) -> None:
        slot.state = state
        slot.changed = clock.now().isoformat()

    def _report(self) -> None:
        ready = all(slot.satisfied for slot in self.slots.values())
        status = "stopping" if self.stopping else "ready" if ready else "starting"
        pids = [slot.process.pid if slot.process else None for slot in self.slots.values()]
        facts = (status, pids, [(slot.state, slot.message) for slot in self.slots.values()])
        if facts != self._written:
            self._written = facts
            # A full disk must not stop the supervision.
            with contextlib.suppress(OSError):
                self._folder.write(status, self._started_at, self.slots.values())


def _ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has ended, without reaping it."""
    if process.returncode is not None:
        return True
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def _said(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-status).name}"
    return f"was ended by signal {-status}"


def _binary(stream: IO[str]) -> IO[bytes]:
    return stream.buffer  # type: ignore[attr-defined, no-any-return]
