-- renames: domain old_domain:new_domain

-- upgrade
ALTER DOMAIN old_domain RENAME TO new_domain;

DROP RULE old_rule ON t;

DROP EVENT TRIGGER old_event;

DROP AGGREGATE old_sum(integer);

DROP PROCEDURE old_tidy();

DROP MATERIALIZED VIEW old_rows;

DROP FUNCTION old();

DROP TYPE hours;

DROP TYPE spans;

DROP EXTENSION citext;

CREATE OR REPLACE PROCEDURE tidy() LANGUAGE sql AS 'DELETE FROM t WHERE n < 2';

CREATE EXTENSION IF NOT EXISTS hstore;

CREATE TYPE days AS RANGE (subtype = date);

CREATE TYPE spans AS RANGE (subtype = bigint);

CREATE FUNCTION new() RETURNS integer LANGUAGE sql AS 'SELECT 1';

CREATE MATERIALIZED VIEW new_rows AS
SELECT n FROM t;

CREATE PROCEDURE new_tidy() LANGUAGE sql AS 'DELETE FROM t WHERE n < 0';

CREATE AGGREGATE new_sum(integer) (SFUNC = int4pl, STYPE = integer);

CREATE EVENT TRIGGER new_event ON sql_drop EXECUTE FUNCTION seen();

CREATE RULE new_rule AS ON DELETE TO t DO INSTEAD NOTHING;

-- rollback
DROP RULE new_rule ON t;

DROP EVENT TRIGGER new_event;

DROP AGGREGATE new_sum(integer);

DROP PROCEDURE new_tidy();

DROP MATERIALIZED VIEW new_rows;

DROP FUNCTION new();

DROP TYPE spans;

DROP TYPE days;

DROP EXTENSION hstore;

CREATE EXTENSION IF NOT EXISTS citext;

CREATE TYPE spans AS RANGE (subtype = integer);

CREATE TYPE hours AS RANGE (subtype = time without time zone);

CREATE OR REPLACE FUNCTION public.old()
 RETURNS integer
 LANGUAGE sql
AS $function$SELECT 1$function$;

CREATE MATERIALIZED VIEW old_rows AS
 SELECT t.n
   FROM t;

CREATE OR REPLACE PROCEDURE public.old_tidy()
 LANGUAGE sql
AS $procedure$DELETE FROM t WHERE n < 0$procedure$;

CREATE AGGREGATE old_sum(integer) (SFUNC = int4pl, STYPE = integer);

CREATE EVENT TRIGGER old_event ON ddl_command_end EXECUTE FUNCTION seen();

CREATE RULE old_rule AS
    ON DELETE TO public.t
   WHERE (old.n > 0) DO INSTEAD NOTHING;

ALTER DOMAIN new_domain RENAME TO old_domain;

CREATE OR REPLACE PROCEDURE public.tidy()
 LANGUAGE sql
AS $procedure$DELETE FROM t WHERE n < 1$procedure$;
