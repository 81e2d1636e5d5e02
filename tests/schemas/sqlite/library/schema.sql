CREATE TABLE books (id INTEGER NOT NULL PRIMARY KEY, title TEXT NOT NULL, author TEXT, year INTEGER);
CREATE TABLE loans (id INTEGER NOT NULL PRIMARY KEY, book INTEGER NOT NULL REFERENCES books (id), since TEXT DEFAULT CURRENT_TIMESTAMP, back TEXT);
CREATE INDEX open_loans ON loans (book) WHERE back IS NULL;
CREATE VIEW lent AS SELECT b.title, l.since FROM books b JOIN loans l ON l.book = b.id WHERE l.back IS NULL;
CREATE VIEW overdue AS SELECT title FROM lent WHERE since < date('now', '-30 days');
CREATE TRIGGER once BEFORE INSERT ON loans WHEN EXISTS (SELECT 1 FROM loans WHERE book = NEW.book AND back IS NULL)
BEGIN SELECT RAISE(ABORT, 'already lent'); END;
