INSERT INTO items (id, n) VALUES (1, 2), (2, 3);
