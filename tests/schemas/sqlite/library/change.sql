DROP VIEW overdue;
CREATE VIEW overdue AS SELECT title FROM lent WHERE since < date('now', '-14 days');
DROP TRIGGER once;
CREATE TRIGGER once BEFORE INSERT ON loans WHEN EXISTS (SELECT 1 FROM loans WHERE book = NEW.book AND back IS NULL)
BEGIN SELECT RAISE(ABORT, 'already lent out'); END;
CREATE VIEW authors AS SELECT DISTINCT author FROM books;
