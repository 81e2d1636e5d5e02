-- upgrade
DROP TABLE audit.log;

DROP SCHEMA audit;

CREATE SCHEMA shop;

CREATE TABLE shop.sales (
    id SERIAL,
    PRIMARY KEY (id)
);

-- rollback
DROP TABLE shop.sales;

DROP SCHEMA shop;

CREATE SCHEMA audit;

CREATE TABLE audit.log (
    id SERIAL,
    CONSTRAINT log_pkey PRIMARY KEY (id)
);
