INSERT INTO orders (id, cents) VALUES (1, 100), (2, NULL);
