CREATE OR REPLACE FUNCTION audited() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO audit (operation, before, after, by) VALUES (TG_OP, to_jsonb(OLD), to_jsonb(NEW), session_user);
    RETURN COALESCE(NEW, OLD);
END
$$;
ALTER TABLE audit ADD COLUMN by name;
DROP TRIGGER audited ON accounts;
CREATE TRIGGER audited AFTER INSERT OR UPDATE OF balance, owner OR DELETE ON accounts FOR EACH ROW EXECUTE FUNCTION audited();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refused();
