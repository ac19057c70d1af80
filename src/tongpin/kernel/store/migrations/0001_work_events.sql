-- The copy of the product's own event stream, one row an event. An event never changes, so a doubled copy has the
-- same key and merges away; reads use FINAL. Same uid means same time, so a copy never lies in two partitions.
CREATE TABLE IF NOT EXISTS work_events $on_cluster
(
    uid UUID,
    workspace UUID,
    name LowCardinality(String),
    version UInt16,
    subject_type LowCardinality(String),
    subject_id String,
    actor_id String,
    via LowCardinality(String),
    action LowCardinality(String),
    at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    payload String CODEC(ZSTD(3))
)
ENGINE = $ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (workspace, at, uid)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, $deduplication;
