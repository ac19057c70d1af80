"""``tongpin demo``: a server with an example company on it."""

from __future__ import annotations

import click

from tongpin.config.cli.processes import HOST, PORT


@click.command()
@HOST
@PORT
@click.option("--reset", is_flag=True, help="Throw the example data away and make them afresh.")
def demo(host: str, port: int, reset: bool) -> None:
    """Serve with the example company 晴班 Qingban (invented); what you change in it is kept.

    The data lie in TONGPIN_DATA, or in ./.data/demo if that is not set.
    """
    from tongpin.config import demo as example

    example.run(host, port, reset=reset)


@click.command("seed-demo", hidden=True)
def seed_demo() -> None:
    """Write the example company into the server of TONGPIN_DATA; what is there already is kept."""
    from tongpin.config.cli.speaking import load_django

    load_django()
    from tongpin.config import demo as example

    example.seed()
