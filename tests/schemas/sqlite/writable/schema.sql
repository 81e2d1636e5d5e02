CREATE TABLE people (id INTEGER NOT NULL PRIMARY KEY, first TEXT, last TEXT);
CREATE VIEW names AS SELECT id, first || ' ' || last AS name FROM people;
CREATE TRIGGER add_name INSTEAD OF INSERT ON names BEGIN
    INSERT INTO people (first, last) VALUES (substr(NEW.name, 1, instr(NEW.name, ' ') - 1), substr(NEW.name, instr(NEW.name, ' ') + 1));
END;
