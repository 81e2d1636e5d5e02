INSERT INTO orders (id, cents, note) VALUES (1, 100, 'a'), (2, NULL, NULL);
