"""Backup, restore, keys."""

from __future__ import annotations

from pathlib import Path

import click
from django.utils.translation import gettext as _

from tongpin.config.cli.speaking import fail, with_django


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--with-keys",
    is_flag=True,
    help="Include the keyring. Anyone with the archive can then read its secrets.",
)
@with_django
def backup(file: Path | None, with_keys: bool) -> None:
    """Write everything into FILE: database, event store, uploaded files. Works while the server runs.

    Without FILE it goes into TONGPIN_BACKUP_DIR, as the daily one does, and old ones are thinned out.
    """
    from tongpin.config import archive, backups

    def progress(text: str) -> None:
        click.echo(text, err=True)

    if file is None and with_keys:
        return fail(_("--with-keys needs a FILE: the keys belong somewhere else than the backups."))
    try:
        if file is None:
            summary = backups.run(progress=progress).words
        else:
            summary = archive.backup(file, with_keys=with_keys, progress=progress)
    except archive.ArchiveError as error:
        return fail(str(error), error.hint)
    click.echo(summary)
    return None


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace what is there.")
@with_django
def restore(file: Path, force: bool) -> None:
    """Bring back everything from FILE. Refuses a server that holds data, unless forced."""
    from tongpin.config import archive

    try:
        summary = archive.restore(file, force=force, progress=lambda text: click.echo(text, err=True))
    except archive.ArchiveError as error:
        return fail(str(error), error.hint)
    click.echo(summary)
    return None


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@with_django
def drill(file: Path | None) -> None:
    """Try that a backup can be restored: FILE, or the newest in TONGPIN_BACKUP_DIR. Nothing here is touched."""
    from tongpin.config import archive, backups

    try:
        summary = backups.drill(file, progress=lambda text: click.echo(text, err=True)).words
    except archive.ArchiveError as error:
        return fail(str(error), error.hint)
    click.echo(summary)
    return None


@click.command("rotate-keys")
@click.option(
    "--forget", is_flag=True, help="Keep no old key: for when one was stolen. Everyone signs in again."
)
@with_django
def rotate_keys(forget: bool) -> None:
    """Make new keys for what is kept encrypted and for sessions and links.

    The keys before stay readable, so nobody notices and the last backup can be restored; those before them go.
    """
    from tongpin.config import keys

    for line in keys.rotate(forget=forget):
        click.echo(line)
