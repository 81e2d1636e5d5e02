-- renames: jobs.began:started_at

-- upgrade
ALTER TABLE jobs RENAME COLUMN began TO started_at;

-- rollback
ALTER TABLE jobs RENAME COLUMN started_at TO began;
