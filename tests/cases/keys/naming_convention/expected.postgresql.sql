-- upgrade
CREATE TABLE p (
    id SERIAL,
    code VARCHAR(3),
    CONSTRAINT pk_p PRIMARY KEY (id),
    CONSTRAINT uq_p_code UNIQUE (code)
);

CREATE TABLE c (
    id SERIAL,
    p_id INTEGER,
    a_column_with_an_extraordinarily_long_name_that_must_be_cut INTEGER,
    CONSTRAINT pk_c PRIMARY KEY (id),
    CONSTRAINT ck_c_positive CHECK (p_id > 0),
    CONSTRAINT fk_c_p_id_p FOREIGN KEY (p_id) REFERENCES p (id)
);

CREATE INDEX ix_c_a_column_with_an_extraordinarily_long_name_that_mu_26a3 ON c (a_column_with_an_extraordinarily_long_name_that_must_be_cut);

CREATE INDEX ix_c_p_id ON c (p_id);

-- rollback
DROP TABLE c;

DROP TABLE p;
