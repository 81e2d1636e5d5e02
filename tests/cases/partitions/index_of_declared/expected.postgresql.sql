-- upgrade
CREATE INDEX events_by_user ON ONLY events (user_id, at);

CREATE INDEX CONCURRENTLY events_2024_user_id_at_idx ON events_2024 (user_id, at);

CREATE INDEX events_2025_user_id_at_idx ON ONLY events_2025 (user_id, at);

CREATE INDEX CONCURRENTLY events_2025_new_user_id_at_idx ON events_2025_new (user_id, at);

CREATE INDEX events_2025_rest_user_id_at_idx ON ONLY events_2025_rest (user_id, at);

CREATE INDEX CONCURRENTLY events_2025_0_user_id_at_idx ON events_2025_0 (user_id, at);

CREATE INDEX CONCURRENTLY events_2025_1_user_id_at_idx ON events_2025_1 (user_id, at);

ALTER INDEX events_2025_rest_user_id_at_idx ATTACH PARTITION events_2025_1_user_id_at_idx;

ALTER INDEX events_2025_rest_user_id_at_idx ATTACH PARTITION events_2025_0_user_id_at_idx;

ALTER INDEX events_2025_user_id_at_idx ATTACH PARTITION events_2025_rest_user_id_at_idx;

ALTER INDEX events_2025_user_id_at_idx ATTACH PARTITION events_2025_new_user_id_at_idx;

ALTER INDEX events_by_user ATTACH PARTITION events_2025_user_id_at_idx;

ALTER INDEX events_by_user ATTACH PARTITION events_2024_user_id_at_idx;

-- rollback
DROP INDEX events_by_user;
