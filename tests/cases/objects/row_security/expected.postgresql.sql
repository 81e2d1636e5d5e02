-- upgrade
DROP POLICY checked ON accounts;

DROP POLICY gone ON accounts;

DROP POLICY no_deletes ON accounts;

DROP POLICY "own rows" ON accounts;

ALTER TABLE accounts FORCE ROW LEVEL SECURITY;

ALTER TABLE notes ENABLE ROW LEVEL SECURITY;

ALTER TABLE accounts ALTER COLUMN tenant TYPE BIGINT;

ALTER POLICY readers ON accounts TO pg_monitor, pg_read_all_data;

CREATE TABLE log (
    id SERIAL,
    PRIMARY KEY (id)
);

ALTER TABLE log ENABLE ROW LEVEL SECURITY;

ALTER TABLE log FORCE ROW LEVEL SECURITY;

CREATE POLICY checked ON accounts AS PERMISSIVE FOR UPDATE TO PUBLIC USING (id > 0);

CREATE POLICY no_deletes ON accounts AS PERMISSIVE FOR DELETE TO PUBLIC USING (kind <> 'final');

CREATE POLICY "own rows" ON accounts AS PERMISSIVE FOR ALL TO PUBLIC USING (accounts.tenant = CAST(current_setting('app.tenant') AS BIGINT));

COMMENT ON POLICY "own rows" ON accounts IS 'a tenant sees its own rows';

CREATE POLICY "all" ON log AS PERMISSIVE FOR ALL TO PUBLIC USING (true) WITH CHECK (false);

CREATE POLICY mine ON notes AS PERMISSIVE FOR ALL TO PUBLIC USING (notes.writer = CURRENT_USER);

CREATE POLICY of_tenants ON notes AS PERMISSIVE FOR ALL TO PUBLIC USING (EXISTS (SELECT FROM tenants t JOIN notes n ON n.id = t.id WHERE t.name = writer));

-- rollback
DROP POLICY of_tenants ON notes;

DROP POLICY mine ON notes;

DROP POLICY "all" ON log;

DROP POLICY "own rows" ON accounts;

DROP POLICY no_deletes ON accounts;

DROP POLICY checked ON accounts;

DROP TABLE log;

ALTER POLICY readers ON accounts TO pg_monitor;

ALTER TABLE accounts ALTER COLUMN tenant TYPE INTEGER;

ALTER TABLE notes DISABLE ROW LEVEL SECURITY;

ALTER TABLE accounts NO FORCE ROW LEVEL SECURITY;

CREATE POLICY "own rows" ON accounts AS PERMISSIVE FOR ALL TO PUBLIC USING ((tenant = (current_setting('app.tenant'::text))::integer));

COMMENT ON POLICY "own rows" ON accounts IS 'a tenant sees its rows';

CREATE POLICY no_deletes ON accounts AS RESTRICTIVE FOR DELETE TO PUBLIC USING (((kind)::text <> 'final'::text));

CREATE POLICY gone ON accounts AS PERMISSIVE FOR INSERT TO PUBLIC WITH CHECK ((tenant > 0));

CREATE POLICY checked ON accounts AS PERMISSIVE FOR UPDATE TO PUBLIC USING ((id > 0)) WITH CHECK ((id > 1));
