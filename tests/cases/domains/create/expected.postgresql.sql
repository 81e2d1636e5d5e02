-- upgrade
CREATE DOMAIN zip AS VARCHAR(5) CONSTRAINT zip_check CHECK (length(VALUE) = 5);

CREATE TABLE t (
    id SERIAL,
    zip zip,
    PRIMARY KEY (id)
);

-- rollback
DROP TABLE t;

DROP DOMAIN zip;
