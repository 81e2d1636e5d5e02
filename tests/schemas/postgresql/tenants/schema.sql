CREATE TABLE tenants (id integer PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE documents (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id integer NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    title text NOT NULL,
    secret boolean NOT NULL DEFAULT false
);
CREATE FUNCTION current_tenant() RETURNS integer LANGUAGE sql STABLE AS $$ SELECT current_setting('app.tenant', true)::integer $$;
ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON documents USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY hidden ON documents AS RESTRICTIVE FOR SELECT USING (NOT secret);
CREATE VIEW titles WITH (security_invoker) AS SELECT id, title FROM documents;
