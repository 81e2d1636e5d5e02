CREATE FUNCTION slug(title text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT regexp_replace(lower(title), '[^a-z0-9]+', '-', 'g') $$;
CREATE FUNCTION path(parent text, title text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(parent || '/', '') || slug(title) $$;
CREATE TABLE pages (id integer PRIMARY KEY, title text NOT NULL, slug text GENERATED ALWAYS AS (slug(title)) STORED, parent text);
CREATE INDEX by_path ON pages (path(parent, title));
CREATE FUNCTION children(of text) RETURNS SETOF pages LANGUAGE sql STABLE AS $$ SELECT * FROM pages WHERE parent = of $$;
CREATE FUNCTION counted(of text, OUT n bigint, OUT longest integer) LANGUAGE sql STABLE AS $$ SELECT count(*), max(length(title)) FROM children(of) $$;
CREATE PROCEDURE move(INOUT page integer, target text) LANGUAGE plpgsql AS $$ BEGIN UPDATE pages SET parent = target WHERE id = page; END $$;
CREATE AGGREGATE joined(text) (SFUNC = textcat, STYPE = text, INITCOND = '');
CREATE VIEW trails AS SELECT id, path(parent, title) AS trail FROM pages;
