"""The ``tongpin`` program. Each command loads only what it uses."""

from __future__ import annotations

import os
import sys

import click

from tongpin import __version__
from tongpin.config.cli import access, acting, data, demo, events, insight, processes, segment, server


class Ordered(click.Group):
    """Lists commands in the order of a server's life rather than by the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=Ordered, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="tongpin")
def cli() -> None:
    """Tongpin 同频: one workspace where product and operations work to the same numbers.

    Everything this server keeps lies in the folder TONGPIN_DATA. `tongpin serve` runs it all; the other commands
    work beside a running server.
    """


for command in (
    processes.serve,
    demo.demo,
    demo.seed_demo,
    server.doctor,
    acting.do,
    acting.member,
    acting.token,
    events.events,
    insight.insight,
    segment.segment,
    access.unlock,
    data.backup,
    data.restore,
    data.drill,
    data.rotate_keys,
    server.migrate,
    server.reindex,
    server.rebuild_people,
    server.follow_directory,
    server.store_ddl,
    processes.web,
    processes.worker,
    processes.store,
):
    cli.add_command(command)


def _attach_modules() -> None:
    from tongpin.modules.goals.cli import bet

    cli.add_command(bet)


def main() -> None:
    """Entry point of the ``tongpin`` script."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongpin.config.settings")
    _attach_modules()
    try:
        cli(prog_name="tongpin")
    except KeyboardInterrupt:
        sys.exit(130)
