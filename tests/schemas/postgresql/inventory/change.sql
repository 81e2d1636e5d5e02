ALTER TABLE parts ALTER COLUMN name TYPE varchar(120);
ALTER TABLE stock ADD COLUMN counted_at date;
DROP FUNCTION missing();
CREATE FUNCTION missing(smallest integer) RETURNS SETOF integer LANGUAGE sql STABLE AS $$ SELECT number FROM parts EXCEPT SELECT part FROM totals WHERE total > smallest $$;
