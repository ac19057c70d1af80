"""``make demo``: the example company 晴班 Qingban on a server of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import click

FOLDER = Path(".data/demo")


def run(host: str, port: int, *, reset: bool) -> None:
    """Serve the demo until told to stop. The data stay; ``reset`` throws them away first."""
    os.environ.setdefault("TONGPIN_DATA", str(FOLDER.absolute()))
    os.environ.setdefault("TONGPIN_GALLERY", "1")
    from tongpin.config import environment, running

    folder = environment.data_dir()
    if reset:
        _clear(folder)
    fresh = not (folder / "demo-ready").exists()
    click.echo("Starting Tongpin …" + (" (the first start prepares the database)" if fresh else ""), err=True)
    with (folder / "server.log").open("ab") as log:
        running.serve(
            host,
            port,
            on_ready=lambda address: threading.Thread(target=_seed, args=(address,), daemon=True).start(),
            output=log,
        )


def seed() -> None:
    """Write the example workspace, unless it is there already. Needs a running server for the results."""
    from tongpin.config import demo_talk
    from tongpin.modules.goals import demo as goals
    from tongpin.modules.workspaces import demo as people

    workspace = people.seed()
    goals.seed(workspace)
    demo_talk.seed(workspace)


def _seed(address: str) -> None:
    """In a process of its own, so that the supervisor stays free of Django and of whatever goes wrong here."""
    click.echo("Preparing the example company …", err=True)
    done = subprocess.run([sys.executable, "-m", "tongpin", "seed-demo"], check=False)
    if done.returncode:
        click.secho(
            "The example company could not be prepared; see above. The server itself runs.",
            fg="red",
            err=True,
        )
    else:
        (Path(os.environ["TONGPIN_DATA"]) / "demo-ready").touch()
    _announce(address)


def _announce(address: str) -> None:
    from tongpin.modules.workspaces.demo_people import LOGINS, PASSWORD

    click.echo(f"\n  Tongpin 同频 is ready: {address}\n", err=True)
    click.echo(f"  Demo logins (password for all: {PASSWORD})", err=True)
    for email, who in LOGINS:
        click.echo(f"    {email:<28} {who}", err=True)
    click.echo(f"\n  Log and mails: {Path(os.environ['TONGPIN_DATA']) / 'server.log'}", err=True)
    click.echo(
        "  Ctrl+C stops everything. `make demo` again keeps your changes, `make demo-reset` starts afresh.\n",
        err=True,
    )


def _clear(folder: Path) -> None:
    from tongpin.config.cli.speaking import fail
    from tongpin.config.supervisor import AlreadyServing, RunFolder

    run_folder = RunFolder(folder)
    try:
        run_folder.take()
    except AlreadyServing as error:
        return fail(str(error))
    run_folder.release()
    shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True)
    return None
