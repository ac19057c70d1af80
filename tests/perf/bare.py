"""What somebody who knows ClickHouse would write by hand for the questions of ``insights.py``: the same persons and
figures, nothing else. The events are its made-up shop, so that names and days may stand in the text.
"""

from __future__ import annotations

WHO = "dictGetOrDefault('person_of', 'person', bitXor(did, sipHash64({workspace:UUID})), did)"
MINE = "workspace = {workspace:UUID} AND timestamp >= '2026-01-05 00:00:00'"
RANGE = f"{MINE} AND timestamp < '2026-02-26 00:00:00'"


TRENDS = f"""
SELECT toDate(timestamp) AS day, uniqExact({WHO}), grouping(day) FROM events
WHERE {RANGE} AND event = '$pageview' GROUP BY GROUPING SETS ((day), ()) ORDER BY 3, day
"""

# Each start with the first cart after it and the first payment after that; a person's deepest, of those the first.
FUNNEL = f"""
SELECT countIf(best.1 > 0), countIf(best.1 > 1), countIf(best.1 > 2),
       quantileExactInclusiveIf(0.5)((best.3[3] - best.3[1]) / 1000, best.1 = 3),
       quantileExactInclusiveIf(0.5)((best.3[2] - best.3[1]) / 1000, best.1 > 1)
FROM (
    SELECT arraySort(x -> (-x.1, x.2), arrayMap(s -> (
               1 + (x2(s) <= s + 604800000) + (x3(s) <= s + 604800000), s, [s, x2(s), x3(s)]), starts))[1] AS best
    FROM (SELECT {WHO} AS who,
                 arraySort(groupArrayIf(toUnixTimestamp64Milli(timestamp), event = 'search'
                                        AND timestamp < '2026-02-26 00:00:00')) AS starts,
                 arraySort(groupArrayIf(toUnixTimestamp64Milli(timestamp), event = 'add to cart')) AS carts,
                 arraySort(groupArrayIf(toUnixTimestamp64Milli(timestamp), event = 'paid')) AS paid
          FROM events WHERE {MINE} AND timestamp < '2026-03-05 00:00:00' AND event IN ('search', 'add to cart', 'paid')
          GROUP BY who HAVING notEmpty(starts))
)
"""
CART = "arrayFirstOrNull(t -> t > s, carts)"
FUNNEL = FUNNEL.replace(
    "x3(s)", f"ifNull(arrayFirstOrNull(t -> t > ifNull({CART}, 4e12), paid), 4000000000000)"
)
FUNNEL = FUNNEL.replace("x2(s)", f"ifNull({CART}, 4000000000000)")


# One scan: the first page view of each, and on which days after that it paid.
GAPS = "arrayDistinct(arrayMap(t -> toDate(t) - toDate(first), arrayFilter(t -> t >= first, paid)))"
RETENTION = f"""
SELECT toDate(first) AS cohort, count(), {", ".join(f"countIf(has({GAPS}, {k}))" for k in range(8))}
FROM (
    SELECT {WHO} AS who, groupUniqArrayIf(timestamp, event = 'paid' AND timestamp >= '2026-01-05 00:00:00') AS paid,
           minOrNullIf(timestamp, event = '$pageview' AND timestamp < '2026-02-26 00:00:00') AS first
    FROM events WHERE workspace = {{workspace:UUID}} AND event IN ('$pageview', 'paid') GROUP BY who
    HAVING first >= '2026-01-05 00:00:00'
)
GROUP BY cohort ORDER BY cohort
"""

LIFECYCLE = f"""
SELECT day, countIf(state = 1), countIf(state = 2), countIf(state = 3), countIf(state = 4)
FROM (
    SELECT arrayJoin(arrayDistinct(arrayConcat(days, arrayMap(d -> d + 1, days)))) AS day,
           multiIf(NOT has(days, day), 4, day = arrayMin(days), 1, has(days, day - 1), 2, 3) AS state
    FROM (SELECT {WHO} AS who, groupUniqArray(toDate(timestamp)) AS days FROM events
          WHERE workspace = {{workspace:UUID}} AND timestamp < '2026-02-26 00:00:00' AND event = '$pageview'
          GROUP BY who)
)
WHERE day BETWEEN '2026-01-05' AND '2026-02-25' GROUP BY day ORDER BY day
"""

STICKINESS = f"""
SELECT days, count()
FROM (SELECT {WHO} AS who, uniqExact(toDate(timestamp)) AS days FROM events
      WHERE {RANGE} AND event = '$pageview' GROUP BY who)
GROUP BY days ORDER BY days
"""

# Visits by a window over each person's events: 30 minutes; nobody in these events goes on for a day.
VISITS = f"""
    SELECT who, event, timestamp, uuid, utm_source,
           sum(fresh) OVER (PARTITION BY who ORDER BY timestamp, toUInt128(uuid)) AS visit
    FROM (
        SELECT {WHO} AS who, event, timestamp, uuid, utm_source,
               dateDiff('ms', lagInFrame(timestamp) OVER (PARTITION BY who ORDER BY timestamp, toUInt128(uuid)),
                        timestamp) > 1800000 AS fresh
        FROM events WHERE workspace = {{workspace:UUID}} AND timestamp >= '%s' AND timestamp < '2026-02-27 00:00:00'
    )
"""
BEGAN = "HAVING min(timestamp) >= '2026-01-05 00:00:00' AND min(timestamp) < '2026-02-26 00:00:00'"

PATHS = f"""
SELECT count(), sum(length(nodes) - 1) FROM (
    SELECT arraySlice(arrayCompact(arraySort((n, t, u) -> (t, u), groupArray(event), groupArray(timestamp),
                                             groupArray(toUInt128(uuid)))), 1, 5) AS nodes
    FROM ({VISITS % "2026-01-04 00:00:00"}) GROUP BY who, visit {BEGAN}
)
"""

SESSIONS = f"""
SELECT toDate(began) AS day, grouping(day), count(), uniqExact(who), avg(took), quantileExactInclusive(0.5)(took),
       avg(views), sum(took > 10 OR views >= 2) AS engaged, 1 - engaged / count(), avg(views = 1 AND n = 1)
FROM (
    SELECT who, min(timestamp) AS began, dateDiff('ms', began, max(timestamp)) / 1000 AS took,
           countIf(event = '$pageview') AS views, count() AS n
    FROM ({VISITS % "2026-01-04 00:00:00"}) GROUP BY who, visit {BEGAN}
)
GROUP BY GROUPING SETS ((day), ()) ORDER BY 2 DESC, day
"""

# A conversion is owed to the visits with a source that began in the 30 days before it.
ATTRIBUTION = f"""
SELECT if(n = 0, '(direct)', sources[k]) AS source, sum(n = 0 OR k = 1) AS first, sum(n = 0 OR k = n) AS last,
       sum(1 / greatest(n, 1)) AS linear,
       sum(multiIf(n < 2, 1, n = 2, 0.5, k = 1 OR k = n, 0.4, 0.2 / (n - 2))) AS position,
       sum(value * (n = 0 OR k = 1)), sum(value * (n = 0 OR k = n)), sum(value / greatest(n, 1)),
       sum(value * multiIf(n < 2, 1, n = 2, 0.5, k = 1 OR k = n, 0.4, 0.2 / (n - 2)))
FROM (
    SELECT value, arrayFilter(t -> t.1 <= at AND t.1 >= at - toIntervalDay(30), touches).2 AS sources,
           length(sources) AS n, arrayJoin(if(n = 0, [1], range(1, n + 1))) AS k
    FROM (
        SELECT {WHO} AS who, timestamp AS at, toFloat64(properties.amount.:Int64) AS value
        FROM events WHERE {RANGE} AND event = 'paid'
    ) AS c
    LEFT JOIN (
        SELECT who, arraySort(groupArray((began, source))) AS touches
        FROM (
            SELECT who, min(timestamp) AS began, argMin(ifNull(utm_source, ''), (timestamp, toUInt128(uuid))) AS source
            FROM ({VISITS % "2026-01-01 00:00:00"}) GROUP BY who, visit HAVING source != ''
        )
        GROUP BY who
    ) AS t USING who
)
GROUP BY source ORDER BY source
"""
