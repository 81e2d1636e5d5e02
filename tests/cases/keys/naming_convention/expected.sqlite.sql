-- upgrade
CREATE TABLE p (
    id INTEGER NOT NULL CONSTRAINT pk_p PRIMARY KEY,
    code VARCHAR(3),
    CONSTRAINT uq_p_code UNIQUE (code)
);

CREATE TABLE c (
    id INTEGER NOT NULL CONSTRAINT pk_c PRIMARY KEY,
    p_id INTEGER CONSTRAINT ck_c_positive CHECK (p_id > 0) CONSTRAINT fk_c_p_id_p REFERENCES p (id),
    a_column_with_an_extraordinarily_long_name_that_must_be_cut INTEGER
);

CREATE INDEX ix_c_a_column_with_an_extraordinarily_long_name_that_must_be_cut ON c (a_column_with_an_extraordinarily_long_name_that_must_be_cut);

CREATE INDEX ix_c_p_id ON c (p_id);

-- rollback
DROP TABLE c;

DROP TABLE p;
