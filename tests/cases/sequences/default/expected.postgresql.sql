-- upgrade
CREATE SEQUENCE code_seq START WITH 7;

CREATE TABLE t (
    id SERIAL,
    code INTEGER DEFAULT nextval('code_seq'),
    PRIMARY KEY (id)
);

-- rollback
DROP TABLE t;

DROP SEQUENCE code_seq;
