-- renames: audit.log.who:actor

-- upgrade
ALTER TABLE audit.log RENAME COLUMN who TO actor;

-- rollback
ALTER TABLE audit.log RENAME COLUMN actor TO who;
