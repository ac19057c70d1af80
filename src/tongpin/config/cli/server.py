"""Looking after a server: doctor, migrate, reindex, follow-directory."""

from __future__ import annotations

import sys

import click

from tongpin.config.cli.speaking import show_json, with_django


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Check configuration, database, store, disk, mail and processes, and say what to do.

    Exit code 1 when something is wrong, 0 when nothing is, or only something to think about.
    """
    from tongpin.config.cli.speaking import load_django

    load_django()
    from tongpin.config import diagnosis
    from tongpin.config.findings import SUBJECTS

    findings = diagnosis.examine()
    if as_json:
        show_json([finding.to_json() for finding in findings])
    else:
        for finding in findings:
            mark, colour = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "error": ("✗", "red")}[
                finding.level
            ]
            click.echo(f"{click.style(mark, fg=colour)} {SUBJECTS[finding.subject]}: {finding.message}")
            if finding.hint:
                click.echo(f"    {finding.hint}")
    sys.exit(1 if any(finding.level == "error" for finding in findings) else 0)


@click.command()
@with_django
def migrate() -> None:
    """Bring the database and the store to this version's schema."""
    from tongpin.config import running

    running.migrate(click.echo)


@click.command()
@with_django
def reindex() -> None:
    """Build the search documents afresh from the rows themselves."""
    from tongpin.kernel.search import documents

    done = documents.reindex()
    click.echo(f"{done.written} documents indexed, {done.dropped} dropped.")


@click.command("rebuild-people")
@with_django
def rebuild_people() -> None:
    """Copy who is who and all profiles into the event store afresh, after it was lost or restored by itself."""
    from tongpin.modules.analytics import public as analytics

    click.echo(f"{analytics.copy_people_anew()} rows copied.")


@click.command("follow-directory")
@click.option("--force", is_flag=True, help="End access however many people are gone from it.")
@with_django
def follow_directory(force: bool) -> None:
    """Do now what the company's directory (LDAP) says, as happens every hour.

    People come in, those who are gone or switched off there lose their access. Exit code 2 when some were held back
    because many are gone at once.
    """
    from django.conf import settings

    from tongpin.config.cli.speaking import EXIT_UNAVAILABLE, fail
    from tongpin.modules.workspaces.ldap import sync
    from tongpin.modules.workspaces.ldap.directory import Unavailable

    if settings.LDAP is None:
        return fail("No directory is set up.", "Set TONGPIN_LDAP_URL: docs/guides/sign-in.md.")
    try:
        done = sync.follow(force=force)
    except Unavailable as error:
        return fail(f"The directory cannot be used: {error}", "`tongpin doctor` says more.", EXIT_UNAVAILABLE)
    click.echo(
        f"{done.people} people; {done.left_out} left out, {done.ended} ended, {done.restored} let in again."
    )
    if done.held_back:
        return fail(
            f"{done.held_back} are gone at once; nobody's access was ended.", "If that is right: --force."
        )


@click.command("store-ddl")
@click.argument("cluster")
@click.option("--shards", is_flag=True, help="With Distributed tables for several shards.")
@with_django
def store_ddl(cluster: str, shards: bool) -> None:
    """Print the event store's definitions for the CLUSTER of that name; nothing is run.

    docs/guides/many-machines.md says what they are good for.
    """
    from tongpin.config.cli.speaking import fail
    from tongpin.kernel.store import shards as sharded
    from tongpin.kernel.store.schema import SchemaError

    try:
        made = sharded.statements(cluster, shards=shards)
    except SchemaError as error:
        return fail(str(error), "Letters, digits and _ only.")
    click.echo(";\n\n".join(made) + ";")
