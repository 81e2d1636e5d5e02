-- upgrade
ALTER TABLE events MODIFY TTL at + toIntervalYear(100);

ALTER TABLE events MODIFY SETTING ttl_only_drop_parts = 1;

ALTER TABLE events RESET SETTING min_bytes_for_wide_part;

ALTER TABLE events MODIFY COMMENT 'it\'s new';

-- rollback
ALTER TABLE events MODIFY TTL at + toIntervalMonth(1);

ALTER TABLE events MODIFY SETTING min_bytes_for_wide_part = 0;

ALTER TABLE events RESET SETTING ttl_only_drop_parts;

ALTER TABLE events MODIFY COMMENT 'old';
