CREATE TABLE migrations_seen (at timestamptz DEFAULT now(), tag text);
CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO migrations_seen (tag) VALUES (tg_tag);
END
$$;
CREATE EVENT TRIGGER seen ON ddl_command_end WHEN TAG IN ('CREATE SCHEMA') EXECUTE FUNCTION seen();
COMMENT ON EVENT TRIGGER seen IS 'writes down new schemas';
