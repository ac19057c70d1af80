"""Long lists in pieces that stay right while rows come and go: a cursor names the last row seen, not a
number."""

from __future__ import annotations

import base64
import binascii
import uuid
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from tongpin.kernel.errors import Invalid

M = TypeVar("M", bound=Model)

LIMIT = 50
MOST = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """One piece of a list. ``next`` is the cursor of the following one; None at the end."""

    items: list[M]
    next: str | None


def page(
    rows: QuerySet[M], cursor: str | None = None, limit: int = LIMIT, *, newest_first: bool = False
) -> Page[M]:
    """The rows after ``cursor`` in the order they were made (their public ids are sortable by time).

    ``limit`` is kept between 1 and MOST. Raises Invalid for a cursor that this did not make.
    """
    limit = max(1, min(limit, MOST))
    if cursor:
        last = decode(cursor)
        rows = rows.filter(public_id__lt=last) if newest_first else rows.filter(public_id__gt=last)
    found = list(rows.order_by("-public_id" if newest_first else "public_id")[: limit + 1])
    more = len(found) > limit
    items = found[:limit]
    return Page(items, encode(items[-1].public_id) if more else None)  # type: ignore[attr-defined]


def encode(last: uuid.UUID) -> str:
    """An opaque cursor for the row with that public id."""
    return base64.urlsafe_b64encode(last.bytes).decode().rstrip("=")


def decode(cursor: str) -> uuid.UUID:
    """The public id in a cursor. Raises Invalid (``cursor_unknown``)."""
    try:
        return uuid.UUID(bytes=base64.urlsafe_b64decode(cursor.encode("ascii") + b"=="))
    except (ValueError, binascii.Error):
        raise Invalid(
            _("This is not a cursor of this list."),
            code="cursor_unknown",
            field="cursor",
            hint=_("Use the “next” value of the previous answer as it is."),
        ) from None
