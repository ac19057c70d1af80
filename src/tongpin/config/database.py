"""Where authored data live: ``DATABASE_URL``, else the embedded PostgreSQL of the data folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

_OPTIONS: dict[str, Any] = {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
    "DISABLE_SERVER_SIDE_CURSORS": False,
}


def database(data: Path) -> dict[str, Any]:
    """Django's settings of the one database. Raises ValueError for an address that is not PostgreSQL's."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        from tongpin.kernel.postgres import Cluster

        return {**_OPTIONS, **Cluster(data / "postgres").connection_settings()}
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"DATABASE_URL must begin with postgresql://, not {parts.scheme}://")
    query = dict(parse_qsl(parts.query))
    return {
        **_OPTIONS,
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(query.pop("port", None) or parts.port or ""),
        "OPTIONS": query,
    }
