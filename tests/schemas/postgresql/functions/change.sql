CREATE OR REPLACE FUNCTION children(of text) RETURNS SETOF pages LANGUAGE sql STABLE AS $$ SELECT * FROM pages WHERE parent = of ORDER BY id $$;
DROP FUNCTION counted(text);
CREATE FUNCTION counted(of text, OUT n bigint, OUT longest integer, OUT shortest integer) LANGUAGE sql STABLE AS $$ SELECT count(*), max(length(title)), min(length(title)) FROM children(of) $$;
CREATE FUNCTION slug(title text, separator text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT replace(slug(title), '-', separator) $$;
DROP AGGREGATE joined(text);
CREATE AGGREGATE joined(text) (SFUNC = textcat, STYPE = text, INITCOND = '>');
