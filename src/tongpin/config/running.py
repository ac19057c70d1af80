"""Starting a server and bringing its schemas up to date."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import IO

import click
from django.core.management import call_command

from tongpin.config import environment


def serve(
    host: str, port: int, on_ready: Callable[[str], None] | None = None, output: IO[bytes] | None = None
) -> None:
    """Run everything on TONGPIN_DATA until told to stop. Says plainly what stands in the way of a start.

    ``output`` takes what the processes print, in place of our own.
    """
    from tongpin.config import supervisor
    from tongpin.config.cli.speaking import EXIT_UNAVAILABLE, fail
    from tongpin.kernel.postgres import PostgresError

    try:
        status = supervisor.serve(environment.data_dir(), host, port, on_ready or _announce, output)
    except PostgresError as error:
        return fail(f"{error.message} [{error.code}]", error.hint, EXIT_UNAVAILABLE)
    except (supervisor.AlreadyServing, supervisor.CannotStart) as error:
        return fail(str(error), code=EXIT_UNAVAILABLE)
    except OSError as error:
        return fail(f"{error.strerror}: {error.filename}", "Is TONGPIN_DATA a folder this user may write?")
    sys.exit(status)


def migrate(say: Callable[[str], None]) -> None:
    """Bring the database and, if it answers, the store to this version's schema. Runs beside a serving process."""
    from tongpin.kernel.store import schema
    from tongpin.kernel.store.client import StoreError, StoreUnavailable

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    say("Database: up to date.")
    try:
        schema.migrate()
        say("Store: up to date.")
    except StoreUnavailable as error:
        say(f"Store: not reachable, its schema follows when it is ({error}).")
    except (schema.SchemaError, StoreError) as error:
        # Pages go on without the store, so this must not keep them from starting. `tongpin doctor` shows it.
        say(f"Store: its schema cannot be brought up to date: {error}")


def _announce(address: str) -> None:
    click.echo(f"\n  Tongpin is ready: {address}\n  Ctrl+C stops it.\n", err=True)
