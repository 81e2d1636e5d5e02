-- upgrade
CREATE TABLE t (
    id UInt64,
    s String,
    a Array(Float32),
    INDEX bloom lower(s) TYPE bloom_filter GRANULARITY 1,
    INDEX bloom_rate s TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX few s TYPE set(100) GRANULARITY 2,
    INDEX grams s TYPE ngrambf_v1(3, 256, 2, 0) GRANULARITY 1,
    INDEX near a TYPE vector_similarity('hnsw', 'L2Distance', 2) GRANULARITY 1000,
    INDEX smallest (id, length(s)) TYPE minmax GRANULARITY 1,
    INDEX tokens s TYPE tokenbf_v1(256, 2, 0) GRANULARITY 1,
    INDEX words s TYPE text(tokenizer = 'splitByNonAlpha') GRANULARITY 100000000,
    PROJECTION by_s (SELECT s, count() GROUP BY s) WITH SETTINGS (index_granularity = 128),
    PROJECTION sorted (SELECT id, s ORDER BY s)
)
ENGINE = MergeTree
ORDER BY id;

-- rollback
DROP TABLE t;
