-- upgrade
ALTER TABLE visits
    ADD COLUMN site UInt32,
    MODIFY ORDER BY (id, site);

ALTER TABLE visits ADD COLUMN note String;

-- rollback
ALTER TABLE visits DROP COLUMN note;

ALTER TABLE visits MODIFY ORDER BY id;

ALTER TABLE visits DROP COLUMN site;
