INSERT INTO sales.orders (mood) VALUES ('sad'), ('ok');
INSERT INTO visits (id, order_id) VALUES (1, 1);
