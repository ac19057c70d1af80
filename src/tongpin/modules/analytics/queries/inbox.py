"""How full the inbox is: read every second and at each scrape, so it must cost nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

_FILL = """
WITH span AS (
    SELECT min(id) AS low, max(id) - min(id) + 1 AS width FROM analytics_arrival
),
asked AS (
    -- one id of each of 200 equal parts of the span, or every id of a shorter one
    SELECT low + floor(width * (part + random()) / least(width, 200))::bigint AS id
    FROM span, generate_series(0, least(width, 200) - 1) AS part
),
sample AS (
    SELECT count(*) AS asked, count(arrival.id) AS found, avg(pg_column_size(arrival.records) + 60) AS size
    FROM asked LEFT JOIN analytics_arrival arrival USING (id)
)
SELECT
    coalesce(width * found / asked, 0)::bigint,
    coalesce(width * found / asked * size, 0)::bigint,
    (SELECT received_at FROM analytics_arrival WHERE id = low)
FROM span LEFT JOIN sample ON asked > 0
"""


@dataclass(frozen=True, slots=True)
class Fill:
    """``rows`` (requests) and ``bytes`` are estimates: exact up to 200 rows, then from 200 of them spread evenly.

    ``oldest`` is when the one that waits longest was received, UTC; None when nothing waits.
    """

    rows: int
    bytes: int
    oldest: datetime | None


def fill() -> Fill:
    """Estimated from the span of ids, at the cost of 200 look-ups by primary key."""
    with connection.cursor() as cursor:
        cursor.execute(_FILL)
        rows, size, oldest = cursor.fetchone()
    return Fill(rows, size, oldest)
