INSERT INTO items (name) VALUES ('x');
