"""The database's address for connections that are not Django's: listeners, and writers on the event loop."""

from __future__ import annotations

from typing import Any

from django.db import connection

# A peer that went without a word is found within half a minute.
_KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
_ONLY_DJANGO = {"cursor_factory", "context", "prepare_threshold", "row_factory", "server_side_binding"}


def parameters(application_name: str) -> dict[str, Any]:
    """How Django connects, without what only Django's own cursors need; for ``psycopg.connect``."""
    given = {
        key: value for key, value in connection.get_connection_params().items() if key not in _ONLY_DJANGO
    }
    return _KEEPALIVE | given | {"application_name": application_name}
