-- Product events, one row each; the flusher lets each (source, uuid) in once, so the table merges nothing away.
-- `timestamp` is what figures count by (a clock ahead of ours is set to `received_at`), `client_at` what the client said.
-- `properties` holds plain values under escaped keys, `nested` objects and lists as JSON, and what is asked most often
-- has a column of its own while it is text (docs/adr/0011-event-properties.md). Times before 2010 share a partition,
-- so that a clock gone wrong cannot make thousands. `by_time` answers "is this retry known" from a few granules.
CREATE TABLE IF NOT EXISTS events $on_cluster
(
    workspace UUID,
    source UUID,
    uuid UUID,
    event LowCardinality(String),
    distinct_id String,
    did UInt64 MATERIALIZED sipHash64(distinct_id),
    timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    client_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    session String,
    customers Map(LowCardinality(String), String),
    url Nullable(String) CODEC(ZSTD(3)),
    host LowCardinality(Nullable(String)),
    path Nullable(String) CODEC(ZSTD(3)),
    title Nullable(String) CODEC(ZSTD(3)),
    referrer Nullable(String) CODEC(ZSTD(3)),
    referrer_host LowCardinality(Nullable(String)),
    utm_source LowCardinality(Nullable(String)),
    utm_medium LowCardinality(Nullable(String)),
    utm_campaign LowCardinality(Nullable(String)),
    utm_term LowCardinality(Nullable(String)),
    utm_content LowCardinality(Nullable(String)),
    browser LowCardinality(Nullable(String)),
    os LowCardinality(Nullable(String)),
    device LowCardinality(Nullable(String)),
    country LowCardinality(Nullable(String)),
    region LowCardinality(Nullable(String)),
    city LowCardinality(Nullable(String)),
    language LowCardinality(Nullable(String)),
    app_version LowCardinality(Nullable(String)),
    lib LowCardinality(Nullable(String)),
    lib_version LowCardinality(Nullable(String)),
    properties JSON(max_dynamic_paths = 200),
    nested String CODEC(ZSTD(3)),
    PROJECTION by_time (SELECT source, uuid, client_at, received_at ORDER BY client_at)
)
ENGINE = $MergeTree
PARTITION BY toYYYYMM(greatest(timestamp, toDateTime64('2010-01-01 00:00:00', 3, 'UTC')))
ORDER BY (workspace, toDate(timestamp), event, did, timestamp)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, lightweight_mutation_projection_mode = 'rebuild', $deduplication;
