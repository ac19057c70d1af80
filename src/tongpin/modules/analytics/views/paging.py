"""Cursors of lists that come from the store: (time, what tells rows of one time apart)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from django.utils.translation import gettext as _

from tongpin.kernel.errors import Invalid

Mark = TypeVar("Mark")
#: Milliseconds since 1970 of the times the store can hold: the years 1900 to 2299.
EARLIEST, LATEST = -2_208_988_800_000, 10_413_792_000_000


def written(cursor: tuple[datetime, object] | None) -> str | None:
    """The cursor as an address carries it."""
    if cursor is None:
        return None
    text = json.dumps([round(cursor[0].timestamp() * 1000), str(cursor[1])])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(text: str, mark: Callable[[str], Mark]) -> tuple[datetime, Mark] | None:
    """What ``written`` wrote; None for "". ``mark`` raises ValueError for what it is not. Raises Invalid."""
    if not text:
        return None
    try:
        at, last = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=="))
        if type(at) is not int or type(last) is not str or not EARLIEST <= at < LATEST:
            raise ValueError
        return datetime.fromtimestamp(at / 1000, UTC), mark(last)
    except (ValueError, TypeError, RecursionError):
        raise Invalid(
            _("This is not a cursor of this list."), code="cursor_unknown", field="cursor"
        ) from None


def number(text: str) -> int:
    """A hash (UInt64) as a mark. Raises ValueError."""
    found = int(text)
    if not 0 <= found < 1 << 64:
        raise ValueError(text)
    return found
