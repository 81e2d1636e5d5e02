INSERT INTO users (id, name, age) VALUES (1, 'Ann', 20);
