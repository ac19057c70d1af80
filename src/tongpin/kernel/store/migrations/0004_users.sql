-- Who is only named where a customer is described is no user: server SDKs send such events under an id they make up.
ALTER TABLE ids_seen_of_events $on_cluster MODIFY QUERY
SELECT e.workspace AS workspace, sipHash64(e.distinct_id) AS did, any(e.distinct_id) AS distinct_id,
       min(e.timestamp) AS first_at, max(e.timestamp) AS last_at
FROM events AS e WHERE e.event != '$$groupidentify' GROUP BY workspace, did;

DELETE FROM ids_seen $on_cluster
WHERE (workspace, did) IN (SELECT workspace, did FROM events WHERE event = '$$groupidentify')
  AND (workspace, did) NOT IN (
    SELECT workspace, did FROM events
    WHERE event != '$$groupidentify' AND did IN (SELECT did FROM events WHERE event = '$$groupidentify'));
