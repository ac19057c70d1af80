"""What the measurements share: a server of their own on loopback, the machine's state, percentiles."""

from __future__ import annotations

import gc
import os
import platform
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from tests.serving import Served  # noqa: E402

HEAD = """
from allauth.account.models import EmailAddress
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, User, Workspace
"""
PREPARE = (
    HEAD
    + """
user = User.objects.create_user("owner@perf.example", "correct horse battery", name="周一诺", owns_server=True)
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
run_named("workspaces.workspace.create", Actor.of(user), {"name": "Perf", "slug": "perf"})
actor = Actor.in_workspace(user, "perf")
scopes = ["goals:write", "goals:read"]
print(run_named("workspaces.token.create", actor, {"name": "perf", "scopes": scopes}).value.secret)
"""
)


@contextmanager
def server(**environment: str) -> Iterator[tuple[Served, str]]:
    """A server with an owner and the workspace ``perf``, and a token of the owner's; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tongpin-perf-") as folder:
        served = Served(Path(folder) / "data", TONGPIN_API_RATE="0", **environment)
        served.data.mkdir(mode=0o700)
        try:
            served.start(300)
            yield served, served.script(PREPARE).strip().splitlines()[-1]
        finally:
            if served.process is not None and served.process.poll() is None:
                served.stop(150)


def use_in_this_process(served: Served) -> None:
    """Set Django up here, on the server's own database."""
    for name, value in served.environment.items():
        if name.startswith("TONGPIN_"):
            os.environ[name] = value
    os.environ["DJANGO_SETTINGS_MODULE"] = "tongpin.config.settings"
    import django

    shown, sys.stderr = sys.stderr, open(os.devnull, "w")  # noqa: SIM115  log lines are written, unseen
    django.setup()
    sys.stderr = shown
    from django.conf import settings

    gc.collect()
    gc.freeze()  # as config.asgi does
    settings.TESTING = False  # only then do pages take as long as on a server that people use


def heading(what: str) -> None:
    """What is measured, where, and how busy the machine is with other things."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(
        f"{what}\n  {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load {load}\n"
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the values lie."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def together(count: int, seconds: float, act: Callable[[int, int], None]) -> tuple[float, list[float]]:
    """``act(who, number)`` over and over in ``count`` threads for ``seconds``; calls a second, and each call's time."""
    took: list[list[float]] = [[] for _ in range(count)]
    faults: list[BaseException] = []
    start = threading.Barrier(count + 1)
    ends: list[float] = []

    def run(who: int) -> None:
        start.wait()
        deadline, number = time.perf_counter() + seconds, 0
        try:
            while (began := time.perf_counter()) < deadline:
                act(who, number)
                number += 1
                took[who].append(time.perf_counter() - began)
        except BaseException as fault:
            faults.append(fault)
        ends.append(time.perf_counter())

    threads = [threading.Thread(target=run, args=(who,)) for who in range(count)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    every = [each for one in took for each in one]
    return len(every) / (max(ends) - began), every
