-- Who is on the list of a segment: ids of users (`kind` is empty) or keys of customers of a kind. An id that becomes
-- part of another person is found by its own hash all the same. Who was put there from a number may have no text.
CREATE TABLE IF NOT EXISTS segment_members $on_cluster
(
    workspace UUID,
    segment UUID,
    kind LowCardinality(String),
    said String,
    who UInt64 DEFAULT sipHash64(said),
    digest UInt64 DEFAULT if(kind = '', who, sipHash64(concat(kind, char(0), said)))
)
ENGINE = $ReplacingMergeTree
ORDER BY (workspace, segment, who)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, $deduplication;
