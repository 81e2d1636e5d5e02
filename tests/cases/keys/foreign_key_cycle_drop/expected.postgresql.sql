-- upgrade
ALTER TABLE b DROP CONSTRAINT fk_b_a;

DROP TABLE a;

DROP TABLE b;

-- rollback
CREATE TABLE b (
    id SERIAL,
    a_id INTEGER,
    CONSTRAINT b_pkey PRIMARY KEY (id)
);

CREATE TABLE a (
    id SERIAL,
    b_id INTEGER,
    CONSTRAINT a_pkey PRIMARY KEY (id),
    CONSTRAINT fk_a_b FOREIGN KEY (b_id) REFERENCES b (id)
);

ALTER TABLE b ADD CONSTRAINT fk_b_a FOREIGN KEY (a_id) REFERENCES a (id);
