"""``serve`` and the processes it starts."""

from __future__ import annotations

import os
from pathlib import Path

import click

from tongpin.config.cli.speaking import check_settings

HOST = click.option("--host", envvar="TONGPIN_HOST", default="127.0.0.1", show_default=True)
PORT = click.option(
    "--port", envvar="TONGPIN_PORT", default=8400, show_default=True, type=click.IntRange(0, 65535)
)


@click.command()
@HOST
@PORT
def serve(host: str, port: int) -> None:
    """Run everything: PostgreSQL, the event store, the web pages and the worker.

    Each is restarted when it dies. Ctrl+C or SIGTERM stops all of them. PostgreSQL and the store are started only
    where DATABASE_URL and CLICKHOUSE_URL do not name outside ones.
    """
    from tongpin.config import running

    check_settings()
    running.serve(host, port)


@click.command()
@HOST
@PORT
@click.option(
    "--proxy",
    envvar="TONGPIN_PROXIES",
    default="127.0.0.1",
    show_default=True,
    help="Proxies whose X-Forwarded-For is believed.",
)
def web(host: str, port: int, proxy: str) -> None:
    """Run the web process alone: pages, API, live streams."""
    import uvicorn

    check_settings()
    from tongpin.config.supervisor import reachable

    os.environ.setdefault("TONGPIN_URL", reachable(host, port))
    uvicorn.run(
        "tongpin.config.asgi:application",
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=proxy,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=75,
    )


@click.command()
def worker() -> None:
    """Run the worker alone: events to their subscribers, mail, jobs. Several may run at once."""
    from tongpin.config.cli.speaking import load_django
    from tongpin.config.supervisor import reachable

    host, port = os.environ.get("TONGPIN_HOST"), os.environ.get("TONGPIN_PORT", "")
    if host and port.isdigit():  # started by `serve`: mails lead to its pages
        os.environ.setdefault("TONGPIN_URL", reachable(host, int(port)))

    load_django()
    from tongpin.config import worker as process

    process.run()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
)
def store(host: str, port: int) -> None:
    """Run the event store alone: chDB behind ClickHouse's HTTP protocol, on loopback."""
    from tongpin.config import environment
    from tongpin.config.cli.speaking import EXIT_UNAVAILABLE, fail
    from tongpin.kernel.store import server

    folder: Path = environment.data_dir() / "store"
    try:
        server.serve(folder, host=host, port=port)
    except (server.StoreInUse, ValueError) as error:
        return fail(str(error), code=EXIT_UNAVAILABLE)
    except OSError as error:
        return fail(f"{error.strerror}: {error.filename or f'{host}:{port}'}", code=EXIT_UNAVAILABLE)
    return None
