DROP VIEW full_names;
CREATE OR REPLACE VIEW active AS SELECT id, first, last FROM contacts WHERE deleted_at IS NULL AND last <> '' WITH LOCAL CHECK OPTION;
CREATE VIEW full_names AS SELECT id, initcap(first || ' ' || last) AS name FROM active;
CREATE TRIGGER split_name INSTEAD OF INSERT ON full_names FOR EACH ROW EXECUTE FUNCTION split_name();
CREATE OR REPLACE RULE soft_delete AS ON DELETE TO contacts WHERE old.deleted_at IS NULL DO INSTEAD UPDATE contacts SET deleted_at = now() WHERE contacts.id = old.id;
