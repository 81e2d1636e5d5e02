-- upgrade
ALTER TABLE pages
    DROP INDEX ix_path,
    MODIFY COLUMN path TEXT,
    ADD INDEX ix_path (path(100)),
    ALGORITHM=COPY, LOCK=SHARED;

-- rollback
ALTER TABLE pages
    DROP INDEX ix_path,
    MODIFY COLUMN path VARCHAR(100),
    ADD INDEX ix_path (path),
    ALGORITHM=COPY, LOCK=SHARED;
