INSERT INTO items (item_id, code) VALUES (1, 7); INSERT INTO item_prices (id, item_id) VALUES (1, 1);
