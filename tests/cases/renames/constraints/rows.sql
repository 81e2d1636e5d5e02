INSERT INTO items (id, code, price) VALUES (1, 'a', 3);
