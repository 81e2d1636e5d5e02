-- upgrade
DROP TRIGGER gone ON users;

DROP TRIGGER noted ON users;

DROP EVENT TRIGGER seen;

DROP VIEW totals;

DROP AGGREGATE total(integer);

DROP FUNCTION label(integer);

CREATE OR REPLACE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log (line) VALUES (TG_OP || NEW.name);
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION noted() IS 'writes the log with the operation';

CREATE OR REPLACE FUNCTION twice(n int, times int DEFAULT 2) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT n * times + 0 $$;

CREATE OR REPLACE RULE kept AS ON DELETE TO log WHERE old.line IN ('keep', 'held') DO INSTEAD NOTHING;

CREATE FUNCTION label(int) RETURNS varchar LANGUAGE sql AS 'SELECT $1::text';

CREATE FUNCTION pair(OUT a integer, OUT b text) LANGUAGE sql AS $$ SELECT 1, 'b'::text $$;

CREATE FUNCTION rows_of(smallest int) RETURNS TABLE(id int, name text) LANGUAGE sql AS $$ SELECT id, name FROM users WHERE id > smallest $$;

CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '7', PARALLEL = SAFE);

CREATE VIEW totals AS
SELECT total(id) AS total FROM users;

CREATE EVENT TRIGGER seen ON ddl_command_end WHEN TAG IN ('DROP SCHEMA', 'CREATE SCHEMA') EXECUTE FUNCTION seen();

CREATE TRIGGER fresh BEFORE UPDATE ON log FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*) EXECUTE FUNCTION noted();

CREATE TRIGGER noted AFTER INSERT OR UPDATE OF name ON users FOR EACH ROW EXECUTE FUNCTION noted();

-- rollback
DROP TRIGGER noted ON users;

DROP TRIGGER fresh ON log;

DROP EVENT TRIGGER seen;

DROP VIEW totals;

DROP AGGREGATE total(integer);

DROP FUNCTION rows_of(smallest integer);

DROP FUNCTION pair(OUT a integer, OUT b text);

DROP FUNCTION label(integer);

CREATE OR REPLACE RULE kept AS
    ON DELETE TO public.log
   WHERE (old.line = 'keep'::text) DO INSTEAD NOTHING;

CREATE OR REPLACE FUNCTION public.twice(n integer, times integer DEFAULT 2)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT n * times $function$;

CREATE OR REPLACE FUNCTION public.noted()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    INSERT INTO log (line) VALUES (NEW.name);
    RETURN NEW;
END
$function$;

COMMENT ON FUNCTION noted() IS 'writes the log';

CREATE OR REPLACE FUNCTION public.label(integer)
 RETURNS text
 LANGUAGE sql
AS $function$SELECT $1::text$function$;

CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer);

COMMENT ON AGGREGATE total(integer) IS 'of integers';

CREATE VIEW totals AS
 SELECT total(users.id) AS total
   FROM users;

CREATE EVENT TRIGGER seen ON ddl_command_end WHEN TAG IN ('DROP SCHEMA') EXECUTE FUNCTION seen();

CREATE TRIGGER noted AFTER INSERT ON public.users FOR EACH ROW EXECUTE FUNCTION noted();

CREATE TRIGGER gone BEFORE DELETE ON public.users FOR EACH STATEMENT EXECUTE FUNCTION suppress_redundant_updates_trigger();
