DROP TRIGGER touched ON documents;
CREATE TRIGGER touched BEFORE UPDATE ON documents FOR EACH ROW WHEN (OLD.body IS DISTINCT FROM NEW.body) EXECUTE FUNCTION touched();
CREATE OR REPLACE VIEW tagged AS SELECT d.id, t.tag FROM documents d CROSS JOIN LATERAL unnest(d.tags) AS t (tag) WHERE t.tag <> '';
