-- upgrade
DROP FOREIGN TABLE readings;

DROP SERVER files;

ALTER SERVER billing VERSION '2' OPTIONS (DROP fetch_size, SET host 'db2', ADD port '5433');

COMMENT ON SERVER billing IS 'the books';

ALTER FOREIGN TABLE invoices OPTIONS (ADD schema_name 'books', SET table_name 'invoices');

COMMENT ON FOREIGN TABLE invoices IS 'of the other database';

ALTER FOREIGN TABLE invoices ALTER COLUMN customer SET NOT NULL;

ALTER FOREIGN TABLE invoices ALTER COLUMN nr TYPE BIGINT;

ALTER FOREIGN TABLE invoices ALTER COLUMN nr OPTIONS (SET column_name 'nr');

CREATE SERVER archive FOREIGN DATA WRAPPER file_fdw;

CREATE FOREIGN TABLE letters (
    id INTEGER NOT NULL,
    text VARCHAR(10) OPTIONS (force_null 'true')
) SERVER archive OPTIONS (filename '/srv/letters.csv');

ALTER FOREIGN TABLE invoices ADD COLUMN amount NUMERIC(10, 2) OPTIONS (column_name 'total');

ALTER FOREIGN TABLE invoices ADD CONSTRAINT amount_is_positive CHECK (amount >= 0);

-- rollback
ALTER FOREIGN TABLE invoices DROP CONSTRAINT amount_is_positive;

ALTER FOREIGN TABLE invoices DROP COLUMN amount;

DROP FOREIGN TABLE letters;

DROP SERVER archive;

ALTER FOREIGN TABLE invoices ALTER COLUMN nr TYPE INTEGER;

ALTER FOREIGN TABLE invoices ALTER COLUMN nr OPTIONS (SET column_name 'number');

ALTER FOREIGN TABLE invoices ALTER COLUMN customer DROP NOT NULL;

ALTER FOREIGN TABLE invoices OPTIONS (DROP schema_name, SET table_name 'bills');

COMMENT ON FOREIGN TABLE invoices IS NULL;

ALTER SERVER billing VERSION '1' OPTIONS (DROP port, ADD fetch_size '100', SET host 'db1');

COMMENT ON SERVER billing IS NULL;

CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;

CREATE FOREIGN TABLE readings (
    sensor INTEGER NOT NULL,
    unit VARCHAR(10) DEFAULT 'm'::character varying,
    note VARCHAR(20) OPTIONS (force_not_null 'true'),
    CONSTRAINT sensor_is_positive CHECK (sensor > 0)
) SERVER files OPTIONS (filename '/srv/readings.csv', format 'csv');

COMMENT ON FOREIGN TABLE readings IS 'what the sensors said';
