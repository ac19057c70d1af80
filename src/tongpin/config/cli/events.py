"""Product events from the command line: imports, made-up ones, and those that were set aside."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongpin.config.cli.acting import AS, IN, resolve_actor
from tongpin.config.cli.speaking import fail, show_json, with_django

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor
    from tongpin.modules.analytics.importing.mapping import Columns
    from tongpin.modules.analytics.importing.reading import Shape
    from tongpin.modules.analytics.models import EventImport, Source

SHOWN = 5


@click.group()
def events() -> None:
    """Product events: bring in files, see imports, stop one, take one back."""


@events.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--source", "-s", "source", metavar="NAME", help="The source's name or id; the only one may be left out."
)
@click.option(
    "--map", "mapping", multiple=True, metavar="ROLE=COLUMN",
    help="What a column is: event, user, time, id, customer. What is not given is told from the names.",
)  # fmt: skip
@click.option("--name", metavar="EVENT", help="The event of every row, where no column names it.")
@click.option("--zone", metavar="ZONE", help="Zone of times without an offset; the workspace's unless given.")
@click.option(
    "--separator", metavar="CHARACTER", help="Between cells of a CSV; a space stands for any run of spaces."
)
@click.option("--dry-run", is_flag=True, help="Show the first events and bring nothing in.")
@click.option(
    "--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write refused rows to this CSV."
)
@AS
@IN
@with_django
def import_(
    file: Path, source: str | None, mapping: tuple[str, ...], name: str | None, zone: str | None,
    separator: str | None, dry_run: bool, errors: Path | None, email: str | None, slug: str | None,
) -> None:  # fmt: skip
    """Bring in the events of a FILE: CSV, JSON lines or Parquet, gzipped or not.

    The same file again brings nothing in twice, and goes on where it was stopped.
    """
    from tongpin.modules.analytics.actions.event_import import start_import
    from tongpin.modules.analytics.importing import reading, running, words

    actor = resolve_actor(email, slug)
    into = _source(actor, source)
    try:
        of = reading.shape(file, separator or "")
        columns = _columns(of, mapping, name, zone or into.workspace.time_zone)
        if dry_run:
            _preview(file, of, columns, into)
            return
        data = {
            "source": into.public_id,
            "name": file.name[-200:],
            "digest": reading.digest(file),
            "columns": columns.model_dump(),
            "total": reading.about(file, of),
        }
        row = start_import.run(actor, data).value
        if row.rows:
            click.echo(_("Going on after row %(n)d.") % {"n": row.rows}, err=True)
        running.run(row, file, of, _progress)
    except reading.FileRefused as refused:
        hint = _("--separator says what parts the columns.") if refused.code == "no_columns" else ""
        fail(words.why(refused.code), hint or refused.detail)
    _done(actor, row, errors)


def _source(actor: Actor, said: str | None) -> Source:
    from tongpin.lib.ids import parse_id
    from tongpin.modules.analytics.queries.source import sources

    found = sources(actor)
    if said is not None:
        found = [row for row in found if row.name == said or row.public_id == parse_id(said)]
    if len(found) != 1:
        names = ", ".join(row.name for row in sources(actor))
        fail(_("Name one source with --source."), names or _("There is none yet: settings, Data sources."))
    return found[0]


def _columns(of: Shape, mapping: tuple[str, ...], name: str | None, zone: str) -> Columns:
    from pydantic import ValidationError

    from tongpin.modules.analytics.importing import mapping as roles

    said: dict[str, Any] = roles.guess(of.columns, zone)
    if name:
        said.pop("event", None)
        said["name"] = name
    for each in mapping:
        role, _sign, column = each.partition("=")
        if role not in roles.USUAL and role != "customer_kind":
            fail(_("“%(role)s” is nothing a column can be.") % {"role": role}, ", ".join(roles.USUAL))
        said[role] = column
    hint = _("Columns of the file: %(names)s") % {"names": ", ".join(of.columns)}
    try:
        columns = roles.Columns.model_validate(said)
    except ValidationError as error:
        wanting = ", ".join(str(part["loc"][0]) for part in error.errors())
        fail(_("Say with --map which column is: %(roles)s.") % {"roles": wanting}, hint)
    if missing := columns.missing(of.columns):
        fail(_("The file has no column “%(name)s”.") % {"name": missing[0]}, hint)
    if not columns.event and not columns.name:
        fail(_("Say with --map event=COLUMN which column names the event, or give --name."), hint)
    return columns


def _preview(file: Path, of: Shape, columns: Columns, source: Source) -> None:
    from tongpin.modules.analytics.importing import mapping, reading, words
    from tongpin.modules.analytics.wire.telling import Unfit

    rows = mapping.Rows(columns, source.public_id, uuid.UUID(int=0))
    for line in reading.lines(file, of):
        if line.number > SHOWN:
            return
        try:
            record = rows.record(line.cells) if line.cells is not None else None
        except Unfit as unfit:
            click.echo(_("Row %(n)d: %(why)s") % {"n": line.number, "why": words.row(unfit.detail)})
            continue
        if record is None:
            click.echo(_("Row %(n)d: %(why)s") % {"n": line.number, "why": words.row(line.trouble)})
            continue
        properties = {key: value for key, value in record.properties.items() if key != mapping.IMPORT}
        show_json(
            {
                "event": record.event,
                "user": record.distinct_id,
                "time": record.at,
                "customers": record.customers,
                "properties": properties,
            }
        )


def _progress(row: EventImport) -> None:
    click.echo(
        _("%(rows)d rows read, %(events)d events taken") % {"rows": row.rows, "events": row.events}, err=True
    )


def _done(actor: Actor, row: EventImport, errors: Path | None) -> None:
    from tongpin.lib import sheet
    from tongpin.modules.analytics.enums import ImportState
    from tongpin.modules.analytics.importing import words
    from tongpin.modules.analytics.queries.event_import import refused_rows

    if row.state != ImportState.DONE:
        fail(
            _("The import was stopped after row %(n)d.") % {"n": row.rows},
            _("The same command goes on with it."),
        )
    if errors is not None:
        lines = [[str(refused.number), words.row(refused.detail)] for refused in refused_rows(actor, row)]
        errors.write_text(sheet.write([["row", "why"], *lines]), "utf-8", newline="")
    show_json({"import": str(row.public_id), "rows": row.rows, "events": row.events, "refused": row.refused})
    if row.refused:
        said = ngettext("%(n)d row is no event.", "%(n)d rows are no events.", row.refused) % {
            "n": row.refused
        }
        click.echo(said, err=True)
        for refused in refused_rows(actor, row)[:SHOWN]:
            click.echo(
                "  " + _("Row %(n)d: %(why)s") % {"n": refused.number, "why": words.row(refused.detail)},
                err=True,
            )
        sys.exit(1)


@events.command("imports")
@AS
@IN
@with_django
def imports(email: str | None, slug: str | None) -> None:
    """List the last imports, newest first."""
    from tongpin.modules.analytics.queries.event_import import imports as found

    for row in found(resolve_actor(email, slug)).items:
        show_json(
            {
                "import": str(row.public_id),
                "file": row.name,
                "source": row.source.name,
                "state": row.state,
                "at": row.created_at,
                "rows": row.rows,
                "events": row.events,
                "stored": row.stored,
                "refused": row.refused,
            }
        )


@events.command("stop")
@click.argument("import_id", metavar="IMPORT", type=click.UUID)
@AS
@IN
@with_django
def stop(import_id: uuid.UUID, email: str | None, slug: str | None) -> None:
    """Stop an IMPORT that is being read. What came in stays; the same file goes on from there."""
    from tongpin.modules.analytics.actions.event_import import stop_import
    from tongpin.modules.analytics.enums import ImportState

    row = stop_import.run(resolve_actor(email, slug), {}, target=import_id).value
    if row.state != ImportState.STOPPED:
        fail(_("“%(name)s” is not being read.") % {"name": row.name}, str(row.get_state_display()))
    click.echo(_("The import was stopped after row %(n)d.") % {"n": row.rows})


@events.command("undo")
@click.argument("import_id", metavar="IMPORT", type=click.UUID)
@AS
@IN
@with_django
def undo(import_id: uuid.UUID, email: str | None, slug: str | None) -> None:
    """Take every event of an IMPORT back out of the store."""
    from tongpin.modules.analytics.actions.event_import import undo_import

    row = undo_import.run(resolve_actor(email, slug), {}, target=import_id).value
    click.echo(
        _("The %(n)d events of “%(name)s” are being taken back.") % {"n": row.events, "name": row.name}
    )


@events.command("generate")
@click.argument("count", type=click.IntRange(1, 50_000_000))
@click.option(
    "--source", "-s", "source", metavar="NAME", help="The source's name or id; the only one may be left out."
)
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back.")
@click.option("--each", type=click.IntRange(1, 1000), default=50, show_default=True, help="In one request.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed makes the same events.")
@AS
@IN
@with_django
def generate(
    count: int, source: str | None, days: int, each: int, seed: int, email: str | None, slug: str | None
) -> None:
    """Put COUNT made-up events of a shop into the inbox, from where the worker brings them into the store.

    They are written as capture writes them, without the requests. Only their source tells them from real ones
    afterwards: give them one of their own.
    """
    from tongpin.kernel import clock
    from tongpin.modules.analytics.actions.generated import put_generated

    actor = resolve_actor(email, slug)
    into = _source(actor, source)
    with click.progressbar(length=count, label=into.name) as bar:
        for done in put_generated(actor, into, count, until=clock.now(), days=days, each=each, seed=seed):
            bar.update(done)


@events.command("retry-parked")
@with_django
def retry_parked() -> None:
    """Let events that were set aside go on, once what held them up is mended.

    Of all workspaces; nothing comes in twice. Exit code 2 when some still cannot go on: they stay, with the reason.
    """
    from tongpin.config.cli.speaking import EXIT_UNAVAILABLE
    from tongpin.kernel.store.client import QueryTooHeavy, StoreError, StoreUnavailable
    from tongpin.modules.analytics.actions import parked

    try:
        done = parked.retry_parked()
    except parked.FlusherBusy:
        return fail(_("The worker is busy with the inbox."), _("Try again in a moment."), EXIT_UNAVAILABLE)
    except (StoreUnavailable, QueryTooHeavy, StoreError) as error:
        return fail(str(error), _("`tongpin doctor` says more."), EXIT_UNAVAILABLE)
    show_json({"inbox": done.again, "finished": done.finished, "parked": len(done.still)})
    if done.still:
        count = len(done.still)
        said = ngettext("%(n)d request still cannot go on.", "%(n)d requests still cannot go on.", count)
        return fail(said % {"n": count}, "; ".join(sorted(set(done.still))[:3]))
    return None
