"""Django's database calls from the event loop: a few threads with a connection each."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connections

P = ParamSpec("P")
R = TypeVar("R")


class Threads:
    """Runs blocking functions. A connection that broke is replaced before the next call."""

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._pool = ThreadPoolExecutor(size, thread_name_prefix=name)

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The function's answer; its exceptions come through."""

        def call() -> R:
            close_old_connections()
            return function(*args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    def stop(self) -> None:
        """Close every thread's connection and end the threads. Blocks for the calls now running."""
        together = threading.Barrier(self._size)

        def leave() -> None:
            with suppress(threading.BrokenBarrierError):
                together.wait(
                    timeout=5
                )  # holds each thread until all are here, so that every one gets its turn
            connections.close_all()

        for _ in range(self._size):
            self._pool.submit(leave)
        self._pool.shutdown(wait=True)
