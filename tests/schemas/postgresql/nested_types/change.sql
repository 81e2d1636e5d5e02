CREATE OR REPLACE FUNCTION in_euro(p price) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT CASE (p).currency WHEN 'EUR' THEN (p).amount ELSE (p).amount * 0.95 END $$;
ALTER TABLE products ADD COLUMN sold boolean NOT NULL DEFAULT false;
CREATE OR REPLACE VIEW prices AS SELECT id, in_euro(price) AS euro FROM products WHERE NOT sold;
