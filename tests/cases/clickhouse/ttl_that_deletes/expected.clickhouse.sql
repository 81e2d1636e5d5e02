-- upgrade
ALTER TABLE logs MODIFY TTL at + toIntervalYear(1);

-- rollback
ALTER TABLE logs REMOVE TTL;
