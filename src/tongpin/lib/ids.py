"""Public identifiers: UUID version 7, sortable by the time they were made (RFC 9562 §5.7)."""

from __future__ import annotations

import uuid

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """A new UUIDv7, made in this process so that it is known before the row is written."""
    return uuid7()


def parse_id(text: str) -> uuid.UUID | None:
    """``text`` as a UUID, or None if it is not one."""
    try:
        return uuid.UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None
