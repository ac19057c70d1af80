"""Questions about product events from the command line: the same as pages and programs ask."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _

from tongpin.config.cli.acting import AS, IN, resolve_actor
from tongpin.config.cli.speaking import fail, show_json, with_django

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor


@click.command()
@click.option("--json", "text", metavar="JSON", help='The question, such as \'{"kind": "trends", …}\'.')
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="A file that holds the question; - is standard input.",
)  # fmt: skip
@click.option("--saved", metavar="NAME|ID", help="A saved insight.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the table as CSV instead of JSON.")
@AS
@IN
@with_django
def insight(
    text: str | None, file: Path | None, saved: str | None, as_csv: bool, email: str | None, slug: str | None
) -> None:
    """Ask a question about product events: docs/guides/insights.md says how one is written.

    The answer is JSON with the question as it was understood, the result, and when the store was asked.
    """
    from tongpin.kernel import authz
    from tongpin.modules.analytics.insights import running
    from tongpin.modules.analytics.insights.scope import Scope
    from tongpin.modules.analytics.permissions import VIEW_INSIGHTS

    if sum(given is not None for given in (text, file, saved)) != 1:
        fail(_("Say what to ask with one of --json, --file and --saved."))
    actor = resolve_actor(email, slug)
    authz.require(actor, VIEW_INSIGHTS.name)
    assert actor.workspace is not None
    question = running.read(_said(actor, text, file, saved))
    found = running.answer(question, Scope.of(actor.workspace, actor.user))
    if as_csv:
        from tongpin.lib import sheet
        from tongpin.modules.analytics import shown

        for line in sheet.written(shown.shown(question, found.result, lambda point: "").lines):
            click.echo(line, nl=False)
        return
    show_json(
        {
            "question": running.told(question),
            "result": found.result,
            "asked_at": found.at.isoformat(),
            "time_zone": actor.workspace.time_zone,
        }
    )


def _said(actor: Actor, text: str | None, file: Path | None, saved: str | None) -> Any:
    if text is not None:
        return text
    if file is not None:
        return sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
    from tongpin.modules.analytics.queries.insight import called

    rows = called(actor, saved or "")
    if not rows:
        fail(
            _("There is no saved insight “%(name)s”.") % {"name": saved},
            _("The list is on the page Analytics."),
        )
    if len(rows) > 1:
        fail(
            _("Several saved insights are called “%(name)s”.") % {"name": saved},
            _("Give the id that stands in its address."),
        )
    return rows[0].question
