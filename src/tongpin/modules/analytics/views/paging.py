"""Cursors of lists that come from the store: (time, what tells rows of one time apart)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from django.utils.translation import gettext as _

from tongpin.kernel.errors import Invalid

Mark = TypeVar("Mark")


def written(cursor: tuple[datetime, object] | None) -> str | None:
    """The cursor as an address carries it."""
    if cursor is None:
        return None
    text = json.dumps([round(cursor[0].timestamp() * 1000), str(cursor[1])])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(text: str, mark: Callable[[str], Mark]) -> tuple[datetime, Mark] | None:
    """What ``written`` wrote; None for "". Raises Invalid."""
    if not text:
        return None
    try:
        at, last = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=="))
        return datetime.fromtimestamp(at / 1000, UTC), mark(last)
    except (ValueError, TypeError, binascii.Error, OverflowError, OSError):
        raise Invalid(
            _("This is not a cursor of this list."), code="cursor_unknown", field="cursor"
        ) from None
