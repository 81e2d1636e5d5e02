INSERT INTO people (name, login, code) VALUES ('a', 'b', 'c');
