-- upgrade
CREATE TABLE child (
    id SERIAL,
    parent_id INTEGER,
    PRIMARY KEY (id),
    CHECK (parent_id > 0),
    FOREIGN KEY (parent_id) REFERENCES parent (id)
);

CREATE INDEX child_parent_id_check ON child (parent_id, id);

CREATE INDEX child_parent_id_fkey ON child (parent_id);

-- rollback
DROP TABLE child;
