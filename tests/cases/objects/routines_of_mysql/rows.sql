INSERT INTO users (id, name, age) VALUES (1, 'a', 20), (2, 'b', 30);
