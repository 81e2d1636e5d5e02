INSERT INTO orders (id, cents) VALUES (1, 5), (2, 500);
