-- upgrade
ALTER TABLE users
    ADD COLUMN active BOOLEAN DEFAULT true NOT NULL,
    ADD COLUMN score NUMERIC(8, 2) DEFAULT '0' NOT NULL;

-- rollback
ALTER TABLE users
    DROP COLUMN score,
    DROP COLUMN active;
