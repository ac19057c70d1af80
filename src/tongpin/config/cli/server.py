"""Looking after a server: doctor, migrate, reindex."""

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

    findings = diagnosis.examine()
    if as_json:
        show_json([finding.to_json() for finding in findings])
    else:
        for finding in findings:
            mark, colour = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "error": ("✗", "red")}[
                finding.level
            ]
            click.echo(
                f"{click.style(mark, fg=colour)} {diagnosis.SUBJECTS[finding.subject]}: {finding.message}"
            )
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
