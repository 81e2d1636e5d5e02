-- upgrade
ALTER TABLE a DROP CONSTRAINT fk_a_b;

DROP TABLE b;

DROP TABLE a;

-- rollback
CREATE TABLE a (
    id SERIAL,
    b_id INTEGER,
    CONSTRAINT a_pkey PRIMARY KEY (id)
);

CREATE TABLE b (
    id SERIAL,
    a_id INTEGER,
    CONSTRAINT b_pkey PRIMARY KEY (id),
    CONSTRAINT fk_b_a FOREIGN KEY (a_id) REFERENCES a (id)
);

ALTER TABLE a ADD CONSTRAINT fk_a_b FOREIGN KEY (b_id) REFERENCES b (id);
