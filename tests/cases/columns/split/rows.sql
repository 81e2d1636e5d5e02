INSERT INTO customers (id, size) VALUES (1, '20x30');
