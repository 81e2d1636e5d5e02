INSERT INTO users (id, name, age, active) VALUES (1, 'Ann', 20, true);
INSERT INTO users (id, name, age, active) VALUES (2, 'Bob', 70, false);
