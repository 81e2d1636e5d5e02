-- upgrade
CREATE TABLE b (
    id SERIAL,
    a_id INTEGER,
    PRIMARY KEY (id)
);

CREATE TABLE a (
    id SERIAL,
    b_id INTEGER,
    PRIMARY KEY (id),
    CONSTRAINT fk_a_b FOREIGN KEY (b_id) REFERENCES b (id)
);

ALTER TABLE b ADD CONSTRAINT fk_b_a FOREIGN KEY (a_id) REFERENCES a (id);

-- rollback
ALTER TABLE b DROP CONSTRAINT fk_b_a;

DROP TABLE a;

DROP TABLE b;
