CREATE SEQUENCE part_numbers INCREMENT 10 MINVALUE 100 START 100 CACHE 5;
CREATE TABLE parts (number integer PRIMARY KEY DEFAULT nextval('part_numbers'), name varchar(80) NOT NULL, made_of integer[]);
CREATE TABLE stock (part integer REFERENCES parts (number), place text, amount integer NOT NULL DEFAULT 0, PRIMARY KEY (part, place));
CREATE VIEW totals (part, total) AS SELECT part, sum(amount) FROM stock GROUP BY part;
CREATE VIEW tree AS WITH RECURSIVE t AS (
    SELECT number, made_of, 1 AS depth FROM parts UNION ALL SELECT p.number, p.made_of, t.depth + 1 FROM parts p JOIN t ON p.number = ANY (t.made_of)
) SELECT number, max(depth) AS depth FROM t GROUP BY number;
CREATE FUNCTION missing() RETURNS SETOF integer LANGUAGE sql STABLE AS $$ SELECT number FROM parts EXCEPT SELECT part FROM totals WHERE total > 0 $$;
