-- Who is who, copied from PostgreSQL: ids whose person is not their own hash (or no longer is), the last version of
-- each. Queries ask the dictionary, whose key is the hash mixed with the workspace's, so that it is one number.
CREATE TABLE IF NOT EXISTS person_overrides $on_cluster
(
    workspace UUID,
    did UInt64,
    person UInt64,
    version UInt64
)
ENGINE = $ReplacingMergeTree(version)
ORDER BY (workspace, did)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, $deduplication;

CREATE DICTIONARY IF NOT EXISTS person_of $on_cluster
(
    id UInt64,
    person UInt64
)
PRIMARY KEY id
SOURCE(CLICKHOUSE($reader QUERY 'SELECT bitXor(did, sipHash64(workspace)) AS id, argMax(person, version) AS person FROM $database.person_overrides GROUP BY workspace, did'))
LAYOUT(HASHED_ARRAY())
LIFETIME(MIN 300 MAX 600);

-- What is known of persons and customers by their properties; `deleted` rows are persons that became part of others.
CREATE TABLE IF NOT EXISTS persons $on_cluster
(
    workspace UUID,
    person UInt64,
    ids Array(String),
    name String,
    email String,
    properties String CODEC(ZSTD(3)),
    deleted UInt8,
    version UInt64
)
ENGINE = $ReplacingMergeTree(version)
ORDER BY (workspace, person)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, $deduplication;

CREATE TABLE IF NOT EXISTS customers $on_cluster
(
    workspace UUID,
    kind LowCardinality(String),
    key String,
    name String,
    properties String CODEC(ZSTD(3)),
    deleted UInt8,
    version UInt64
)
ENGINE = $ReplacingMergeTree(version)
ORDER BY (workspace, kind, key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, $deduplication;

-- When each id was seen first and last: what the list of users is made of.
CREATE TABLE IF NOT EXISTS ids_seen $on_cluster
(
    workspace UUID,
    did UInt64,
    distinct_id SimpleAggregateFunction(any, String),
    first_at SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_at SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = $AggregatingMergeTree
ORDER BY (workspace, did)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, $deduplication;

CREATE MATERIALIZED VIEW IF NOT EXISTS ids_seen_of_events $on_cluster TO ids_seen AS
SELECT e.workspace AS workspace, sipHash64(e.distinct_id) AS did, any(e.distinct_id) AS distinct_id,
       min(e.timestamp) AS first_at, max(e.timestamp) AS last_at
FROM events AS e GROUP BY workspace, did;
