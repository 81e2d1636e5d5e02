INSERT INTO customers (id, name, street, city) VALUES (1, 'ann', 'High Street 1', 'Bonn');
INSERT INTO customers (id, name) VALUES (2, 'bob');
