DROP VIEW names;
CREATE VIEW names AS SELECT id, upper(first || ' ' || last) AS name FROM people;
CREATE TRIGGER add_name INSTEAD OF INSERT ON names BEGIN
    INSERT INTO people (first, last) VALUES (substr(NEW.name, 1, instr(NEW.name, ' ') - 1), substr(NEW.name, instr(NEW.name, ' ') + 1));
END;
CREATE TRIGGER drop_name INSTEAD OF DELETE ON names BEGIN DELETE FROM people WHERE id = OLD.id; END;
