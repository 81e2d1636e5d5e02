-- engine: clickhouse
-- expect: INFO events gets rows of its own on every server of the cluster: its engine is MergeTree
CREATE TABLE events ON CLUSTER 'c' (id Int64) ENGINE = MergeTree ORDER BY id;
-- expect: INFO sums gets rows of its own on every server of the cluster: its engine is SummingMergeTree
CREATE TABLE IF NOT EXISTS sums ON CLUSTER '{cluster}' (id Int64, v Int64) ENGINE = SummingMergeTree(v) ORDER BY id;
-- ok
CREATE TABLE copies ON CLUSTER c (id Int64) ENGINE = ReplicatedMergeTree('/t/{shard}/copies', '{replica}') ORDER BY id;
-- ok
CREATE TABLE everything ON CLUSTER c AS copies ENGINE = Distributed(c, currentDatabase(), copies);
-- ok: on one server
CREATE TABLE local (id Int64) ENGINE = MergeTree ORDER BY id;
-- dbwarden: ignore replicate-on-clusters: the shards have no replicas
-- ok
CREATE TABLE shards ON CLUSTER c (id Int64) ENGINE = MergeTree ORDER BY id;
-- ok
ALTER TABLE copies ON CLUSTER c ADD COLUMN v Int64;

-- next: an engine without clusters
-- engine: postgresql sqlite
-- ok
CREATE TABLE t (id integer);
