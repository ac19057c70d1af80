"""Long lists in pieces that stay right while rows come and go: a cursor names the last row seen, not a
number."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
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


def ordered(rows: QuerySet[M], by: Sequence[str], cursor: str | None = None, limit: int = LIMIT) -> Page[M]:
    """The rows after ``cursor`` in ascending order of ``by`` (fields or annotations of text or numbers, never null).

    The cursor holds the last row's values, so the list goes on in its place even if that row has gone meanwhile.
    Raises Invalid for a cursor that this did not make.
    """
    limit = max(1, min(limit, MOST))
    keys = [*by, "public_id"]
    if cursor:
        after, equal = Q(), Q()
        for key, value in zip(keys, _values(cursor, len(keys)), strict=True):
            after |= equal & Q(**{f"{key}__gt": value})
            equal &= Q(**{key: value})
        try:
            rows = rows.filter(after)
        except (ValueError, TypeError):  # text where a number belongs
            raise _unknown() from None
    found = list(rows.order_by(*keys)[: limit + 1])
    items = found[:limit]
    if len(found) <= limit:
        return Page(items, None)
    return Page(items, _packed([_value(items[-1], key) for key in keys]))


def _value(row: Model, key: str) -> Any:
    value: Any = row
    for part in key.split("__"):
        value = getattr(value, part)
    return str(value) if isinstance(value, uuid.UUID) else value


def _packed(values: list[Any]) -> str:
    text = json.dumps(values, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _values(cursor: str, count: int) -> list[Any]:
    """What ``_packed`` packed."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"=="))
        uuid.UUID(values[-1])
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise _unknown() from None
    if len(values) != count or not all(map(_storable, values)):
        raise _unknown()
    return list(values)


def _storable(value: object) -> bool:
    """Whether a row could have this value: no half character, no NUL, nothing but text and numbers."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= each <= "\udfff" for each in value)
    return type(value) is int


def encode(last: uuid.UUID) -> str:
    """An opaque cursor for the row with that public id."""
    return base64.urlsafe_b64encode(last.bytes).decode().rstrip("=")


def decode(cursor: str) -> uuid.UUID:
    """The public id in a cursor. Raises Invalid (``cursor_unknown``)."""
    try:
        return uuid.UUID(bytes=base64.urlsafe_b64decode(cursor.encode("ascii") + b"=="))
    except (ValueError, binascii.Error):
        raise _unknown() from None


def _unknown() -> Invalid:
    return Invalid(
        _("This is not a cursor of this list."),
        code="cursor_unknown",
        field="cursor",
        hint=_("Use the “next” value of the previous answer as it is."),
    )
