-- upgrade
CREATE TABLE child (
    id INTEGER NOT NULL PRIMARY KEY,
    parent_id INTEGER CHECK (parent_id > 0) REFERENCES parent (id)
);

CREATE INDEX child_parent_id_check ON child (parent_id, id);

CREATE INDEX child_parent_id_fkey ON child (parent_id);

-- rollback
DROP TABLE child;
