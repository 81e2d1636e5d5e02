-- upgrade
REVOKE ALL (name) ON accounts FROM PUBLIC;

REVOKE ALL ON accounts FROM pg_read_all_data;

REVOKE ALL ON TYPE mood FROM pg_monitor;

DROP VIEW names;

ALTER TABLE accounts ALTER COLUMN balance TYPE BIGINT;

GRANT CREATE ON SCHEMA shop TO pg_monitor;

REVOKE INSERT ON accounts FROM pg_monitor;

REVOKE GRANT OPTION FOR UPDATE ON accounts FROM pg_monitor;

GRANT DELETE ON accounts TO pg_monitor;

GRANT SELECT ON SEQUENCE numbers TO pg_monitor;

GRANT EXECUTE ON FUNCTION twice(n integer) TO pg_monitor WITH GRANT OPTION;

CREATE TABLE log (
    id SERIAL,
    PRIMARY KEY (id)
);

ALTER TABLE accounts ADD COLUMN email TEXT;

CREATE VIEW names AS
SELECT id, name, balance FROM accounts;

GRANT SELECT (email) ON accounts TO PUBLIC;

GRANT INSERT, SELECT ON log TO pg_monitor;

GRANT SELECT ON names TO pg_monitor;

GRANT SELECT ON names TO pg_read_all_data;

REVOKE ALL ON FUNCTION twice(n integer) FROM PUBLIC;

GRANT SELECT ON shop.sales TO pg_monitor;

-- rollback
REVOKE ALL ON shop.sales FROM pg_monitor;

GRANT EXECUTE ON FUNCTION twice(n integer) TO PUBLIC;

REVOKE ALL ON names FROM pg_read_all_data;

DROP VIEW names;

ALTER TABLE accounts DROP COLUMN email;

DROP TABLE log;

REVOKE GRANT OPTION FOR EXECUTE ON FUNCTION twice(n integer) FROM pg_monitor;

REVOKE SELECT ON SEQUENCE numbers FROM pg_monitor;

REVOKE DELETE ON accounts FROM pg_monitor;

GRANT INSERT ON accounts TO pg_monitor;

GRANT UPDATE ON accounts TO pg_monitor WITH GRANT OPTION;

REVOKE CREATE ON SCHEMA shop FROM pg_monitor;

ALTER TABLE accounts ALTER COLUMN balance TYPE INTEGER;

CREATE VIEW names AS
 SELECT accounts.id,
    accounts.name,
    accounts.balance
   FROM accounts;

GRANT SELECT ON names TO pg_monitor;

GRANT USAGE ON TYPE mood TO pg_monitor;

GRANT DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE ON accounts TO pg_read_all_data;

GRANT SELECT (name) ON accounts TO PUBLIC;
