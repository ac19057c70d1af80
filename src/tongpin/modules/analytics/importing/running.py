"""Reading a file of events from its beginning to its end, or from where it was stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.actions import event_import as actions
from tongpin.modules.analytics.importing.mapping import Columns, Rows
from tongpin.modules.analytics.importing.reading import FileRefused, Shape, lines
from tongpin.modules.analytics.models import EventImport
from tongpin.modules.analytics.queries import event_import as queries
from tongpin.modules.analytics.wire.record import Record, dump
from tongpin.modules.analytics.wire.telling import Unfit

CHUNK = 5_000
CHUNK_BYTES = 16 << 20
"""Whichever comes first: the flusher takes what lies together in the inbox into memory at once."""
_WAIT = 0.2


def run(
    row: EventImport,
    path: Path,
    of: Shape,
    progress: Callable[[EventImport], None],
    patience: Callable[[], None] = lambda: None,
) -> EventImport:
    """Hand every row in that is not yet, a chunk at a time; ``progress`` hears of each. Waits while too much waits for
    the store, and calls ``patience`` now and then meanwhile. Returns when all is handed in or somebody stopped it.

    A file that cannot be read to its end leaves the import broken off, with why. Raises OSError, FileRefused, and what
    ``progress`` and ``patience`` raise.
    """
    try:
        return _run(row, path, of, progress, patience)
    except FileRefused as refused:
        fail(row, refused.code)
        raise
    except FileNotFoundError as error:
        fail(row, "lost")
        raise FileRefused("lost") from error


def fail(row: EventImport, code: str) -> None:
    """Note that the file cannot be read any further: a code of FileRefused."""
    actions.fail_import.run(Actor.system(row.workspace), {"trouble": code}, target=row)


def _run(
    row: EventImport,
    path: Path,
    of: Shape,
    progress: Callable[[EventImport], None],
    patience: Callable[[], None],
) -> EventImport:
    rows = Rows(Columns.model_validate(row.columns), row.source.public_id, row.public_id)
    done = row.rows
    chunk: list[Record] = []
    refused: list[tuple[int, str]] = []
    number, size = done, 0
    for line in lines(path, of):
        # Rows that were handed in before are looked at again all the same: ids of rows alike depend on those before.
        record, trouble = _read(rows, line.cells, line.trouble)
        if line.number <= done:
            continue
        number = line.number
        if record is not None:
            chunk.append(record)
            size += len(dump([record]))
        else:
            refused.append((line.number, trouble))
        if number - row.rows >= CHUNK or size >= CHUNK_BYTES:
            if not _hand_in(row, number, chunk, refused, patience):
                return row
            chunk, refused, size = [], [], 0
            progress(row)
    if number > row.rows and not _hand_in(row, number, chunk, refused, patience):
        return row
    actions.finish_import.run(Actor.system(row.workspace), {}, target=row)
    row.refresh_from_db()
    progress(row)
    return row


def _read(rows: Rows, cells: object, trouble: str) -> tuple[Record | None, str]:
    if not isinstance(cells, dict):
        return None, trouble
    try:
        return rows.record(cells), ""
    except Unfit as unfit:
        return None, unfit.detail


def _hand_in(
    row: EventImport,
    number: int,
    chunk: list[Record],
    refused: list[tuple[int, str]],
    patience: Callable[[], None],
) -> bool:
    while queries.waiting() > actions.ROOM:
        patience()
        time.sleep(_WAIT)
    return actions.hand_in(row, number - row.rows, chunk, refused)
