"""Letting people in again whom a setting shut out."""

from __future__ import annotations

import click

from tongpin.config.cli.acting import AS, IN, resolve_actor
from tongpin.config.cli.speaking import with_django


@click.command()
@AS
@IN
@with_django
def unlock(email: str | None, slug: str | None) -> None:
    """Let people into a workspace from every address again, when its list of networks shut them out."""
    from django.utils.translation import gettext as _

    from tongpin.modules.workspaces.actions.security import edit_security

    actor = resolve_actor(email, slug)
    row = edit_security.run(actor, {"allowed_networks": []}, target=actor.workspace).value
    click.echo(_("%(name)s is open to every address.") % {"name": row.name})
