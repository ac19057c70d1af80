"""What interrupts the loop's waiting: signals, and threads that have an answer."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType


class Wake:
    """A pipe that becomes readable, and the number of times we were asked to stop."""

    def __init__(self) -> None:
        self.reader, self._writer = os.pipe()
        for descriptor in (self.reader, self._writer):
            os.set_blocking(descriptor, False)
        self.stop_requests = 0

    def wake(self) -> None:
        """From any thread."""
        with contextlib.suppress(OSError):
            os.write(self._writer, b"\0")

    def drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self.reader, 4096):
                pass

    @contextlib.contextmanager
    def on_signals(self) -> Iterator[None]:
        """Count SIGTERM, SIGINT and SIGHUP as requests to stop, and wake for a child's death, inside the block."""
        stops = [signal.SIGTERM, signal.SIGINT]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
            stops.append(signal.SIGHUP)
        before = {number: signal.signal(number, self._asked_to_stop) for number in stops}
        # Any handler will do: what matters is that the signal writes into the pipe.
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        woken = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(woken)
            for number, handler in before.items():
                signal.signal(number, handler)

    def close(self) -> None:
        writer, self._writer = self._writer, -1  # a late thread writes to nowhere
        os.close(writer)
        os.close(self.reader)

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_requests += 1
