"""The store process: one engine, one data folder, one loopback port."""

from __future__ import annotations

import fcntl
import ipaddress
import logging
import os
import selectors
import signal
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

from tongpin.kernel.store import address as addresses
from tongpin.kernel.store import dedup_log
from tongpin.kernel.store.address import Address
from tongpin.kernel.store.engine import Engine, Limits
from tongpin.kernel.store.front import Front
from tongpin.kernel.store.watch import Watch
from tongpin.kernel.store.wire import Channel

log = logging.getLogger("tongpin.store")

_CONNECTIONS = 256
_SECONDS_TO_FINISH = 10.0
_SECONDS_AFTER_STOP = 5.0


class StoreInUse(Exception):
    """Another process serves this data folder."""


class Server:
    """Accepts connections and gives each a thread. ``stop`` may be called from a signal handler."""

    def __init__(self, listener: socket.socket, engine: Engine, token: str, spool: Path) -> None:
        self._listener = listener
        self._engine = engine
        self._watch = Watch(engine.kill)
        self._front = Front(engine, self._watch, token)
        self._spool = spool
        self._stopping = threading.Event()
        self._channels: dict[Channel, threading.Thread] = {}
        self._lock = threading.Lock()
        self._wake_read, self._wake_write = socket.socketpair()

    def run(self) -> None:
        """Serve until ``stop``; then finish what runs (bounded), stop the rest, close the engine."""
        with selectors.DefaultSelector() as ready:
            ready.register(self._listener, selectors.EVENT_READ)
            ready.register(self._wake_read, selectors.EVENT_READ)
            while not self._stopping.is_set():
                for key, _ in ready.select():
                    if key.fileobj is self._listener:
                        self._accept()
        self._listener.close()
        self._finish()

    def stop(self) -> None:
        """Begin to stop. Returns at once."""
        self._stopping.set()
        with suppress(OSError):
            self._wake_write.send(b"x")

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        connection.setblocking(True)
        channel = Channel(connection, self._front, self._spool, self._stopping.is_set)
        with self._lock:
            if len(self._channels) >= _CONNECTIONS:
                with connection, suppress(OSError):
                    connection.sendall(
                        b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    )
                return
            thread = threading.Thread(target=self._serve, args=(channel,), name="store-client", daemon=True)
            self._channels[channel] = thread
        thread.start()

    def _serve(self, channel: Channel) -> None:
        try:
            channel.serve()
        except Exception:
            log.exception("a connection of the store failed")
        finally:
            with self._lock:
                self._channels.pop(channel, None)

    def _finish(self) -> None:
        deadline = time.monotonic() + _SECONDS_TO_FINISH
        self._wait(deadline)
        self._watch.stop_everything()
        self._wait(time.monotonic() + _SECONDS_AFTER_STOP)
        self._watch.close()
        self._engine.close()

    def _wait(self, deadline: float) -> None:
        """Wait for the threads of open connections until ``deadline`` (monotonic seconds)."""
        while time.monotonic() < deadline:
            with self._lock:
                channels = dict(self._channels)
            if not channels:
                return
            for channel in channels:
                channel.hang_up()
            next(iter(channels.values())).join(0.1)


def serve(
    data_dir: Path,
    host: str = "127.0.0.1",
    port: int = 0,
    memory_limit: int | None = None,
    max_execution_time: float = 30.0,
) -> None:
    """Serve the store in ``data_dir`` until SIGTERM or SIGINT; runs in the main thread of its own process.

    ``port`` 0 takes the port of the last run if it is free, else any. ``memory_limit`` in bytes is for all
    queries together (default: 30 % of the machine, at least 1 GiB), a query may use a quarter of it;
    ``max_execution_time`` in seconds bounds one read. Raises StoreInUse if another process serves the folder,
    ValueError if ``host`` is not a loopback address.
    """
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"The store listens on loopback only, not on {host}.")
    data_dir = data_dir.resolve()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = _lock(data_dir)
    try:
        spool = data_dir / "incoming"
        spool.mkdir(mode=0o700, exist_ok=True)
        for left in spool.iterdir():
            left.unlink()
        last = addresses.read(data_dir)
        token = last.token if last else addresses.new_token()
        dedup_log.repair(data_dir / "engine")
        engine = Engine(data_dir, Limits.sized(memory_limit, max_execution_time))
        listener = _listen(host, port or (last.port if last else 0))
        server = Server(listener, engine, token, spool)

        def stop(_signal: int, _frame: FrameType | None) -> None:
            server.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{listener.getsockname()[1]}"
        addresses.write(data_dir, Address(url=url, token=token, pid=os.getpid()))
        log.info("the store listens on %s, engine %s", url, engine.version)
        server.run()
        log.info("the store has stopped")
    finally:
        os.close(lock)


def _lock(data_dir: Path) -> int:
    handle = os.open(data_dir / "store.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner = os.read(handle, 20).decode("ascii", "replace").strip() or "unknown"
        os.close(handle)
        raise StoreInUse(f"The store in {data_dir} is already served by process {owner}.") from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for wanted in dict.fromkeys((port, 0)):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, wanted))
            listener.listen(_CONNECTIONS)
        except OSError:
            listener.close()
            if wanted == 0:
                raise
            log.warning("port %s is taken; the store takes another one", wanted)
            continue
        listener.setblocking(False)
        return listener
    raise AssertionError("port 0 either listens or raises")
