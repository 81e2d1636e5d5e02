CREATE VIEW adults AS SELECT users.id, users.name FROM users WHERE users.age >= 21;
CREATE VIEW names AS SELECT name FROM adults;
CREATE TRIGGER noted AFTER INSERT ON users FOR EACH ROW
BEGIN
    INSERT INTO log (line) VALUES ('+' || NEW.name);
END;
CREATE TRIGGER named INSTEAD OF INSERT ON names BEGIN INSERT INTO users (name, age) VALUES (NEW.name, 18); END;
CREATE VIEW lines AS SELECT line FROM log ORDER BY id;
