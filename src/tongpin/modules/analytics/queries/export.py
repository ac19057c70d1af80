"""The file of an export."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from tongpin.modules.analytics.models import Export


def pieces(row: Export) -> Iterator[bytes]:
    """Its bytes, a piece at a time. Callers have checked that the actor may see the export."""
    for number in count():
        content = row.pieces.filter(number=number).values_list("content", flat=True).first()
        if content is None:
            return
        yield bytes(content)
