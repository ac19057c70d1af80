"""Reading the stream in an order that loses nothing."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection

from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.models import Workspace

START_XID = -(2**62)


class Position(NamedTuple):
    """A place in the stream. Everything at or before it has been read."""

    xid: int
    id: int

    def __str__(self) -> str:
        return f"{self.xid}.{self.id}"

    @classmethod
    def parse(cls, text: str) -> Position | None:
        """The position written as ``xid.id``; None if it is not one."""
        xid, _, row = text.partition(".")
        try:
            return cls(int(xid), int(row))
        except ValueError:
            return None


START = Position(START_XID, 0)

# A transaction that is still running may yet commit rows with its own, smaller, xid. Rows at or above the oldest
# running transaction are therefore left for the next read. In a test that never commits, its own rows count too.
_SQL = """
    SELECT * FROM events_event
    WHERE (xid, id) > (%s, %s)
      AND (xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
           OR (%s AND xid = pg_current_xact_id_if_assigned()::text::bigint))
    {more}
    ORDER BY xid, id
    LIMIT %s
"""
_OF = "AND workspace_id = %s AND split_part(subject_type, '.', 1) = ANY(%s) AND subject_type <> ALL(%s)"


def read_after(position: Position, limit: int = 500, *, own_uncommitted: bool = False) -> list[Event]:
    """The next events after ``position``, oldest first, at most ``limit``."""
    return list(Event.objects.raw(_SQL.format(more=""), [position.xid, position.id, own_uncommitted, limit]))


def read_of(
    workspace: Workspace, position: Position, limit: int, *, apps: list[str], without: list[str]
) -> list[Event]:
    """As ``read_after``, of one workspace: subjects of these apps (labels) and of no type in ``without``."""
    return list(
        Event.objects.raw(
            _SQL.format(more=_OF), [position.xid, position.id, False, workspace.pk, apps, without, limit]
        )
    )


def end() -> Position:
    """The position of the newest event that can be read now; START if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xid, id FROM events_event"
            " WHERE xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY xid DESC, id DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return Position(*row) if row else START


def count_after(position: Position) -> int:
    """How many events lie after ``position``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM events_event WHERE (xid, id) > (%s, %s)", [position.xid, position.id]
        )
        (count,) = cursor.fetchone()
        return int(count)


# One statement, so that a restore can run it in the transaction that loads the rows.
REBASE = f"""
DO $rebase$
DECLARE newest bigint;
BEGIN
    SELECT max(xid) INTO newest FROM events_event;
    IF newest >= 0 THEN
        UPDATE events_event SET xid = xid - (newest + 1);
        UPDATE events_subscribercursor SET xid = xid - (newest + 1) WHERE xid > {START_XID};
    END IF;
END
$rebase$;
"""  # noqa: S608  the one value put in is a constant


def rebase() -> None:
    """Move every stored position below zero, keeping the order.

    Transaction ids start afresh in a restored database; rows brought from the old one must sort before all new ones
    and count as committed.
    """
    with connection.cursor() as cursor:
        cursor.execute(REBASE)
