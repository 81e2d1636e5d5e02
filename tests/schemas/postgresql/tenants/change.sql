ALTER TABLE documents FORCE ROW LEVEL SECURITY;
ALTER POLICY hidden ON documents USING (NOT secret OR tenant_id = 1);
CREATE POLICY insertable ON documents FOR INSERT WITH CHECK (title <> '');
ALTER TABLE documents ADD COLUMN body text;
