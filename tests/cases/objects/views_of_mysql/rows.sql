INSERT INTO users VALUES (1, 'a', 20, 1), (2, 'b', 30, 0);
