CREATE TABLE pages (id INTEGER NOT NULL PRIMARY KEY, path TEXT NOT NULL UNIQUE, body TEXT NOT NULL DEFAULT '');
CREATE INDEX by_length ON pages (length(body));
CREATE VIEW long_pages AS SELECT path, length(body) AS letters FROM pages WHERE length(body) > 1000;
CREATE VIEW ranked AS SELECT path, row_number() OVER (ORDER BY letters DESC) AS place FROM long_pages;
CREATE TRIGGER trimmed AFTER INSERT ON pages WHEN NEW.body <> trim(NEW.body) BEGIN UPDATE pages SET body = trim(NEW.body) WHERE id = NEW.id; END;
