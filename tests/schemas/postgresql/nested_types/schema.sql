CREATE TYPE currency AS ENUM ('EUR', 'USD');
CREATE TYPE money_of AS (amount numeric(12, 2), currency currency);
CREATE DOMAIN price AS money_of CHECK ((VALUE).amount >= 0);
CREATE TABLE products (id integer PRIMARY KEY, name text, price price);
CREATE FUNCTION in_euro(p price) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT CASE (p).currency WHEN 'EUR' THEN (p).amount ELSE (p).amount * 0.9 END $$;
CREATE VIEW prices AS SELECT id, in_euro(price) AS euro FROM products;
