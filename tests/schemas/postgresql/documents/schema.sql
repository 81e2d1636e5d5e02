CREATE TABLE documents (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), body jsonb NOT NULL DEFAULT '{}', tags text[] NOT NULL DEFAULT '{}');
CREATE FUNCTION title(d documents) RETURNS text LANGUAGE sql STABLE AS $$ SELECT d.body ->> 'title' $$;
CREATE INDEX by_body ON documents USING gin (body jsonb_path_ops);
CREATE INDEX by_title ON documents (lower(body ->> 'title'));
CREATE INDEX by_tags ON documents USING gin (tags);
CREATE VIEW tagged AS SELECT d.id, t.tag FROM documents d CROSS JOIN LATERAL unnest(d.tags) AS t (tag);
CREATE VIEW titles AS SELECT id, title(documents) AS title FROM documents;
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.body := NEW.body || jsonb_build_object('at', now()); RETURN NEW; END $$;
CREATE TRIGGER touched BEFORE INSERT OR UPDATE ON documents FOR EACH ROW WHEN (NEW.body <> '{}'::jsonb) EXECUTE FUNCTION touched();
