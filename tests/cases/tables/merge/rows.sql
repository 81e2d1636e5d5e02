INSERT INTO customers (id, name) VALUES (1, 'ann');
INSERT INTO addresses (id, customer_id, street, city) VALUES (7, 1, 'High Street 1', 'Bonn');
