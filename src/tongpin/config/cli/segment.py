"""Segments from the command line: which there are, how many are in one, and who."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _

from tongpin.config.cli.acting import AS, IN, resolve_actor
from tongpin.config.cli.speaking import fail, show_json, with_django

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor
    from tongpin.modules.analytics.models import Segment


@click.group()
def segment() -> None:
    """Segments of users and customers: list them, count one, take its members away."""


@segment.command("list")
@AS
@IN
@with_django
def list_(email: str | None, slug: str | None) -> None:
    """Every segment with its last size, as JSON."""
    from tongpin.kernel import paging
    from tongpin.modules.analytics.queries.segment import page

    actor = _actor(email, slug)
    found, cursor = [], ""
    while True:
        piece = page(actor, cursor=cursor, limit=paging.MOST)
        found += [
            {
                "id": str(row.public_id),
                "name": row.name,
                "kind": row.kind,
                "unit": row.unit,
                "size": row.size,  # type: ignore[attr-defined]
                "day": row.size_day and row.size_day.isoformat(),  # type: ignore[attr-defined]
                "owner": row.owner.user.name,
            }
            for row in piece.items
        ]
        if piece.next is None:
            break
        cursor = piece.next
    show_json({"segments": found})


@segment.command("size")
@click.argument("name", metavar="NAME|ID")
@AS
@IN
@with_django
def size(name: str, email: str | None, slug: str | None) -> None:
    """How many are in a segment now, and were at the end of each of the last days, as JSON."""
    from tongpin.modules.analytics.insights.scope import Scope
    from tongpin.modules.analytics.queries import behind, segment_members
    from tongpin.modules.analytics.queries.segment import sizes

    actor = _actor(email, slug)
    row = _called(actor, name)
    assert actor.workspace is not None
    scope = Scope.of(actor.workspace)
    show_json(
        {
            "id": str(row.public_id),
            "name": row.name,
            "size": behind.count(*segment_members.of(row, scope)),
            "of": segment_members.everybody(row.unit, row.customer_kind, scope),
            "days": [
                {
                    "day": day.isoformat(),
                    "size": kept.size if kept else None,
                    "later": bool(kept and kept.later),
                }
                for day, kept in sizes(row, scope.today, 90)
            ],
        }
    )


@segment.command("upload")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", required=True, help="What the segment is called.")
@click.option(
    "--customers", metavar="KIND", help="The lines are keys of customers of this kind, such as company."
)
@AS
@IN
@with_django
def upload(file: Path, name: str, customers: str | None, email: str | None, slug: str | None) -> None:
    """Make a segment out of the ids of a FILE: one a line, or the first column of a CSV.

    What became of the lines is printed as JSON. Ids nobody was seen with are kept.
    """
    from tongpin.modules.analytics import segment_lines
    from tongpin.modules.analytics.actions.segment import upload_segment

    actor = _actor(email, slug)
    with file.open("rb") as opened:
        data: dict[str, Any] = {
            "name": name,
            "lines": segment_lines.lines(segment_lines.text(iter(lambda: opened.read(1 << 20), b""))),
        }
        if customers is not None:
            data |= {"unit": "customer", "customer_kind": customers}
        row = upload_segment.run(actor, data).value
    show_json({"id": str(row.public_id), "name": row.name, "report": row.report})


@segment.command("export")
@click.argument("name", metavar="NAME|ID")
@AS
@IN
@with_django
def export(name: str, email: str | None, slug: str | None) -> None:
    """Every member of a segment as CSV. It is noted in the audit log."""
    from tongpin.kernel import authz
    from tongpin.lib import sheet
    from tongpin.modules.analytics.actions.segment import export_segment
    from tongpin.modules.analytics.insights.scope import Scope
    from tongpin.modules.analytics.permissions import SEE_PEOPLE
    from tongpin.modules.analytics.queries import segment_members

    actor = _actor(email, slug)
    authz.require(actor, SEE_PEOPLE.name)
    row = _called(actor, name)
    assert actor.workspace is not None
    scope = Scope.of(actor.workspace)
    segment_members.of(row, scope)
    export_segment.run(actor, {}, target=row)
    for line in sheet.written(segment_members.table(row, scope)):
        click.echo(line, nl=False)


def _actor(email: str | None, slug: str | None) -> Actor:
    from tongpin.kernel import authz
    from tongpin.modules.analytics.permissions import VIEW_SEGMENTS

    actor = resolve_actor(email, slug)
    authz.require(actor, VIEW_SEGMENTS.name)
    return actor


def _called(actor: Actor, name: str) -> Segment:
    from tongpin.modules.analytics.queries.segment import called

    rows = called(actor, name)
    if not rows:
        fail(
            _("There is no segment “%(name)s”.") % {"name": name},
            _("“tongpin segment list” shows those there are."),
        )
    if len(rows) > 1:
        fail(
            _("Several segments are called “%(name)s”.") % {"name": name},
            _("Give the id that stands in its address."),
        )
    return rows[0]
