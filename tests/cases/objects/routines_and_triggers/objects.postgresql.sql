CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log (line) VALUES (TG_OP || NEW.name);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION noted() IS 'writes the log with the operation';
CREATE TRIGGER noted AFTER INSERT OR UPDATE OF name ON users FOR EACH ROW EXECUTE FUNCTION noted();
CREATE FUNCTION twice(n int, times int DEFAULT 2) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT n * times + 0 $$;
CREATE FUNCTION label(varchar(20)) RETURNS text LANGUAGE sql STABLE RETURN 'a' || $1;
CREATE FUNCTION label(int) RETURNS varchar LANGUAGE sql AS 'SELECT $1::text';
CREATE VIEW labels AS SELECT id, twice(id) AS twice FROM users;
CREATE PROCEDURE tidy(INOUT n integer) LANGUAGE sql AS $$ DELETE FROM log WHERE id < n RETURNING id $$;
CREATE RULE kept AS ON DELETE TO log WHERE old.line IN ('keep', 'held') DO INSTEAD NOTHING;
CREATE FUNCTION pair(OUT a integer, OUT b text) LANGUAGE sql AS $$ SELECT 1, 'b'::text $$;
CREATE FUNCTION rows_of(smallest int) RETURNS TABLE(id int, name text) LANGUAGE sql AS $$ SELECT id, name FROM users WHERE id > smallest $$;
CREATE TRIGGER fresh BEFORE UPDATE ON log FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*) EXECUTE FUNCTION noted();
CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '7', PARALLEL = SAFE);
CREATE AGGREGATE counted(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
CREATE VIEW totals AS SELECT total(id) AS total FROM users;
CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER seen ON ddl_command_end WHEN TAG IN ('DROP SCHEMA', 'CREATE SCHEMA') EXECUTE FUNCTION seen();
