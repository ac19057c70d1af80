"""A fingerprint of everything stored, to show that a refused call changed nothing."""

from __future__ import annotations

from django.apps import apps
from django.db import connection

# Reading a page may touch these: when a session was last seen, throttle counters.
NOT_CONTENT = {"actions.ratecount", "sessions.session", "usersessions.usersession"}
# Signing in touches this one column.
NOT_COLUMNS = ["last_login"]
# That somebody was refused is written down.
REFUSED = "workspaces.access_refused"


def fingerprint() -> dict[str, str]:
    """Table → hash of all its rows, in any order."""
    found = {}
    for model in apps.get_models():
        if model._meta.label_lower in NOT_CONTENT or model._meta.proxy or not model._meta.managed:
            continue
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT md5(coalesce(string_agg(row, '|' ORDER BY row), ''))"
                f" FROM (SELECT (to_jsonb(t) - %s::text[])::text AS row FROM {table} t"
                " WHERE to_jsonb(t)->>'name' IS DISTINCT FROM %s) rows",
                [NOT_COLUMNS, REFUSED],
            )
            (found[model._meta.label],) = cursor.fetchone()
    return found
