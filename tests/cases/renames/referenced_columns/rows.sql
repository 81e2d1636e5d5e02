INSERT INTO orders (country, number) VALUES (1, 1), (1, 2);
INSERT INTO lines (id, country, number) VALUES (1, 1, 2);
