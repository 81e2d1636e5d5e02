-- upgrade
CREATE OR REPLACE FUNCTION euro(n integer) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT n / 99.0 $$;

CREATE OR REPLACE VIEW priced AS
SELECT id, cents FROM orders WHERE cents > 10;

REFRESH MATERIALIZED VIEW CONCURRENTLY prices;

REFRESH MATERIALIZED VIEW highest;

-- rollback
CREATE OR REPLACE VIEW priced AS
 SELECT orders.id,
    orders.cents
   FROM orders
  WHERE (orders.cents > 0);

CREATE OR REPLACE FUNCTION public.euro(n integer)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT n / 100.0 $function$;

REFRESH MATERIALIZED VIEW CONCURRENTLY prices;

REFRESH MATERIALIZED VIEW highest;
