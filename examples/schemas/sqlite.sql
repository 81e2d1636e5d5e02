-- A sample of every kind of object that DBWarden knows on SQLite.
CREATE TABLE users (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    email VARCHAR(120) NOT NULL COLLATE NOCASE UNIQUE,
    level INTEGER NOT NULL DEFAULT 1 CONSTRAINT above_zero CHECK (level > 0),
    name TEXT,
    initial TEXT GENERATED ALWAYS AS (substr(name, 1, 1)) STORED
);
CREATE TABLE orders (
    number INTEGER NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    title TEXT NOT NULL
);
CREATE TABLE tags (name TEXT NOT NULL PRIMARY KEY, weight REAL) WITHOUT ROWID, STRICT;
CREATE TABLE log (at DATETIME DEFAULT CURRENT_TIMESTAMP, line TEXT);
CREATE INDEX orders_title ON orders (lower(title) DESC) WHERE title <> '';
CREATE UNIQUE INDEX orders_once ON orders (user_id, title);
CREATE VIEW heavy_users AS
    SELECT id, email FROM users WHERE level > 9;
CREATE VIEW totals (id, orders) AS SELECT heavy_users.id, count(*) FROM heavy_users JOIN orders ON user_id = heavy_users.id GROUP BY 1;
CREATE TRIGGER noted AFTER UPDATE OF email ON users WHEN NEW.level > 1
BEGIN
    INSERT INTO log (line) VALUES (NEW.email || '; was ' || OLD.email);

    DELETE FROM log WHERE line IS NULL;
END;
CREATE TRIGGER renamed INSTEAD OF UPDATE ON heavy_users BEGIN UPDATE users SET email = NEW.email WHERE id = OLD.id; END;
