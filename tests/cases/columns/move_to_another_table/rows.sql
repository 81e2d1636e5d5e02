INSERT INTO customers (id, name, phone) VALUES (1, 'ann', '0228');
INSERT INTO accounts (id, customer_id) VALUES (5, 1);
