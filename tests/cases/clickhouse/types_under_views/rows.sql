INSERT INTO orders (id, cents) VALUES (1, 500), (2, 0);
