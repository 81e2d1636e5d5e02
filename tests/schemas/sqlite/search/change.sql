DROP VIEW ranked;
DROP VIEW long_pages;
CREATE VIEW long_pages AS SELECT path, length(body) AS letters FROM pages WHERE length(body) > 500;
CREATE VIEW ranked AS SELECT path, row_number() OVER (ORDER BY letters DESC) AS place FROM long_pages;
CREATE TRIGGER retrimmed AFTER UPDATE OF body ON pages WHEN NEW.body <> trim(NEW.body) BEGIN UPDATE pages SET body = trim(NEW.body) WHERE id = NEW.id; END;
